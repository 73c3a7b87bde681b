"""The exit codes that scripts rely on (CONTRACT, "Exit codes")."""

from enum import IntEnum

from contctl.core.errors import ContctlError, ErrorCode


class ExitStatus(IntEnum):
    """What a command's end says."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    NOT_AUTHENTICATED = 4
    FORBIDDEN = 5
    CONFLICT = 6
    UNAVAILABLE = 7
    UNSUPPORTED = 8
    STORE = 9
    BUG = 70
    NOT_RUN = 125
    NOT_EXECUTABLE = 126
    COMMAND_NOT_FOUND = 127
    INTERRUPTED = 130
    CLOSED_PIPE = 141
    TERMINATED = 143


_BY_CODE = {code: ExitStatus[code.name] for code in ErrorCode}
_BY_REASON = {
    "command-not-found": ExitStatus.COMMAND_NOT_FOUND,
    "command-not-executable": ExitStatus.NOT_EXECUTABLE,
}


def status_of(error: ContctlError, *, runs_a_process: bool) -> ExitStatus:
    """The exit code of `error`; a command whose code is its container's has its own three."""
    if runs_a_process:
        return _BY_REASON.get(error.reason or "", ExitStatus.NOT_RUN)
    return _BY_CODE[error.code]


def status_of_all(errors: list[ContctlError]) -> ExitStatus:
    """The exit code of several targets: their common reason's, or FAILED for different ones."""
    statuses = {_BY_CODE[error.code] for error in errors}
    if not statuses:
        return ExitStatus.DONE
    return statuses.pop() if len(statuses) == 1 else ExitStatus.FAILED
