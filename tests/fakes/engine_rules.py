"""What the fake engine refuses, in the words of a real one."""

import re
import signal

from contctl.core.domain.transfers import CommitSpec
from contctl.core.errors import ContctlError, ErrorCode

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]+", re.ASCII)


def conflict(message: str) -> ContctlError:
    return ContctlError(ErrorCode.CONFLICT, message)


def check_name(name: str) -> None:
    if _NAME.fullmatch(name) is None:
        raise ContctlError(ErrorCode.USAGE, f"Invalid container name ({name})")


def check_changes(spec: CommitSpec) -> None:
    for change in spec.changes:
        if change.split(" ")[0].upper() not in ("CMD", "ENV", "LABEL", "WORKDIR", "USER"):
            word = change.split(" ")[0].lower()
            raise ContctlError(ErrorCode.USAGE, f"{word} is not a valid change command")


def signal_name(text: str) -> str:
    """`TERM` for `SIGTERM`, `TERM`, `term` or `15`."""
    name = text.upper().removeprefix("SIG")
    if name.isdigit() and int(name) in {item.value for item in signal.Signals}:
        name = signal.Signals(int(name)).name.removeprefix("SIG")
    if f"SIG{name}" not in signal.Signals.__members__:
        raise ContctlError(ErrorCode.USAGE, f"Invalid signal: {text}")
    return name
