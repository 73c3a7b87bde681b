"""A diagnosis of a gateway's client: does the gateway answer, and could this user pass it by?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from contctl.core.answers import Check, Level
from contctl.core.domain.host_access import (
    POWERFUL_GROUPS,
    STORE_FOLDER,
    Access,
    host_of,
    is_this_host,
    sockets_of,
)
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.services.doctor import certificate_text, check, private_files

if TYPE_CHECKING:
    from collections.abc import Callable

    from contctl.core.api import Authority
    from contctl.core.domain.ci_tokens import GivenToken
    from contctl.core.ports import CredentialStores, FileModes, GatewayProbe, HostAccess

API = 1
"""The gateway's interface that this version speaks."""


class LocalPorts(Protocol):
    """The outbound ports that a client needs wherever its authority is. environment_token: as
    `Ports` has it."""

    @property
    def environment_token(self) -> GivenToken | None: ...
    @property
    def stores(self) -> CredentialStores: ...
    @property
    def modes(self) -> FileModes: ...


class ClientPorts(LocalPorts, Protocol):
    """The outbound ports of a gateway's client. address: the gateway's; reason: why it is this one.
    gateway: to ask for may raise too."""

    @property
    def address(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def gateway(self) -> GatewayProbe: ...
    @property
    def host_access(self) -> HostAccess: ...


class ClientDoctorService:
    """Implements the inbound port `Doctor` for the client of a gateway. authority: may raise."""

    def __init__(self, authority: Callable[[], Authority], ports: ClientPorts) -> None:
        self._authority = authority
        self._ports = ports
        self._address = ports.address

    def examine(self) -> tuple[Check, ...]:
        return (
            check("gateway", self._gateway),
            check("files", self._files),
            check("credentials", self._credentials),
            check("session", self._session),
            self._roles(),
        )

    def repair_modes(self) -> tuple[str, ...]:
        return self._ports.modes.repair()

    def _gateway(self) -> str:
        info = self._ports.gateway.info()
        if info.api != API:
            raise ContctlError(
                ErrorCode.UNSUPPORTED,
                f"contctl {info.version} at {self._address} speaks API {info.api},"
                f" and this one API {API}",
                hint="use the same version of contctl on both sides",
            )
        shown = f"contctl {info.version} at {self._address}, API {info.api}"
        ends = certificate_text(self._ports.gateway.certificate_ends())
        return f"{shown}{ends} ({self._ports.reason})"

    def _files(self) -> str:
        return private_files(self._ports.modes)

    def _credentials(self) -> str:
        token = self._ports.environment_token
        if token is not None:
            return f"not needed: {token.variable} is set"
        store = self._ports.stores.choose(None, self._authority().session.identity())
        store.probe()
        return f"{store.location} takes, gives and deletes items"

    def _session(self) -> str:
        if self._ports.environment_token is not None:
            status = self._authority().ci_tokens.current()
            if status is not None:
                return f"the CI token {status.token.id} of {status.owner.name}"
        return f"logged in as {self._authority().session.status().user.name}"

    def _roles(self) -> Check:
        host = host_of(self._address)
        ways = self._ways_past(host)
        if ways:
            return Check(
                "roles",
                Level.FAILED,
                f"advisory for this user: {'; '.join(ways)}",
                "what the gateway refuses can be done without it that way",
            )
        if is_this_host(host):
            return Check(
                "roles",
                Level.OK,
                "enforced: this user can open no engine's socket that is known here, is in no group"
                " that can, and cannot read the gateway's store",
            )
        return Check(
            "roles",
            Level.NOTE,
            f"the gateway on {host} decides; whether this user can log in there and reach its"
            " engine without it, nothing here can tell",
            f"run 'contctl doctor' as this user on {host}",
        )

    def _ways_past(self, host: str | None) -> list[str]:
        """How this user could reach the gateway's engine or its store without the gateway, as far
        as this host shows; also what could not be found out."""
        try:
            addresses = self._ports.host_access.engine_addresses()
        except ContctlError as error:
            addresses = ()
            unknown = [f"which engines docker knows cannot be told: {error.message}"]
        else:
            unknown = []
        if not is_this_host(host):
            return [
                f"this user's tools are set up for {each}"
                for each in addresses
                if host_of(each) == host
            ]
        local = [each for each in addresses if (name := host_of(each)) and is_this_host(name)]
        return [
            *self._identity(sockets_of(addresses)),
            *(f"this user's tools are set up for {each}, which was not tried" for each in local),
            *unknown,
            *self._store(),
        ]

    def _identity(self, sockets: tuple[str, ...]) -> list[str]:
        access = self._ports.host_access
        ways = ["it is root"] if access.uid == 0 else []
        opened = [path for path in sockets if _is_open(access.open_socket(path))]
        if opened:
            ways.append(f"it can open {', '.join(opened)}")
        owned = {access.group_of(path): path for path in reversed(sockets)}
        for gid, name in access.groups().items():
            if gid in owned:
                ways.append(f"it is in the group {name}, which owns {owned[gid]}")
            elif gid == 0 or name in POWERFUL_GROUPS:
                ways.append(f"it is in the group {name}")
        return ways

    def _store(self) -> list[str]:
        access = self._ports.host_access
        inside = [f"{STORE_FOLDER}/contctl.db", f"{STORE_FOLDER}/keys"]
        found = {path: access.read(path) for path in (STORE_FOLDER, *inside)}
        if found[STORE_FOLDER] is Access.ABSENT:
            return [f"no store is at {STORE_FOLDER}, so whether this user can read it is not known"]
        return [f"it can read {path}" for path, each in found.items() if _is_open(each)]


def _is_open(access: Access) -> bool:
    return access is Access.OPEN
