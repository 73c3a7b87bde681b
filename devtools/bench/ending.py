"""Signals: the first one ends a run in order, and none ends its clearing up."""

import signal
import sys
from types import FrameType
from typing import NoReturn


def ignore_signals() -> None:
    """From now on."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


def terminate(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - signal's own
    """A handler of SIGTERM."""
    sys.exit(128 + number)
