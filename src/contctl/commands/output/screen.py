"""A terminal's whole screen, for what goes on changing."""

import shutil
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from contctl.commands.output.ending import ending_raises
from contctl.commands.output.terminal import ReaderGone, Terminal
from contctl.core.errors import ContctlError

# xterm's control sequences: the alternate screen, the cursor, and whether long lines are wrapped.
_BEGIN = "\x1b[?1049h\x1b[?25l\x1b[?7l"
_END = "\x1b[?7h\x1b[?25h\x1b[?1049l"
_HOME, _END_OF_LINE, _END_OF_SCREEN = "\x1b[H", "\x1b[K", "\x1b[J"


class Screen:
    """A context manager: what was there before is there again at its exit, however it ends."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._signals = ending_raises()

    def __enter__(self) -> Self:
        self._signals.__enter__()
        self._write(_BEGIN)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self._write(_END)
        except (ContctlError, ReaderGone):
            if kind is None:
                raise
        finally:
            self._signals.__exit__(kind, error, trace)

    def show(self, lines: Sequence[str]) -> None:
        """Show `lines`, in which all but contctl's own styles was escaped, as far as they fit."""
        height = shutil.get_terminal_size().lines
        if len(lines) > height:
            left = len(lines) - height + 1
            lines = [*lines[: height - 1], f"({left} more lines do not fit)"]
        ends = f"{_END_OF_LINE}\r\n"
        self._write(f"{_HOME}{ends.join(lines)}{_END_OF_LINE}{_END_OF_SCREEN}")

    def _write(self, text: str) -> None:
        self._terminal.write_bytes(text.encode(self._terminal.encoding, "backslashreplace"))
