"""How much of a copy has gone through, on a terminal."""

import time
from collections.abc import Iterable, Iterator

from contctl.commands.output.terminal import Terminal
from contctl.commands.output.times import size

_EVERY = 0.1
_CLEAR = b"\r\x1b[K"


class CopyProgress:
    """Counts the bytes of one copy. shown: whether anything is said of it at all; all of it goes to
    standard error, and the running count only where that is a terminal."""

    def __init__(self, terminal: Terminal, header: str, *, shown: bool) -> None:
        self._terminal = terminal
        self._header = header
        self._shown = shown
        self._live = shown and terminal.stderr_is_tty and terminal.environ.get("TERM") != "dumb"
        self._bytes = 0
        self._next = 0.0

    @property
    def has_begun(self) -> bool:
        """Whether any of it has gone through."""
        return self._bytes > 0

    def counted(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """`pieces`, each counted as it is taken."""
        try:
            for piece in pieces:
                self._bytes += len(piece)
                if self._live:
                    self._show()
                yield piece
        finally:
            if self._live and self._next:
                self._terminal.error_bytes(_CLEAR)

    def done(self, target: str) -> None:
        """Say that all of it is at `target`."""
        if self._shown:
            self._terminal.note(f"Successfully copied {size(self._bytes)} to {target}")

    def _show(self) -> None:
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _EVERY
            line = f"{self._header} - {size(self._bytes)}".encode("ascii")
            self._terminal.error_bytes(_CLEAR + line)
