"""Turns at a database among the threads of one process.

SQLite lets who finds a database locked ask again after a pause, in no order: of many threads some
would ask in vain until their time is over, and between two of them the database would lie idle.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class _Turn:
    def __init__(self, *, alone: bool) -> None:
        self.alone = alone
        self.come = threading.Event()


class Turns:
    """Readers side by side, writers alone, in the order in which they come. Not reentrant."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[_Turn] = deque()
        self._readers = 0
        self._writes = False

    @contextmanager
    def take(self, seconds: float, *, alone: bool) -> Iterator[None]:
        """A context for one transaction. alone: it writes. TimeoutError after so many seconds."""
        turn = _Turn(alone=alone)
        with self._lock:
            self._waiting.append(turn)
            self._admit()
        if not turn.come.wait(seconds):
            self._leave_queue(turn)
        try:
            yield
        finally:
            with self._lock:
                self._end(turn)

    def _admit(self) -> None:
        while self._waiting and not self._writes:
            if self._waiting[0].alone:
                if self._readers:
                    return
                self._writes = True
            else:
                self._readers += 1
            self._waiting.popleft().come.set()

    def _end(self, turn: _Turn) -> None:
        if turn.alone:
            self._writes = False
        else:
            self._readers -= 1
        self._admit()

    def _leave_queue(self, turn: _Turn) -> None:
        with self._lock:
            if turn.come.is_set():
                self._end(turn)
            else:
                self._waiting.remove(turn)
                self._admit()
        raise TimeoutError
