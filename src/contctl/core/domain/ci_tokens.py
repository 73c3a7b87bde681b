"""CI tokens: what a job or a script shows in place of a session.

The text is `ctl_`, then in lower-case hex the id (8 bytes), the secret (32 random bytes) and the
CRC-32 of all that stands before it (4 bytes): 92 characters, matched by `ctl_[0-9a-f]{88}`. The
prefix and the checksum are for secret scanners; the store keeps only the text's SHA-256.
"""

import re
import zlib
from dataclasses import dataclass, field
from hashlib import sha256

from contctl.core.domain.accounts import User
from contctl.core.domain.grants import EVERYTHING, Grant, Scope
from contctl.core.domain.roles import Role
from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode

ID_BYTES = 8
SECRET_BYTES = 32
DEFAULT_LIFETIME = 30 * 86400
"""Seconds."""
MAX_LIFETIME = 90 * 86400
"""Seconds."""
VARIABLE = "CONTCTL_TOKEN"
FILE_VARIABLE = "CONTCTL_TOKEN_FILE"
PREFIX = "ctl_"

_TEXT = re.compile(rf"({PREFIX}([0-9a-f]{{16}})[0-9a-f]{{64}})([0-9a-f]{{8}})", re.ASCII)
_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class CiToken:
    """A CI token of the user `user_id`, without its secret.

    role, scope: what it may do at most; its owner's grants narrow that at each use (`grants.cut`).
    Times are seconds since the epoch; revoked_at: None while it is not.
    """

    id: str
    user_id: str
    name: str
    role: Role
    created_at: int
    expires_at: int
    scope: Scope = EVERYTHING
    revoked_at: int | None = None


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """What the store knows of a CI token at this moment: whose it is, the digest of its text, and
    the grants of its owner."""

    owner: User
    token: CiToken
    digest: str = field(repr=False)
    grants: tuple[Grant, ...]


@dataclass(frozen=True, slots=True)
class GivenToken:
    """A token that a command was given. variable: by which environment variable."""

    variable: str
    text: Secret


def token_text(token_id: bytes, secret: bytes) -> Secret:
    """The text of a token with an id of ID_BYTES and a secret of SECRET_BYTES random bytes."""
    body = f"{PREFIX}{token_id.hex()}{secret.hex()}"
    return Secret(body + _checksum(body))


def token_id(text: Secret) -> str | None:
    """The id in the text of a token; None for what is not one, which needs no store to tell."""
    match = _TEXT.fullmatch(text.reveal())
    if match is None or match[3] != _checksum(match[1]):
        return None
    return match[2]


def digest(text: Secret) -> str:
    """What is stored of a token's text: its SHA-256, in hex. A slow hash is for secrets that could
    be guessed."""
    return sha256(text.reveal().encode("ascii")).hexdigest()


def is_live(token: CiToken, now: int) -> bool:
    """Whether `token` has neither expired nor been revoked."""
    return token.revoked_at is None and now < token.expires_at


def check_token_name(name: str) -> str:
    """`name` itself; ContctlError USAGE where it could not be a token's name."""
    if _NAME.fullmatch(name) is None:
        raise ContctlError(
            ErrorCode.USAGE,
            f"not a token's name: {name!r}",
            hint="token names are 1 to 64 of a-z A-Z 0-9 . _ - and begin with a letter or a digit",
        )
    return name


def check_lifetime(seconds: int) -> None:
    """ContctlError USAGE where a token may not last so long."""
    if not 0 < seconds <= MAX_LIFETIME:
        days = MAX_LIFETIME // 86400
        raise ContctlError(ErrorCode.USAGE, f"a CI token lasts from one second to {days} days")


def _checksum(body: str) -> str:
    return f"{zlib.crc32(body.encode('ascii')):08x}"
