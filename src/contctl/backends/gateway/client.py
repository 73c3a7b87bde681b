"""A gateway, for one caller.

A command needs one or two of its parts, so each is imported when it is first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from contctl.backends.gateway.operations import Operations

if TYPE_CHECKING:
    from collections.abc import Callable

    from contctl.backends.gateway.accounts import (
        GatewayCiTokens,
        GatewayLogins,
        GatewayPasswordRules,
        GatewayRights,
        GatewayUsers,
    )
    from contctl.backends.gateway.containers import GatewayContainers
    from contctl.backends.gateway.sessions import GatewaySession
    from contctl.backends.gateway.transport import Transport
    from contctl.backends.gateway.upkeep import GatewayAudit, GatewayKeys
    from contctl.core.domain.secret import Secret


class GatewayAuthority:
    """Implements the inbound port `Authority` over the wire. proof: gives the access token or the
    CI token that the caller shows, None for none; asked anew for each call."""

    def __init__(self, transport: Transport, proof: Callable[[], Secret | None]) -> None:
        self._operations = Operations(transport, proof)

    @cached_property
    def session(self) -> GatewaySession:
        """The authority's side of the caller's session."""
        from contctl.backends.gateway.sessions import GatewaySession

        return GatewaySession(self._operations)

    @cached_property
    def logins(self) -> GatewayLogins:
        """Live sessions."""
        from contctl.backends.gateway.accounts import GatewayLogins

        return GatewayLogins(self._operations)

    @cached_property
    def ci_tokens(self) -> GatewayCiTokens:
        """CI tokens."""
        from contctl.backends.gateway.accounts import GatewayCiTokens

        return GatewayCiTokens(self._operations)

    @cached_property
    def users(self) -> GatewayUsers:
        """Accounts."""
        from contctl.backends.gateway.accounts import GatewayUsers

        return GatewayUsers(self._operations)

    @cached_property
    def password_rules(self) -> GatewayPasswordRules:
        """What a new password has to be."""
        from contctl.backends.gateway.accounts import GatewayPasswordRules

        return GatewayPasswordRules(self._operations)

    @cached_property
    def rights(self) -> GatewayRights:
        """What may be done."""
        from contctl.backends.gateway.accounts import GatewayRights

        return GatewayRights(self._operations)

    @cached_property
    def containers(self) -> GatewayContainers:
        """Containers."""
        from contctl.backends.gateway.containers import GatewayContainers

        return GatewayContainers(self._operations)

    @cached_property
    def audit(self) -> GatewayAudit:
        """The audit log."""
        from contctl.backends.gateway.upkeep import GatewayAudit

        return GatewayAudit(self._operations)

    @cached_property
    def keys(self) -> GatewayKeys:
        """The signing keys."""
        from contctl.backends.gateway.upkeep import GatewayKeys

        return GatewayKeys(self._operations)
