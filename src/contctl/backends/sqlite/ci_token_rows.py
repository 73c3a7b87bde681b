"""CI tokens as the values of a row, for the plain SQL and for SQLModel alike."""

from typing import Any

from contctl.backends.sqlite.rows import scope_values, text, time, to_scope
from contctl.core.domain.ci_tokens import CiToken
from contctl.core.domain.roles import Role

COLUMNS = (
    "id",
    "user_id",
    "name",
    "role",
    "created_at",
    "expires_at",
    "names",
    "labels",
    "engine",
    "revoked_at",
)
"""The columns of a CI token but its digest, in the order in which `to_ci_token` takes them."""


def ci_token_values(token: CiToken) -> dict[str, Any]:
    """The columns of a CI token by name, but its digest."""
    return {
        "id": token.id,
        "user_id": token.user_id,
        "name": token.name,
        "role": token.role.value,
        "created_at": token.created_at,
        "expires_at": token.expires_at,
        "revoked_at": token.revoked_at,
        **scope_values(token.scope),
    }


def to_ci_token(
    id: str,
    user_id: str,
    name: str,
    role: str,
    created_at: int,
    expires_at: int,
    names: str,
    labels: str,
    engine: str | None,
    revoked_at: int | None,
) -> CiToken:
    """A CI token from its columns; ValueError, TypeError for what is none."""
    scope = to_scope(names, labels, engine)
    return CiToken(
        text(id),
        text(user_id),
        text(name),
        Role(role),
        time(created_at),
        time(expires_at),
        scope,
        None if revoked_at is None else time(revoked_at),
    )
