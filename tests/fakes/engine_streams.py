"""Streams of the fake engine. All its waits are on one condition variable."""

import threading
from collections.abc import Callable
from typing import Generic, Self, TypeVar

from contctl.core.domain.streams import Exit, Frame

T = TypeVar("T")


class NotYet(Exception):
    """There is nothing to take now."""


class FakeStream(Generic[T]):
    """A Stream of what `take` answers. It raises NotYet to be asked again after a change, and
    StopIteration at the end; it is called with `changed` held."""

    def __init__(self, changed: threading.Condition, take: Callable[[], T]) -> None:
        self._changed = changed
        self._take = take
        self._closed = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        with self._changed:
            while not self._closed:
                try:
                    return self._take()
                except NotYet:
                    self._changed.wait(0.05)
        raise StopIteration

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()


class Pipe:
    """A standard input."""

    def __init__(self, changed: threading.Condition, *, opened: bool) -> None:
        self._changed = changed
        self._data = b""
        self._ended = not opened

    def write(self, data: bytes) -> None:
        with self._changed:
            if not self._ended:
                self._data += data
                self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def read(self) -> bytes:
        """What there is; empty at its end. NotYet where there is nothing yet."""
        if not self._data and not self._ended:
            raise NotYet
        data, self._data = self._data, b""
        return data


class FakeDuplex:
    """A Duplex of the frames that `frames` takes, which ends with an `Exit`."""

    def __init__(self, frames: FakeStream[Frame], stdin: Pipe | None) -> None:
        self._frames = frames
        self._stdin = stdin
        self.sizes: list[tuple[int, int]] = []

    def read(self) -> Frame | None:
        frame = next(self._frames, None)
        if isinstance(frame, Exit):
            self._frames.close()
        return frame

    def write(self, data: bytes) -> None:
        if self._stdin is not None:
            self._stdin.write(data)

    def close_write(self) -> None:
        if self._stdin is not None:
            self._stdin.close()

    def resize(self, columns: int, rows: int) -> None:
        self.sizes.append((columns, rows))

    def close(self) -> None:
        self._frames.close()
