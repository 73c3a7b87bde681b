"""What several use cases need, made of the outbound ports on first use."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.services.access import Access, issuer_of
from contctl.core.services.authority import Authority

if TYPE_CHECKING:
    from collections.abc import Callable

    from contctl.core.domain.accounts import User
    from contctl.core.domain.secret import Secret
    from contctl.core.ports import Ports
    from contctl.core.services.password_rules import PasswordRuleService
    from contctl.core.services.passwords import Passwords
    from contctl.core.services.record import Recorder
    from contctl.core.services.tokens import SessionTokens


class Shared:
    """The ports, and the parts that the services have in common."""

    def __init__(self, ports: Ports, presented: Callable[[], Secret | None]) -> None:
        self.ports = ports
        self._presented = presented

    def user_named(self, name: str) -> User:
        """The user of that name; NOT_FOUND where there is none."""
        user = self.ports.users.by_name(name)
        if user is None:
            raise ContctlError(ErrorCode.NOT_FOUND, f"no such user: {name}")
        return user

    @cached_property
    def authority(self) -> Authority:
        """The rules of tokens, for this store."""
        ports = self.ports
        return Authority(issuer_of(ports.store), ports.codec, ports.identities, ports.clock)

    @cached_property
    def access(self) -> Access:
        """The caller."""
        return Access(self.ports, self._presented, lambda: self.authority, lambda: self.recorder)

    @cached_property
    def engine_access(self) -> Access:
        """The caller, as `access` has them, of an engine that they may know of."""
        if self.ports.engine_choice is None:
            return self.access
        from contctl.core.services.engine_access import EngineAccess

        return EngineAccess(
            self.ports, self._presented, lambda: self.authority, lambda: self.recorder
        )

    @cached_property
    def recorder(self) -> Recorder:
        """The writer of the audit log."""
        from contctl.core.services.record import Recorder

        ports = self.ports
        return Recorder(ports.audit, ports.clock, ports.uid, lambda: ports.recorded_engine)

    @cached_property
    def passwords(self) -> Passwords:
        """The users' passwords."""
        from contctl.core.services.passwords import Passwords

        return Passwords(self.ports)

    @cached_property
    def password_rules(self) -> PasswordRuleService:
        """What a new password has to be."""
        from contctl.core.services.password_rules import PasswordRuleService

        return PasswordRuleService(self.ports)

    @cached_property
    def tokens(self) -> SessionTokens:
        """The beginning of sessions, and the rotation of their tokens."""
        from contctl.core.services.tokens import SessionTokens

        return SessionTokens(self.authority, self.ports.sessions, self.ports.settings.lifetimes)
