"""CI tokens as the values of a row, for the plain SQL and for SQLModel alike."""

from typing import Any

from contctl.backends.sqlite.rows import scope_values, to_scope
from contctl.core.domain.ci_tokens import CiToken
from contctl.core.domain.roles import Role


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
    return CiToken(id, user_id, name, Role(role), created_at, expires_at, scope, revoked_at)
