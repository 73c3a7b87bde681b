"""Embedded mode: the use cases composed over the outbound ports, in one process.

A command needs one or two of the services, so each is imported when it is first asked for.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from contctl.core.services.shared import Shared

if TYPE_CHECKING:
    from contctl.core.ports import Ports
    from contctl.core.services.audit import AuditService
    from contctl.core.services.ci_tokens import CiTokenService
    from contctl.core.services.containers import ContainerService
    from contctl.core.services.doctor import DoctorService
    from contctl.core.services.keys import KeyService
    from contctl.core.services.logins import LoginService
    from contctl.core.services.password_rules import PasswordRuleService
    from contctl.core.services.recovery import RecoveryService
    from contctl.core.services.rights import RightsService
    from contctl.core.services.sessions import SessionService
    from contctl.core.services.store import StoreService
    from contctl.core.services.users import UserService


class EmbeddedContctl:
    """Implements the inbound port for whoever is logged in on this machine."""

    def __init__(self, ports: Ports) -> None:
        self._shared = Shared(ports)

    @cached_property
    def _upgraded(self) -> Shared:
        """The same on a store of this version: account commands bring an older one to it, where
        everyday commands refuse it."""
        from contctl.core.services.store import upgrade_store

        upgrade_store(self._shared)
        return self._shared

    @cached_property
    def sessions(self) -> SessionService:
        """The caller's own session."""
        from contctl.core.services.sessions import SessionService

        return SessionService(self._upgraded)

    @cached_property
    def logins(self) -> LoginService:
        """Live sessions."""
        from contctl.core.services.logins import LoginService

        return LoginService(self._upgraded)

    @cached_property
    def ci_tokens(self) -> CiTokenService:
        """CI tokens."""
        from contctl.core.services.ci_tokens import CiTokenService

        return CiTokenService(self._upgraded)

    @cached_property
    def users(self) -> UserService:
        """Accounts."""
        from contctl.core.services.users import UserService

        return UserService(self._upgraded)

    @cached_property
    def password_rules(self) -> PasswordRuleService:
        """What a new password has to be."""
        return self._shared.password_rules

    @cached_property
    def recovery(self) -> RecoveryService:
        """Getting in again."""
        from contctl.core.services.recovery import RecoveryService

        return RecoveryService(self._upgraded)

    @cached_property
    def rights(self) -> RightsService:
        """What may be done."""
        from contctl.core.services.rights import RightsService

        return RightsService(self._shared)

    @cached_property
    def containers(self) -> ContainerService:
        """Containers."""
        from contctl.core.services.containers import ContainerService

        return ContainerService(self._shared)

    @cached_property
    def audit(self) -> AuditService:
        """The audit log."""
        from contctl.core.services.audit import AuditService

        return AuditService(self._upgraded)

    @cached_property
    def doctor(self) -> DoctorService:
        """A diagnosis."""
        from contctl.core.services.doctor import DoctorService

        return DoctorService(self._shared)

    @cached_property
    def keys(self) -> KeyService:
        """The signing keys."""
        from contctl.core.services.keys import KeyService

        return KeyService(self._upgraded)

    @cached_property
    def maintenance(self) -> StoreService:
        """The store as a whole."""
        from contctl.core.services.store import StoreService

        return StoreService(self._shared)
