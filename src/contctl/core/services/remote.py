"""The client of a gateway: an authority elsewhere, and this machine's own parts."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, NoReturn

from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.services.held_token import HeldToken

if TYPE_CHECKING:
    from collections.abc import Callable

    from contctl.core.api import (
        AuditTrail,
        Authority,
        CiTokens,
        Containers,
        Keys,
        Logins,
        Maintenance,
        PasswordRules,
        Recovery,
        Rights,
        SessionAuthority,
        Users,
    )
    from contctl.core.domain.secret import Secret
    from contctl.core.services.client_doctor import ClientDoctorService, ClientPorts
    from contctl.core.services.sessions import SessionService


class RemoteContctl:
    """Implements the inbound port over an authority that is elsewhere.

    connect: makes that authority, given what tells the token that speaks for the caller.
    """

    def __init__(
        self, ports: ClientPorts, connect: Callable[[Callable[[], Secret | None]], Authority]
    ) -> None:
        self._ports = ports
        self._connect = connect
        self._held = HeldToken(lambda: ports.stores, lambda: self._authority.session.identity())

    @cached_property
    def _authority(self) -> Authority:
        return self._connect(self._token)

    def _token(self) -> Secret | None:
        given = self._ports.environment_token
        if given is None:
            return self._held()
        from contctl.core.domain.ci_tokens import token_id
        from contctl.core.services.ci_token_access import not_valid

        # A gateway would take another kind of token for what it is.
        if token_id(given.text) is None:
            raise not_valid(given.variable)
        return given.text

    @cached_property
    def session(self) -> SessionAuthority:
        """The stored session is asked about also where a CI token speaks for the caller."""
        return self._connect(self._held).session

    @property
    def logins(self) -> Logins:
        return self._authority.logins

    @property
    def ci_tokens(self) -> CiTokens:
        return self._authority.ci_tokens

    @property
    def users(self) -> Users:
        return self._authority.users

    @property
    def password_rules(self) -> PasswordRules:
        return self._authority.password_rules

    @property
    def rights(self) -> Rights:
        return self._authority.rights

    @property
    def containers(self) -> Containers:
        return self._authority.containers

    @property
    def audit(self) -> AuditTrail:
        return self._authority.audit

    @property
    def keys(self) -> Keys:
        return self._authority.keys

    @cached_property
    def sessions(self) -> SessionService:
        """The caller's own session: the gateway's tokens, kept here."""
        from contctl.core.services.sessions import SessionService

        ports = self._ports
        return SessionService(
            self.session, ports.stores, self._held, lambda: ports.environment_token
        )

    @cached_property
    def doctor(self) -> ClientDoctorService:
        """A diagnosis of this client."""
        from contctl.core.services.client_doctor import ClientDoctorService

        return ClientDoctorService(lambda: self._authority, self._ports)

    @property
    def recovery(self) -> Recovery:
        """The store is the gateway's; UNSUPPORTED."""
        _refuse()

    @property
    def maintenance(self) -> Maintenance:
        """The store is the gateway's; UNSUPPORTED."""
        _refuse()


def _refuse() -> NoReturn:
    raise ContctlError(
        ErrorCode.UNSUPPORTED,
        "a gateway's store is looked after on its own host only",
        hint="there, as the gateway's own user, with its CONTCTL_HOME: 'contctl --context default"
        " store …'",
    )
