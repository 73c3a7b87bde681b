"""A terminal that passes on every key as it is typed, and all output as it is."""

import os
import signal
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

from contctl.commands.output.ending import ending_raises
from contctl.core.errors import ContctlError, ErrorCode


@contextmanager
def raw_terminal(descriptor: int, resumed: Callable[[], None]) -> Iterator[None]:
    """While the body runs, the terminal is raw; whatever ends it, an exception or a signal, it is
    as before again, and so it is while the process is stopped. ContctlError FAILED where the
    terminal is gone.

    resumed: called when the process goes on after it was stopped.
    """
    try:
        before = termios.tcgetattr(descriptor)
        _set(descriptor, _raw(before))
    except termios.error as error:
        raise ContctlError(ErrorCode.FAILED, "the terminal cannot be used") from error
    try:
        with ending_raises(), _back_while_stopped(descriptor, before, resumed):
            yield
    finally:
        # A terminal that is gone has nothing to be restored.
        with suppress(termios.error):
            _set(descriptor, before)


def _raw(before: list[Any]) -> list[Any]:
    """As cfmakeraw (termios(3)) makes it."""
    inputs, outputs, controls, locals_, *speeds, characters = before
    inputs &= ~(
        termios.IGNBRK
        | termios.BRKINT
        | termios.PARMRK
        | termios.ISTRIP
        | termios.INLCR
        | termios.IGNCR
        | termios.ICRNL
        | termios.IXON
    )
    outputs &= ~termios.OPOST
    controls = controls & ~(termios.CSIZE | termios.PARENB) | termios.CS8
    locals_ &= ~(termios.ECHO | termios.ECHONL | termios.ICANON | termios.ISIG | termios.IEXTEN)
    characters = [*characters]
    characters[termios.VMIN], characters[termios.VTIME] = 1, 0
    return [inputs, outputs, controls, locals_, *speeds, characters]


def _set(descriptor: int, attributes: list[Any]) -> None:
    # At once: to wait for output to drain could take for ever on a terminal that nobody reads.
    termios.tcsetattr(descriptor, termios.TCSANOW, attributes)


@contextmanager
def _back_while_stopped(
    descriptor: int, before: list[Any], resumed: Callable[[], None]
) -> Iterator[None]:
    """Whoever gets the terminal while the process is stopped gets it as it was."""

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature is signal's
        with suppress(termios.error):
            _set(descriptor, before)
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, stop)

    def go_on(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the signature is signal's
        # In the background the kernel stops whoever tries; it is tried again when it goes on.
        with suppress(termios.error):
            _set(descriptor, _raw(before))
        resumed()

    previous = signal.getsignal(signal.SIGTSTP), signal.getsignal(signal.SIGCONT)
    signal.signal(signal.SIGTSTP, stop)
    signal.signal(signal.SIGCONT, go_on)
    try:
        yield
    finally:
        signal.signal(signal.SIGTSTP, previous[0])
        signal.signal(signal.SIGCONT, previous[1])
