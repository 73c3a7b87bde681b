"""The audit trail: who did what to which container, and how it ended."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Any

CONTAINER_ACTIONS = "container:"
"""What the actions on containers begin with."""

SHORT_ID = 12
"""Characters of an ID that docker shows."""


class Phase(StrEnum):
    """Which moment of an action a record tells of."""

    INTENT = "intent"
    OUTCOME = "outcome"
    DENIED = "denied"
    READ = "read"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One record before it is written.

    at: milliseconds since the epoch.  uid: the operating system's user id.
    action: a permission's text, or `session:login` and its like.
    target, target_name: full id and name of the container, or id and name of an account; or empty.
    token_id: the CI token's, where one was used instead of a session.
    intent: the number of the intent that an outcome closes.
    result: `ok`, or an error's code.  detail: a few words, free of secrets.
    """

    at: int
    phase: Phase
    action: str
    uid: int
    user_id: str = ""
    user: str = ""
    session_id: str = ""
    target: str = ""
    target_name: str = ""
    intent: int | None = None
    result: str = ""
    detail: str = ""
    token_id: str = ""


_TYPES: dict[str, tuple[type, ...]] = {"at": (int,), "uid": (int,), "intent": (int, type(None))}
_LATEST = 253_402_214_400_000
"""The last day of the year 9999, in milliseconds: no calendar goes on for long after it."""


def entry_of(values: Sequence[Any]) -> AuditEntry:
    """The entry whose fields are `values`, in their order; ValueError where no entry has them."""
    for field, value in zip(fields(AuditEntry), values, strict=True):
        if not isinstance(value, _TYPES.get(field.name, (str,))):
            raise ValueError(f"{field.name} has a value of another type")
    at, phase, *others = values
    if not 0 <= at <= _LATEST:
        raise ValueError("a time out of range")
    return AuditEntry(at, Phase(phase), *others)


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """An entry as it stands in the log; numbers grow and are never used again.

    unfinished: it is an intent, and no outcome refers to it so far.
    """

    number: int
    entry: AuditEntry
    unfinished: bool = False

    @property
    def result(self) -> str:
        """The entry's result; `unknown` for an intent without an outcome."""
        return "unknown" if self.unfinished else self.entry.result


@dataclass(frozen=True, slots=True)
class ChainedRecord:
    """A record with its place in the chain; both are None for one that is older than the chain."""

    record: AuditRecord
    segment: int | None
    mac: bytes | None


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which records; None does not restrict.

    user: a name.  action: a whole one, or its beginning up to a colon: `container:`.
    container: the name, the full ID, or the first 12 characters or more of the ID.
    since (included), until (excluded): milliseconds since the epoch.
    """

    user: str | None = None
    action: str | None = None
    container: str | None = None
    since: int | None = None
    until: int | None = None

    def matches(self, entry: AuditEntry) -> bool:
        """Whether `entry` is one of them."""
        return (
            self.user in (None, entry.user)
            and (self.action is None or _is_action(self.action, entry.action))
            and (self.container is None or _is_container(self.container, entry))
            and (self.since is None or entry.at >= self.since)
            and (self.until is None or entry.at < self.until)
        )


def _is_action(wanted: str, action: str) -> bool:
    return action == wanted or (wanted.endswith(":") and action.startswith(wanted))


def _is_container(wanted: str, entry: AuditEntry) -> bool:
    if not entry.action.startswith(CONTAINER_ACTIONS):
        return False
    if wanted in (entry.target, entry.target_name):
        return True
    return len(wanted) >= SHORT_ID and entry.target.startswith(wanted)
