"""The one error class of contctl and the codes that tell its kinds apart."""

from collections.abc import Mapping
from enum import StrEnum


class ErrorCode(StrEnum):
    """What kind of failure it is; presentation maps each to an exit code or an HTTP status."""

    FAILED = "failed"
    USAGE = "usage"
    NOT_FOUND = "not-found"
    NOT_AUTHENTICATED = "not-authenticated"
    FORBIDDEN = "forbidden"
    CONFLICT = "conflict"
    UNAVAILABLE = "unavailable"
    UNSUPPORTED = "unsupported"
    STORE = "store"


class ContctlError(Exception):
    """An expected failure, worded for the person who reads it.

    message: one line, without a final full stop.
    hint: one line that names what helps, or None.
    details: short machine-readable facts; the keys in use are `reason` and `request`.
    """

    def __init__(
        self,
        code: ErrorCode,
        message: str,
        *,
        hint: str | None = None,
        details: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.details = dict(details or {})

    @property
    def reason(self) -> str | None:
        """The `reason` among the details: a finer kind than the code, such as `read-only`."""
        return self.details.get("reason")
