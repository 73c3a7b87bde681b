"""Domain objects as the values of a row, for the plain SQL and for SQLModel alike."""

import json
from dataclasses import asdict, fields
from typing import Any

from contctl.core.domain.audit import AuditEntry
from contctl.core.domain.grants import Grant, Scope
from contctl.core.domain.roles import Role

Value = str | int | None

AUDIT_COLUMNS = tuple(field.name for field in fields(AuditEntry))


def audit_values(entry: AuditEntry) -> dict[str, Value]:
    """The columns of `entry` by name, in the order of its fields."""
    return {name: storable(value) for name, value in asdict(entry).items()}


def storable(value: Value) -> Value:
    """`value`, in which surrogates, which a name from an engine or a command line may hold and
    UTF-8 has no form for, became escapes such as `\\udcff`."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    return value


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
    return Grant(grant_id, Role(role), created_at, to_scope(names, labels, engine))


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
        engine=engine,
    )
