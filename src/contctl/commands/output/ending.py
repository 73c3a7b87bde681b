"""Signals that end the process, while a terminal has to be put back first."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

_ENDING = (signal.SIGHUP, signal.SIGQUIT)
"""They would end the process at once. An interrupt and SIGTERM raise already."""


@contextmanager
def ending_raises() -> Iterator[None]:
    """Let signals that would end the process raise SystemExit instead, with the code that a shell
    shows for them. One that is ignored, as under nohup, or passed on stays so."""
    replaced = [number for number in _ENDING if signal.getsignal(number) is signal.SIG_DFL]
    for number in replaced:
        signal.signal(number, _end)
    try:
        yield
    finally:
        for number in replaced:
            signal.signal(number, signal.SIG_DFL)


def _end(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - the signature is signal's
    raise SystemExit(128 + number)
