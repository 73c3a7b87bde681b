"""Keeping the terminal of a process as large as the one that shows it."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import SimpleQueue

from contctl.commands.output.terminal import Terminal
from contctl.core.api import Duplex
from contctl.core.errors import ContctlError


@contextmanager
def resized(terminal: Terminal, duplex: Duplex, *, redraw: bool) -> Iterator[Callable[[], None]]:
    """While the body runs, `duplex` is told the size of standard output's terminal, at once and
    whenever it changes; what it is given tells it again.

    redraw: tell another size first, so that what runs already shows itself again.
    """
    # A SimpleQueue, because what a signal interrupts may hold the lock of any other one.
    asked: SimpleQueue[bool] = SimpleQueue()

    def ask(*_: object) -> None:
        asked.put(True)

    before = signal.signal(signal.SIGWINCH, ask)
    ask()
    threading.Thread(target=_tell, args=(terminal, duplex, asked, redraw), daemon=True).start()
    try:
        yield ask
    finally:
        signal.signal(signal.SIGWINCH, before)
        asked.put(False)


def _tell(terminal: Terminal, duplex: Duplex, asked: "SimpleQueue[bool]", redraw: bool) -> None:
    while asked.get():
        size = terminal.size
        if size is None:
            continue
        columns, rows = size
        with suppress(ContctlError):  # whoever reads the output is told of it
            if redraw:
                duplex.resize(columns + 1, rows + 1)
            duplex.resize(columns, rows)
        redraw = False
