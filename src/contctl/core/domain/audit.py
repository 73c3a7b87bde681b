"""The audit trail: who did what to which container, and how it ended."""

from dataclasses import dataclass
from enum import StrEnum


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


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """An entry as it stands in the log; numbers grow and are never used again."""

    number: int
    entry: AuditEntry
