"""Bounded ways between a thread that may wait and the event loop that must not.

Each holds `capacity` bytes, and one piece more: a side that is quicker waits for the other.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import suppress

from contctl.core.errors import ContctlError

CAPACITY = 256 * 1024
"""Bytes."""


class _Pipe:
    """What both directions have in common; built on the event loop."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._loop = asyncio.get_running_loop()
        self._changed = threading.Condition()
        self._woken = asyncio.Event()
        self._loop_waits = False
        self._pieces: deque[bytes] = deque()
        self._size = 0
        self._ended = False
        self._closed = False

    def close(self) -> None:
        """Nobody reads any more, or nobody writes: both sides stop waiting. From any thread."""
        with self._changed:
            self._closed = True
            self._pieces.clear()
            self._size = 0
            self._wake()

    def _wake(self) -> None:
        """Wake either side; `_changed` is held."""
        self._changed.notify_all()
        if self._loop_waits:
            self._loop_waits = False
            with suppress(RuntimeError):  # the loop is closed, and nobody waits there
                self._loop.call_soon_threadsafe(self._woken.set)

    def _let_loop_wait(self) -> None:
        """Have the loop woken by the next change; `_changed` is held."""
        self._woken.clear()
        self._loop_waits = True


class Outbox(_Pipe):
    """Pieces from a thread to the event loop."""

    def put(self, piece: bytes) -> bool:
        """From the thread: wait for room; False where the piece is not wanted any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._size < self._capacity)
            if self._closed:
                return False
            self._pieces.append(piece)
            self._size += len(piece)
            self._wake()
            return True

    def finish(self) -> None:
        """From the thread: there is no more."""
        with self._changed:
            self._ended = True
            self._wake()

    async def take(self) -> list[bytes] | None:
        """On the loop: all pieces that are there, one at least; None after the last."""
        while True:
            with self._changed:
                if self._pieces:
                    pieces = list(self._pieces)
                    self._pieces.clear()
                    self._size = 0
                    self._wake()
                    return pieces
                if self._ended or self._closed:
                    return None
                self._let_loop_wait()
            await self._woken.wait()


class Inbox(_Pipe):
    """Pieces from the event loop to a thread, which iterates over them."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        super().__init__(capacity)
        self._error: ContctlError | None = None

    async def put(self, piece: bytes) -> bool:
        """On the loop: wait for room; False where the piece is not wanted any more."""
        while True:
            with self._changed:
                if self._closed:
                    return False
                if self._size < self._capacity:
                    self._pieces.append(piece)
                    self._size += len(piece)
                    self._wake()
                    return True
                self._let_loop_wait()
            await self._woken.wait()

    def finish(self, error: ContctlError | None = None) -> None:
        """There is no more; `error` is raised in the thread's iteration. The first call counts."""
        with self._changed:
            if not self._ended:
                self._ended = True
                self._error = error
                self._wake()

    def __iter__(self) -> Iterator[bytes]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._pieces or self._ended or self._closed)
                if not self._pieces:
                    if self._error is not None:
                        raise self._error
                    return
                piece = self._pieces.popleft()
                self._size -= len(piece)
                self._wake()
            yield piece
