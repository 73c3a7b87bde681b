"""The streams that a command reads and writes, and what is known of them."""

import os
import select
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from io import BufferedIOBase
from typing import BinaryIO, cast

from contctl.commands.output.escape import escaped
from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode


class ReaderGone(Exception):
    """Whoever read the output has closed the pipe. Not an OSError: typer would catch it."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """Standard input, output and error as bytes, and which of them are terminals.

    Whatever is written as text is escaped where a terminal would see it. Three ways pass control
    characters on: `write_bytes` and `error_bytes`, for what a container wrote, and `write_styled`.
    encoding: of the output streams; what it lacks is shown as an escape.
    """

    stdin: BufferedIOBase
    stdout: BinaryIO
    stderr: BinaryIO
    stdin_is_tty: bool
    stdout_is_tty: bool
    stderr_is_tty: bool
    environ: Mapping[str, str]
    encoding: str = "utf-8"

    def line(self, text: str) -> None:
        """Write one line of data; what would end it early is escaped on a terminal."""
        self.write_styled(self.shown(text))

    def write(self, text: str) -> None:
        """Write `text`, which may have several lines and tabs, and a line end."""
        self.write_styled(escaped(text, keep="\n\t") if self.stdout_is_tty else text)

    def shown(self, text: str) -> str:
        """`text` as a part of a line of standard output: a pipe gets it as it is."""
        return escaped(text) if self.stdout_is_tty else text

    def write_styled(self, text: str) -> None:
        """Write `text`, in which all but contctl's own styles was escaped, and a line end."""
        self.write_bytes(f"{text}\n".encode(self.encoding, "backslashreplace"))

    def write_bytes(self, data: bytes) -> None:
        """Write `data` unchanged to standard output, now."""
        with _translated("standard output"):
            self.stdout.write(data)
            self.stdout.flush()

    def check_reader(self) -> None:
        """Raise ReaderGone where standard output is a pipe that nobody reads any more."""
        try:
            descriptor = self.stdout.fileno()
        except OSError:
            return
        poll = select.poll()
        poll.register(descriptor, 0)
        if any(events & select.POLLERR for _, events in poll.poll(0)):
            raise ReaderGone

    def error_bytes(self, data: bytes) -> None:
        """Write `data` unchanged to standard error, now."""
        with _translated("standard error"):
            self.stderr.write(data)
            self.stderr.flush()

    def note(self, text: str) -> None:
        """Write one escaped line to standard error; that it cannot be read changes nothing."""
        line = f"{escaped(text)}\n"
        with suppress(OSError):
            self.stderr.write(line.encode(self.encoding, "backslashreplace"))
            self.stderr.flush()

    def ask(self, label: str) -> str:
        """Ask for a line of text; EOFError at the end of input."""
        self.error_bytes(escaped(label).encode(self.encoding, "backslashreplace"))
        answer = self.stdin.readline()
        if not answer:
            raise EOFError
        return answer.decode("utf-8", "surrogateescape").strip()

    def ask_password(self, label: str) -> Secret:
        """Ask for a password without showing it; EOFError at the end of input. USAGE for what is
        no text, and for more of it than any password has."""
        from contctl.commands.output.hidden_input import read_hidden

        typed = read_hidden(escaped(label).encode(self.encoding, "backslashreplace"))
        try:
            return Secret(typed.decode(self.encoding))
        except UnicodeDecodeError:
            raise ContctlError(
                ErrorCode.USAGE, f"what was typed is not {self.encoding.upper()}"
            ) from None

    @property
    def is_rich(self) -> bool:
        """Whether standard output shows tables and colours."""
        return self.stdout_is_tty and self.environ.get("TERM") != "dumb"

    @property
    def has_color(self) -> bool:
        """Whether output may be coloured (no-color.org, bixense.com/clicolors)."""
        if self.environ.get("NO_COLOR") or self.environ.get("TERM") == "dumb":
            return False
        return self.is_rich or self.environ.get("CLICOLOR_FORCE", "0") not in ("", "0")

    @property
    def size(self) -> tuple[int, int] | None:
        """Columns and rows of the terminal that standard output is; None where it is none, or does
        not know."""
        if not self.stdout_is_tty:
            return None
        try:
            columns, rows = os.get_terminal_size(self.stdout.fileno())
        except OSError:
            return None
        return (columns, rows) if columns or rows else None

    @property
    def width(self) -> int:
        """Columns of the terminal."""
        from shutil import get_terminal_size

        return get_terminal_size().columns


@contextmanager
def _translated(stream: str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise ReaderGone from None
    except OSError as error:
        message = f"{stream} cannot be written: {error.strerror or error}"
        raise ContctlError(ErrorCode.FAILED, message) from error


def system_terminal() -> Terminal:
    """The terminal of this process. Streams that it was started without are empty, or cannot be
    written."""
    import sys

    if None in (sys.stdin, sys.stdout, sys.stderr):
        _open_missing_streams()
    return Terminal(
        stdin=cast(BufferedIOBase, sys.stdin.buffer),
        stdout=sys.stdout.buffer,
        stderr=sys.stderr.buffer,
        stdin_is_tty=sys.stdin.isatty(),
        stdout_is_tty=sys.stdout.isatty(),
        stderr_is_tty=sys.stderr.isatty(),
        environ=os.environ,
        encoding=sys.stdout.encoding or "utf-8",
    )


def _open_missing_streams() -> None:
    """Give the closed ones of descriptors 0, 1 and 2 something to be, so that no file opened later
    takes their place and gets what is written to them."""
    import sys

    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDONLY)  # takes the lowest free number, and refuses writes
    sys.stdin = sys.stdin or os.fdopen(0, encoding="utf-8")
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8")
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8")
