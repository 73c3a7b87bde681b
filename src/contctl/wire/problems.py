"""Errors on the wire: problem details (RFC 9457) with contctl's own members."""

from typing import Any

from contctl.core.errors import ContctlError, ErrorCode

CONTENT_TYPE = "application/problem+json"

STATUSES = {
    ErrorCode.USAGE: 400,
    ErrorCode.NOT_AUTHENTICATED: 401,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.CONFLICT: 409,
    ErrorCode.FAILED: 422,
    ErrorCode.UNSUPPORTED: 501,
    ErrorCode.UNAVAILABLE: 503,
    ErrorCode.STORE: 507,
}
REASON_STATUSES = {
    "no-such-operation": 404,
    "method": 405,
    "too-slow": 408,
    "too-large": 413,
    "content-type": 415,
    "rate-limited": 429,
    "bug": 500,
}
"""What goes before the status of the code."""

_TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    409: "Conflict",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
    507: "Insufficient Storage",
}


def status_of(error: ContctlError) -> int:
    """The HTTP status (RFC 9110) that `error` is answered with."""
    return REASON_STATUSES.get(error.reason or "", STATUSES[error.code])


def to_problem(error: ContctlError) -> dict[str, Any]:
    """`error` as a problem object. Its title is the status's own phrase, as RFC 9457 section 4.2.1
    asks of `about:blank`."""
    status = status_of(error)
    return {
        "type": "about:blank",
        "title": _TITLES[status],
        "status": status,
        "detail": error.message,
        "code": error.code.value,
        "hint": error.hint,
        "details": dict(error.details),
    }


def from_problem(value: object) -> ContctlError:
    """The error that a problem object tells of; never raises.

    A code of a newer contctl becomes FAILED, what is no problem of contctl's UNAVAILABLE.
    """
    if not isinstance(value, dict):
        return _not_ours()
    code, message = value.get("code"), value.get("detail")
    if not isinstance(code, str) or not isinstance(message, str):
        return _not_ours()
    hint, details = value.get("hint"), value.get("details")
    return ContctlError(
        _code(code),
        message,
        hint=hint if isinstance(hint, str) else None,
        details=_texts(details) if isinstance(details, dict) else None,
    )


def _code(text: str) -> ErrorCode:
    try:
        return ErrorCode(text)
    except ValueError:
        return ErrorCode.FAILED


def _texts(details: dict[Any, Any]) -> dict[str, str]:
    return {
        key: value
        for key, value in details.items()
        if isinstance(key, str) and isinstance(value, str)
    }


def _not_ours() -> ContctlError:
    return ContctlError(ErrorCode.UNAVAILABLE, "the answer is not one of a contctl gateway")
