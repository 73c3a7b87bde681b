"""Accounts, sessions, tokens and rights on a gateway. Each class implements the inbound port that
it names, over the wire."""

from typing import cast

from contctl.backends.gateway.operations import Operations
from contctl.core.answers import Login, NewToken, OwnedToken, TokenStatus
from contctl.core.api import Refs, Stream
from contctl.core.domain.accounts import Account, User
from contctl.core.domain.grants import Grant, Scope
from contctl.core.domain.roles import Permission, Role
from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError

_Errors = tuple[ContctlError | None, ...]


class GatewayLogins:
    """`Logins`."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def list(self, user: str | None) -> tuple[Login, ...]:
        return self._operations.ask("logins/list", tuple[Login, ...], user=user)

    def revoke(self, session_ids: Refs) -> _Errors:
        return self._operations.ask("logins/revoke", _Errors, session_ids=session_ids)


class GatewayCiTokens:
    """`CiTokens`."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def create(self, name: str, role: Role, scope: Scope, lifetime: int) -> NewToken:
        return self._operations.ask(
            "ci_tokens/create", NewToken, name=name, role=role, scope=scope, lifetime=lifetime
        )

    def list(self, user: str | None) -> tuple[OwnedToken, ...]:
        return self._operations.ask("ci_tokens/list", tuple[OwnedToken, ...], user=user)

    def revoke(self, token_ids: Refs) -> _Errors:
        return self._operations.ask("ci_tokens/revoke", _Errors, token_ids=token_ids)

    def current(self) -> TokenStatus | None:
        answer = cast("type[TokenStatus | None]", TokenStatus | None)
        return self._operations.ask("ci_tokens/current", answer)


class GatewayUsers:
    """`Users`."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def add(self, name: str, password: Secret, role: Role | None) -> Account:
        return self._operations.ask("users/add", Account, name=name, password=password, role=role)

    def check_new(self, name: str) -> None:
        self._operations.do("users/check_new", name=name)

    def list(self) -> Stream[Account]:
        return self._operations.stream("users/list", Account)

    def show(self, name: str | None) -> Account:
        return self._operations.ask("users/show", Account, name=name)

    def grant(self, name: str, role: Role, scope: Scope) -> Grant:
        return self._operations.ask("users/grant", Grant, name=name, role=role, scope=scope)

    def revoke(self, name: str, grant_id: str) -> Account:
        return self._operations.ask("users/revoke", Account, name=name, grant_id=grant_id)

    def set_password(self, name: str | None, password: Secret) -> User:
        return self._operations.ask("users/set_password", User, name=name, password=password)

    def set_enabled(self, name: str, *, enabled: bool) -> User:
        return self._operations.ask("users/set_enabled", User, name=name, enabled=enabled)

    def unlock(self, name: str) -> User:
        return self._operations.ask("users/unlock", User, name=name)

    def remove(self, name: str) -> User:
        return self._operations.ask("users/remove", User, name=name)


class GatewayPasswordRules:
    """`PasswordRules`, which need no session."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    @property
    def min_length(self) -> int:
        return self._operations.ask_anonymously("password_rules/min_length", int)

    def check(self, username: str, password: Secret) -> None:
        self._operations.ask_anonymously(
            "password_rules/check", type(None), username=username, password=password
        )


class GatewayRights:
    """`Rights`."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def can(self, permission: Permission, ref: str | None, user: str | None) -> bool:
        return self._operations.ask("rights/can", bool, permission=permission, ref=ref, user=user)

    def all(self, ref: str | None, user: str | None) -> tuple[Permission, ...]:
        return self._operations.ask("rights/all", tuple[Permission, ...], ref=ref, user=user)
