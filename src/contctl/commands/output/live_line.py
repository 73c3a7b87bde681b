"""A line on standard error that tells how far a command has come, on a terminal only."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Self

from contctl.commands.output.terminal import Terminal

_ERASE = "\r\x1b[K"
_UNSEEN = 1.0
"""Seconds before it is shown: what is quicker needs none."""
_EVERY = 0.2
"""Seconds from one look at the text to the next."""


class LiveLine:
    """A context manager. text: asked again and again, from a thread of its own; one line of
    contctl's own words. At the end nothing of it is left."""

    def __init__(self, terminal: Terminal, text: Callable[[], str]) -> None:
        self._terminal = terminal
        self._text = text
        self._shown = ""
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        if self._terminal.stderr_is_tty and self._terminal.environ.get("TERM") != "dumb":
            self._thread = threading.Thread(target=self._run, daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread is not None:
            self._thread.join()
            self._show("")

    @contextmanager
    def aside(self) -> Iterator[None]:
        """While the body writes to the terminal, the line is not there."""
        with self._lock:
            self._show("")
            yield

    def _run(self) -> None:
        pause = _UNSEEN
        while not self._over.wait(pause):
            pause = _EVERY
            with self._lock:
                self._show(self._text()[: self._terminal.width - 1])

    def _show(self, text: str) -> None:
        if text == self._shown:
            return
        self._shown = text
        with suppress(OSError):
            self._terminal.stderr.write(f"{_ERASE}{text}".encode())
            self._terminal.stderr.flush()
