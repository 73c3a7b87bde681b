"""Asking what may be done, without doing it."""

from collections.abc import Sequence

from contctl.core.domain.accounts import User
from contctl.core.domain.grants import Grant, holds
from contctl.core.domain.risk import INWARD
from contctl.core.domain.roles import Permission
from contctl.core.services.caller import Caller
from contctl.core.services.danger import refusal_inside
from contctl.core.services.engine_access import check_engine
from contctl.core.services.reach import Reach
from contctl.core.services.shared import Shared


class RightsService:
    """Implements the inbound port `Rights`."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    def can(self, permission: Permission, ref: str | None, user: str | None) -> bool:
        return permission in self._held(ref, user, (permission,))

    def all(self, ref: str | None, user: str | None) -> tuple[Permission, ...]:
        return self._held(ref, user, tuple(Permission))

    def _held(
        self, ref: str | None, user: str | None, wanted: Sequence[Permission]
    ) -> tuple[Permission, ...]:
        asked = self._asked_about(user)
        if ref is None:
            return tuple(each for each in wanted if holds(asked.grants, each))
        check_engine(self._shared.ports.engine_choice, self._shared.access.caller())
        reach = Reach(asked, self._shared.ports.engine)
        container = reach.find(ref)
        held = [
            each for each in wanted if each.startswith("container:") and reach.may(each, container)
        ]
        inward = INWARD.intersection(held)
        ports = self._shared.ports
        if inward and refusal_inside(reach, reach.entered(container), ports) is not None:
            held = [each for each in held if each not in inward]
        return tuple(held)

    def _asked_about(self, name: str | None) -> Caller:
        caller = self._shared.access.caller()
        if name in (None, caller.user.name):
            return caller
        self._shared.access.require(Permission.USER_MANAGE, name or "")
        user = self._shared.user_named(name or "")
        return Caller(user, "", self._grants_of(user))

    def _grants_of(self, user: User) -> tuple[Grant, ...]:
        """A disabled user may do nothing."""
        return self._shared.ports.users.grants(user.id) if user.enabled else ()
