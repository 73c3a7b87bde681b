"""Sessions, and the rule by which a refresh token is rotated (RFC 9700, section 4.14.2)."""

from dataclasses import dataclass, replace
from enum import Enum

from contctl.core.domain.tokens import Claims


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long tokens and sessions live, in seconds."""

    access: int
    idle: int
    absolute: int


@dataclass(frozen=True, slots=True)
class Session:
    """A login. Its tokens form a family: one generation is current, each refresh makes the next.

    generation_used: whether a token of the current generation was ever accepted.
    key_id: the key that signed the current generation, so that it can be signed again alike.
    Times are seconds since the epoch; `ends_at` is the absolute end, which no refresh moves.
    """

    id: str
    user_id: str
    created_at: int
    ends_at: int
    generation: int
    generation_used: bool
    key_id: str
    issued_at: int
    access_expires_at: int
    refresh_expires_at: int
    revoked_at: int | None = None


class Verdict(Enum):
    """What to do with a refresh token."""

    ROTATE = "rotate"
    REDELIVER = "redeliver"
    REVOKE = "revoke"
    DENY = "deny"


def begin(session_id: str, user_id: str, key_id: str, now: int, lifetimes: Lifetimes) -> Session:
    """A new session at its first generation."""
    ends_at = now + lifetimes.absolute
    return Session(
        id=session_id,
        user_id=user_id,
        created_at=now,
        ends_at=ends_at,
        generation=1,
        generation_used=False,
        key_id=key_id,
        issued_at=now,
        access_expires_at=min(now + lifetimes.access, ends_at),
        refresh_expires_at=min(now + lifetimes.idle, ends_at),
    )


def is_live(session: Session, claims: Claims, now: int) -> bool:
    """Whether a token with `claims` stands for `session`, which is neither revoked nor over."""
    return (
        session.user_id == claims.user_id
        and session.revoked_at is None
        and now < session.ends_at
        and claims.generation <= session.generation
    )


def is_over(session: Session, now: int) -> bool:
    """Whether no token of `session` is good any more, nor can be renewed."""
    return session.revoked_at is not None or now >= min(session.refresh_expires_at, session.ends_at)


def judge_refresh(session: Session, claims: Claims, now: int) -> Verdict:
    """What a refresh token with `claims` is worth against `session` as it is stored now.

    The generation before the current one is redelivered as long as nothing of the current one was
    accepted: its holder never received the answer. Anything older is a copy: the family ends.
    A generation ahead of the store belongs to a store that was since restored: it is denied only.
    """
    if not is_live(session, claims, now):
        return Verdict.DENY
    if claims.generation == session.generation:
        return Verdict.ROTATE
    if claims.generation == session.generation - 1 and not session.generation_used:
        return Verdict.REDELIVER
    return Verdict.REVOKE


def rotated(session: Session, key_id: str, now: int, lifetimes: Lifetimes) -> Session:
    """`session` at its next generation."""
    return replace(
        session,
        generation=session.generation + 1,
        generation_used=False,
        key_id=key_id,
        issued_at=now,
        access_expires_at=min(now + lifetimes.access, session.ends_at),
        refresh_expires_at=min(now + lifetimes.idle, session.ends_at),
    )


def revoked(session: Session, now: int) -> Session:
    """`session`, ended; one that had ended keeps its time."""
    if session.revoked_at is not None:
        return session
    return replace(session, revoked_at=now)


def used(session: Session) -> Session:
    """`session` with its current generation marked as accepted."""
    return replace(session, generation_used=True)
