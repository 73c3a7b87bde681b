"""Single keys of a terminal, and its other screen; both are put back, whatever ends their use."""

import os
import select
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from contctl.commands.output.terminal import ReaderGone, Terminal
from contctl.core.errors import ContctlError

END = "\x04"
"""What is read where the terminal is gone."""
_ENTER = b"\x1b[?1049h\x1b[?25l"
_LEAVE = b"\x1b[?25h\x1b[?1049l"
"""The alternate screen (xterm, private modes), without a cursor."""


@contextmanager
def other_screen(terminal: Terminal) -> Iterator[None]:
    """While the body runs, the terminal shows another screen than the one it had."""
    try:
        terminal.write_bytes(_ENTER)
        yield
    finally:
        with suppress(ContctlError, ReaderGone):
            terminal.write_bytes(_LEAVE)


@contextmanager
def single_keys(terminal: Terminal) -> Iterator[Callable[[float], str]]:
    """A function that waits so many seconds for a key, and gives it; empty for none. Without a
    terminal as standard input it only waits. Ctrl-C interrupts as always."""
    if not terminal.stdin_is_tty:
        yield _wait
        return
    descriptor = terminal.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    attributes = termios.tcgetattr(descriptor)
    attributes[3] &= ~(termios.ICANON | termios.ECHO)
    for key in (termios.VSUSP, termios.VQUIT):
        # Whoever stopped here would be left with the other screen.
        attributes[6][key] = b"\0"
    try:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, attributes)
        yield lambda seconds: _key(descriptor, seconds)
    finally:
        with suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _wait(seconds: float) -> str:
    time.sleep(seconds)
    return ""


def _key(descriptor: int, seconds: float) -> str:
    ready, _, _ = select.select([descriptor], [], [], seconds)
    if not ready:
        return ""
    with suppress(OSError):
        return os.read(descriptor, 64)[:1].decode("ascii", "replace") or END
    return END
