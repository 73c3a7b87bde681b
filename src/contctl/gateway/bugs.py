"""What is no ContctlError: a bug in contctl, of which a peer learns nothing."""

import logging

from contctl.core.errors import ContctlError, ErrorCode

_log = logging.getLogger("contctl.gateway")


def as_error(error: BaseException, operation: str) -> ContctlError:
    """`error` itself where it is a ContctlError. Anything else is logged and answered as a bug; the
    log shows its type and places alone, for its text may hold what the caller sent."""
    if isinstance(error, ContctlError):
        return error
    _log.error("bug", exc_info=error, extra={"fields": {"operation": operation}})
    return ContctlError(ErrorCode.FAILED, "contctl has a bug", details={"reason": "bug"})
