"""Reading a line from the terminal that is not shown."""

import os
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from contctl.commands.output.ending import ending_raises
from contctl.core.errors import ContctlError, ErrorCode

LONGEST = 4096
"""Bytes; a terminal hands over no longer line (termios(3), "Canonical and noncanonical mode")."""


def read_hidden(label: bytes) -> bytes:
    """Show `label` and read a line, without its end. EOFError at the end of input; ContctlError
    FAILED where there is no terminal, USAGE for a line that is too long.

    Whatever ends it, an exception or a signal, the terminal shows again what is typed.
    """
    terminal = _controlling_terminal()
    try:
        with ending_raises(), _without_echo(terminal):
            os.write(terminal, label)
            line = _read_line(terminal)
        os.write(terminal, b"\n")  # the one that was typed was not shown either
    except (termios.error, OSError) as error:
        raise ContctlError(ErrorCode.FAILED, "the terminal cannot be asked") from error
    finally:
        os.close(terminal)
    return line


def _controlling_terminal() -> int:
    """The terminal itself, for standard error may lead elsewhere; or standard input without it."""
    try:
        return os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return os.dup(sys.stdin.fileno())


@contextmanager
def _without_echo(terminal: int) -> Iterator[None]:
    before = termios.tcgetattr(terminal)
    hidden = [*before]
    hidden[3] &= ~termios.ECHO
    try:
        termios.tcsetattr(terminal, termios.TCSAFLUSH, hidden)
        yield
    finally:
        # A terminal that is gone has nothing to be restored.
        with suppress(termios.error):
            termios.tcsetattr(terminal, termios.TCSAFLUSH, before)


def _read_line(terminal: int) -> bytes:
    line = b""
    while not line.endswith(b"\n"):
        if len(line) > LONGEST:
            raise ContctlError(ErrorCode.USAGE, "what was typed is too long")
        more = os.read(terminal, LONGEST)
        if not more:
            raise EOFError
        line += more
    return line.removesuffix(b"\n")
