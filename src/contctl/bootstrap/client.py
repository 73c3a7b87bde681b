"""The composition of a gateway's client: this machine's own ports, and the wire."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from contctl.bootstrap.ports import places_of
from contctl.core.domain.places import LOCAL_SOCKET

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contctl.backends.gateway.probe import ProbingTransport
    from contctl.core.domain.ci_tokens import GivenToken
    from contctl.core.domain.places import Gateway, Place
    from contctl.core.ports import CredentialStores, FileModes, HostAccess
    from contctl.core.services.client_doctor import LocalPorts
    from contctl.core.services.remote import RemoteContctl


def gateway_contctl(
    environ: Mapping[str, str], local: LocalPorts, place: Place, gateway: Gateway
) -> RemoteContctl:
    """contctl at the gateway of `place`. local: the ports of this machine's user."""
    from contctl.backends.gateway.client import GatewayAuthority
    from contctl.core.services.remote import RemoteContctl

    ports = SystemClientPorts(environ, local, place, gateway)
    return RemoteContctl(ports, lambda token: GatewayAuthority(ports.gateway, token))


class SystemClientPorts:
    """Implements `ClientPorts` on this machine."""

    def __init__(
        self, environ: Mapping[str, str], local: LocalPorts, place: Place, gateway: Gateway
    ) -> None:
        self._environ = environ
        self._local = local
        self._gateway = gateway
        self.reason = place.reason

    @property
    def address(self) -> str:
        return self._gateway.address

    @property
    def environment_token(self) -> GivenToken | None:
        return self._local.environment_token

    @property
    def stores(self) -> CredentialStores:
        return self._local.stores

    @property
    def modes(self) -> FileModes:
        return self._local.modes

    @cached_property
    def gateway(self) -> ProbingTransport:
        """STORE where others could have put another socket in the place of this machine's."""
        from contctl.backends.gateway.address import parse_address
        from contctl.backends.gateway.probe import ProbingTransport
        from contctl.backends.places import check_local_socket

        if self._gateway.address == f"unix://{LOCAL_SOCKET}":
            check_local_socket(LOCAL_SOCKET)
        address = parse_address(self._gateway.address, self._gateway.ca)
        return ProbingTransport(address, engine=self._gateway.engine)

    @cached_property
    def host_access(self) -> HostAccess:
        from contctl.backends.host_access import LocalAccess

        return LocalAccess(self._engine_addresses)

    def _engine_addresses(self) -> tuple[str, ...]:
        from contctl.backends.docker.contexts import DockersOwnContexts

        dockers = DockersOwnContexts(self._environ).engine_addresses()
        engines = places_of(self._environ).situation(None).contexts.engines.values()
        return tuple(dict.fromkeys((*dockers, *(each.host for each in engines if each.host))))
