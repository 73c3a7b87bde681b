"""An authority: the use cases composed over the outbound ports, for one caller.

A command needs one or two of the services, so each is imported when it is first asked for.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from contctl.core.services.shared import Shared

if TYPE_CHECKING:
    from collections.abc import Callable

    from contctl.core.domain.secret import Secret
    from contctl.core.ports import Ports
    from contctl.core.services.audit import AuditService
    from contctl.core.services.ci_tokens import CiTokenService
    from contctl.core.services.containers import ContainerService
    from contctl.core.services.keys import KeyService
    from contctl.core.services.logins import LoginService
    from contctl.core.services.password_rules import PasswordRuleService
    from contctl.core.services.rights import RightsService
    from contctl.core.services.session_authority import SessionAuthorityService
    from contctl.core.services.users import UserService


class ServedAuthority:
    """Implements the inbound port `Authority` for whoever shows a token.

    presented: gives the access token, None where there is none; the ports give a CI token.
    """

    def __init__(self, ports: Ports, presented: Callable[[], Secret | None]) -> None:
        self._shared = Shared(ports, presented)

    @property
    def _accounts(self) -> Shared:
        """What the account services share: a store of this version."""
        return self._shared

    @cached_property
    def session(self) -> SessionAuthorityService:
        """The authority's side of the caller's session."""
        from contctl.core.services.session_authority import SessionAuthorityService

        return SessionAuthorityService(self._accounts)

    @cached_property
    def logins(self) -> LoginService:
        """Live sessions."""
        from contctl.core.services.logins import LoginService

        return LoginService(self._accounts)

    @cached_property
    def ci_tokens(self) -> CiTokenService:
        """CI tokens."""
        from contctl.core.services.ci_tokens import CiTokenService

        return CiTokenService(self._accounts)

    @cached_property
    def users(self) -> UserService:
        """Accounts."""
        from contctl.core.services.users import UserService

        return UserService(self._accounts)

    @cached_property
    def password_rules(self) -> PasswordRuleService:
        """What a new password has to be."""
        return self._shared.password_rules

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

        return AuditService(self._accounts)

    @cached_property
    def keys(self) -> KeyService:
        """The signing keys."""
        from contctl.core.services.keys import KeyService

        return KeyService(self._accounts)
