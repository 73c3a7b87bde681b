"""The use cases on accounts."""

import secrets

from contctl.core.api import Stream
from contctl.core.domain.accounts import Account, User, check_username
from contctl.core.domain.grants import Grant, Scope, check_scope, describe, holds
from contctl.core.domain.roles import Permission, Role
from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.services.caller import Caller, Deed
from contctl.core.services.shared import Shared
from contctl.core.services.standing import Standing, while_held
from contctl.core.services.streams import Pages

PAGE = 200


class UserService:
    """Implements the inbound port `Users`."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._ports = shared.ports

    def check_new(self, name: str) -> None:
        self._may_add(name)
        check_username(name)
        if self._ports.users.by_name(name) is not None:
            raise ContctlError(ErrorCode.CONFLICT, f"the user name {name} is taken")

    def add(self, name: str, password: Secret, role: Role | None) -> Account:
        caller = self._may_add(name)
        check_username(name)
        self._shared.password_rules.check(name, password)
        now = int(self._ports.clock.now())
        user = User(id=secrets.token_hex(16), name=name, enabled=True, created_at=now)
        grants = () if role is None else (Grant(secrets.token_hex(8), role, now),)
        deed = Deed("user:add", user.id, name, detail=f"role {role}" if role else "no role")
        with self._shared.recorder.recorded(caller, deed):
            self._ports.users.add(user, self._shared.passwords.hash(password), grants)
        return Account(user, grants)

    def list(self) -> Stream[Account]:
        caller = self._shared.access.require(Permission.USER_MANAGE)

        def fetch(last: Account | None) -> tuple[Account, ...]:
            return self._ports.users.page(last.user.name if last else "", PAGE)

        still = while_held(Permission.USER_MANAGE)
        return Standing(self._ports, caller, still).stream(Pages(fetch))

    def show(self, name: str | None) -> Account:
        _, user = self._find(name, own=True)
        return Account(user, self._ports.users.grants(user.id))

    def grant(self, name: str, role: Role, scope: Scope) -> Grant:
        caller, user = self._find(name, own=False)
        check_scope(scope)
        grant = Grant(secrets.token_hex(8), role, int(self._ports.clock.now()), scope)
        detail = f"{grant.id}: {role} on {describe(scope)}"
        with self._shared.recorder.recorded(caller, Deed("user:grant", user.id, user.name, detail)):
            self._ports.users.add_grant(user.id, grant)
        return grant

    def revoke(self, name: str, grant_id: str) -> Account:
        caller, user = self._find(name, own=False)
        deed = Deed("user:revoke", user.id, user.name, grant_id[:64])
        with self._shared.recorder.recorded(caller, deed):
            self._ports.users.remove_grant(user.id, grant_id)
        return Account(user, self._ports.users.grants(user.id))

    def set_password(self, name: str | None, password: Secret) -> User:
        caller, user = self._find(name, own=True)
        self._shared.access.refuse_token(caller, Deed("user:passwd", user.id, user.name))
        self._shared.password_rules.check(user.name, password)
        keep = caller.session_id if user.id == caller.user.id else None
        with self._shared.recorder.recorded(caller, Deed("user:passwd", user.id, user.name)):
            password_hash = self._shared.passwords.hash(password)
            self._ports.users.change_password(
                user.id, password_hash, int(self._ports.clock.now()), keep
            )
        return user

    def set_enabled(self, name: str, *, enabled: bool) -> User:
        caller, user = self._find(name, own=False)
        action = "user:enable" if enabled else "user:disable"
        with self._shared.recorder.recorded(caller, Deed(action, user.id, user.name)):
            self._ports.users.set_enabled(user.id, enabled=enabled)
            if not enabled:
                self._ports.sessions.revoke_all(user.id, int(self._ports.clock.now()), None)
        return user

    def unlock(self, name: str) -> User:
        caller, user = self._find(name, own=False)
        with self._shared.recorder.recorded(caller, Deed("user:unlock", user.id, user.name)):
            self._ports.throttle.clear_account(user.name)
        return user

    def remove(self, name: str) -> User:
        caller, user = self._find(name, own=False)
        with self._shared.recorder.recorded(caller, Deed("user:rm", user.id, user.name)):
            self._ports.users.remove(user.id)
        return user

    def _may_add(self, name: str) -> Caller:
        caller = self._shared.access.require(Permission.USER_MANAGE, name)
        self._shared.access.refuse_token(caller, Deed("user:add", target_name=name[:64]))
        return caller

    def _find(self, name: str | None, *, own: bool) -> tuple[Caller, User]:
        """The caller and the user named; without `user:manage` only the caller's own, if `own`."""
        caller = self._shared.access.caller()
        if own and name in (None, caller.user.name):
            return caller, caller.user
        if not holds(caller.grants, Permission.USER_MANAGE):
            self._shared.access.refuse(caller, Permission.USER_MANAGE, name or "")
        return caller, self._shared.user_named(name or "")
