"""What the inbound port answers, where the domain has no type for it, and what it is asked."""

from dataclasses import dataclass
from enum import StrEnum

from contctl.core.domain.accounts import User
from contctl.core.domain.audit import AuditFilter
from contctl.core.domain.ci_tokens import CiToken
from contctl.core.domain.roles import Role
from contctl.core.domain.secret import Secret
from contctl.core.domain.tokens import TokenPair


@dataclass(frozen=True, slots=True)
class Issued:
    """A session that an authority began, whose it is, and its first tokens."""

    user: User
    session_id: str
    tokens: TokenPair


@dataclass(frozen=True, slots=True)
class SessionState:
    """A session as its authority has it. roles: those that its user holds now.

    now: the authority's time. Times are seconds since the epoch.
    """

    issuer: str
    user: User
    roles: tuple[Role, ...]
    session_id: str
    access_expires_at: int
    refresh_expires_at: int
    ends_at: int
    now: int


@dataclass(frozen=True, slots=True)
class SessionStatus:
    """The caller's session. issuer: the authority's id. roles: those it holds now.

    Times are seconds since the epoch.
    """

    issuer: str
    user: User
    roles: tuple[Role, ...]
    session_id: str
    store: str
    access_expires_at: int
    refresh_expires_at: int
    ends_at: int


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A session that began. ended: whose earlier session on this machine it replaced, if any.

    left_in: the credential store of an earlier login, in its own words, where that cannot be used
    now: what it holds stays good.
    """

    status: SessionStatus
    ended: User | None
    left_in: str | None = None


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did. rotated: False where the access token still had time enough."""

    rotated: bool
    access_expires_at: int


@dataclass(frozen=True, slots=True)
class Login:
    """A live session. current: whether it is the caller's own. Times: seconds since the epoch."""

    session_id: str
    user: User
    created_at: int
    renewed_at: int
    ends_at: int
    current: bool


@dataclass(frozen=True, slots=True)
class OwnedToken:
    """A CI token and whose it is."""

    token: CiToken
    owner: User


@dataclass(frozen=True, slots=True)
class NewToken:
    """A CI token that was made. text: the token itself, which nothing tells again."""

    token: CiToken
    owner: User
    text: Secret


@dataclass(frozen=True, slots=True)
class TokenStatus:
    """The CI token that speaks for the caller. issuer: the authority's id. variable: what gives it.
    roles: those that it has now."""

    issuer: str
    variable: str
    token: CiToken
    owner: User
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which audit records: the `last` newest of the `wanted` ones; None does not restrict.

    ContctlError USAGE for a negative number.
    """

    last: int | None = None
    wanted: AuditFilter | None = None


class Level(StrEnum):
    """How a check went."""

    OK = "ok"
    NOTE = "note"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a diagnosis."""

    name: str
    level: Level
    detail: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class KeysRotated:
    """What a rotation did. key_id: of the key that signs now. kept, dropped: how many older keys
    verify still, and how many do no more. ended: how many sessions it ended."""

    key_id: str
    kept: int
    dropped: int
    ended: int
