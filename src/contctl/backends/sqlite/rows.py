"""Domain objects as the values of a row, for the plain SQL and for SQLModel alike."""

import json
from collections.abc import Sequence
from typing import Any

from contctl.core.domain.accounts import User
from contctl.core.domain.grants import Grant, Scope
from contctl.core.domain.roles import Role
from contctl.core.domain.sessions import Session

Value = str | int | None

LAST_TIME = 253_402_300_799
"""The last second of the year 9999: later ones have no date."""


def storable(value: Value) -> Value:
    """`value`, in which surrogates, which a name from an engine or a command line may hold and
    UTF-8 has no form for, became escapes such as `\\udcff`."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    return value


def text(value: object) -> str:
    """`value`; TypeError where it is no text. SQLite keeps a value of any type in any column."""
    if not isinstance(value, str):
        raise TypeError("a value that is no text")
    return value


def time(value: object) -> int:
    """`value`; TypeError where it is no whole number of seconds since the epoch with a date."""
    if type(value) is not int or not 0 <= value <= LAST_TIME:
        raise TypeError("a value that is no time")
    return value


def to_user(user_id: object, name: object, enabled: object, created_at: object) -> User:
    """A user from its columns; TypeError for what is none."""
    return User(text(user_id), text(name), bool(enabled), time(created_at))


def to_session(values: Sequence[object]) -> Session:
    """A session from its columns, in the order of its fields; TypeError for what is none."""
    session_id, user_id, created_at, ends_at, generation, used, key_id, *times = values
    issued_at, access_expires_at, refresh_expires_at, revoked_at = times
    if type(generation) is not int:
        raise TypeError("a generation that is no number")
    return Session(
        text(session_id),
        text(user_id),
        time(created_at),
        time(ends_at),
        generation,
        bool(used),
        text(key_id),
        time(issued_at),
        time(access_expires_at),
        time(refresh_expires_at),
        None if revoked_at is None else time(revoked_at),
    )


def grant_values(grant: Grant, user_id: str) -> dict[str, Any]:
    """The columns of a grant that `user_id` holds, by name."""
    return {
        "id": grant.id,
        "user_id": user_id,
        "role": grant.role.value,
        "created_at": grant.created_at,
        **scope_values(grant.scope),
    }


def to_grant(
    grant_id: str, role: str, created_at: int, names: str, labels: str, engine: str | None
) -> Grant:
    """A grant from its columns; ValueError, TypeError for what is none."""
    return Grant(text(grant_id), Role(role), time(created_at), to_scope(names, labels, engine))


def scope_values(scope: Scope) -> dict[str, Any]:
    """The columns of a scope by name."""
    return {
        "names": json.dumps(scope.names),
        "labels": json.dumps(scope.labels),
        "engine": scope.engine,
    }


def to_scope(names: str, labels: str, engine: str | None) -> Scope:
    """A scope from its columns; ValueError, TypeError for what is none."""
    return Scope(
        names=tuple(str(name) for name in json.loads(names)),
        labels=tuple((str(key), str(value)) for key, value in json.loads(labels)),
        engine=None if engine is None else text(engine),
    )
