"""Streams that the services build: pages of rows, several streams as one, recorded ones."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Self, TypeVar

from contctl.core.api import Duplex, Stream
from contctl.core.domain.streams import Exit, Frame
from contctl.core.errors import ContctlError

S = TypeVar("S")
T = TypeVar("T")
BUFFERED = 64
"""How many items a merged stream holds for a slow reader before it lets the engine wait."""


@dataclass(frozen=True, slots=True)
class _Failure:
    error: BaseException


class Pages(Generic[T]):
    """Rows read a page at a time, so that no read stays open while they are printed."""

    def __init__(self, fetch: Callable[[T | None], Sequence[T]]) -> None:
        self._fetch = fetch
        self._page: list[T] = []
        self._last: T | None = None
        self._closed = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        if not self._page and not self._closed:
            self._page = list(reversed(self._fetch(self._last)))
        if not self._page or self._closed:
            raise StopIteration
        self._last = self._page.pop()
        return self._last

    def close(self) -> None:
        """End the iteration."""
        self._closed = True


class Merged(Generic[T]):
    """Several streams as one, in the order in which their items come.

    The first error ends it, and is raised.
    """

    def __init__(self, streams: Sequence[Stream[T]]) -> None:
        self._streams: list[Stream[T]] = []
        self._items: deque[T | _Failure] = deque()
        self._changed = threading.Condition()
        self._running = 0
        self._closed = False
        for stream in streams:
            self.join(stream)

    def join(self, stream: Stream[T]) -> None:
        """Add one that comes later, while another still runs; closed at once where this is."""
        with self._changed:
            closed = self._closed
            if not closed:
                self._streams.append(stream)
                self._running += 1
        if closed:
            stream.close()
            return
        threading.Thread(target=self._forward, args=(stream,), daemon=True).start()

    def _forward(self, stream: Stream[T]) -> None:
        try:
            for item in stream:
                if not self._put(item):
                    return
        except BaseException as error:  # noqa: BLE001 - raised again in the reader's thread
            self._put(_Failure(error))
        with self._changed:
            self._running -= 1
            self._changed.notify_all()

    def _put(self, item: T | _Failure) -> bool:
        """Wait for room; False where nobody reads any more."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or len(self._items) < BUFFERED)
            if not self._closed:
                self._items.append(item)
                self._changed.notify_all()
            return not self._closed

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._items or not self._running)
            if self._closed or not self._items:
                raise StopIteration
            item = self._items.popleft()
            self._changed.notify_all()
        if isinstance(item, _Failure):
            self.close()
            raise item.error
        return item

    def close(self) -> None:
        """Close every stream; a reader blocked in another thread wakes up."""
        with self._changed:
            self._closed = True
            self._items.clear()
            self._changed.notify_all()
            streams = list(self._streams)
        for stream in streams:
            stream.close()


def merged(streams: Sequence[Stream[T]]) -> Stream[T]:
    """One stream of all `streams`; a single one is itself."""
    return streams[0] if len(streams) == 1 else Merged(streams)


class Mapped(Generic[S, T]):
    """A stream whose items are `change` of another's."""

    def __init__(self, stream: Stream[S], change: Callable[[S], T]) -> None:
        self._stream = stream
        self._change = change
        self.close = stream.close

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        return self._change(next(self._stream))


class Selected(Generic[T]):
    """A stream of those items of another that are `wanted`."""

    def __init__(self, stream: Stream[T], wanted: Callable[[T], bool]) -> None:
        self._stream = stream
        self._wanted = wanted
        self.close = stream.close

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        return next(item for item in self._stream if self._wanted(item))


class RecordedStream(Generic[T]):
    """A stream whose end is told once: with None when it was read or closed, or with its error."""

    def __init__(self, stream: Stream[T], ended: Callable[[ContctlError | None], None]) -> None:
        self._stream = stream
        self._ended = _Once(ended)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        try:
            return next(self._stream)
        except StopIteration:
            self._ended(None)
            raise
        except ContctlError as error:
            self._ended(error)
            raise

    def close(self) -> None:
        """Close the stream beneath."""
        self._stream.close()
        self._ended(None)


class RecordedDuplex:
    """A duplex whose end is told once, as a RecordedStream's is."""

    def __init__(self, duplex: Duplex, ended: Callable[[ContctlError | None], None]) -> None:
        self._duplex = duplex
        self._ended = _Once(ended)
        self.write = duplex.write
        self.close_write = duplex.close_write
        self.resize = duplex.resize

    def read(self) -> Frame | None:
        """The next frame."""
        try:
            frame = self._duplex.read()
        except ContctlError as error:
            self._ended(error)
            raise
        if frame is None or isinstance(frame, Exit):
            self._ended(None)
        return frame

    def close(self) -> None:
        """Close the duplex beneath."""
        self._duplex.close()
        self._ended(None)


class _Once:
    def __init__(self, call: Callable[[ContctlError | None], None]) -> None:
        self._call: Callable[[ContctlError | None], None] | None = call
        self._lock = threading.Lock()

    def __call__(self, error: ContctlError | None) -> None:
        with self._lock:
            call, self._call = self._call, None
        if call is not None:
            call(error)
