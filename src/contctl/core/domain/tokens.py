"""What a token says, and the pair of them that a client keeps (RFC 7519, RFC 8725)."""

from dataclasses import dataclass
from enum import StrEnum

from contctl.core.domain.secret import Secret

LEEWAY = 30
"""Seconds by which iat and nbf may lie ahead of the clock; exp has no leeway."""


class TokenKind(StrEnum):
    """The two kinds of token; each has its own `typ`, audience and key."""

    ACCESS = "access"
    REFRESH = "refresh"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says. `issued_at` stands for iat and nbf; times are seconds since the epoch."""

    kind: TokenKind
    issuer: str
    user_id: str
    session_id: str
    generation: int
    issued_at: int
    expires_at: int

    @property
    def token_id(self) -> str:
        """The jti: one token of each kind exists for a generation of a session."""
        return f"{self.session_id}.{self.generation}.{self.kind}"


@dataclass(frozen=True, slots=True)
class TokenPair:
    """The tokens of one generation of a session, as the authority hands them out."""

    access: Secret
    refresh: Secret
    generation: int
    access_expires_at: int
    refresh_expires_at: int


@dataclass(frozen=True, slots=True)
class KeySet:
    """Signing keys by their key id; `current` names the one that signs."""

    current: str
    keys: dict[str, bytes]

    def __repr__(self) -> str:
        return f"KeySet(current={self.current!r}, keys=***)"
