"""Streams of what is worked out here."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Generic, Protocol, Self, TypeVar

if TYPE_CHECKING:
    from contctl.core.api import Stream

T = TypeVar("T")


class Closable(Protocol):
    """What a stream reads from."""

    def close(self) -> None: ...


class Rows(Generic[T]):
    """A Stream of values; closing it closes what they come from."""

    def __init__(self, values: Iterator[T], sources: Sequence[Closable]) -> None:
        self._values = values
        self._sources = sources
        self._closed = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        if self._closed:
            raise StopIteration
        return next(self._values)

    def close(self) -> None:
        """End the iteration, also one that waits in another thread."""
        self._closed = True
        for source in self._sources:
            source.close()


class Until(Generic[T]):
    """A Stream that ends by itself after some seconds."""

    def __init__(self, stream: Stream[T], seconds: float) -> None:
        self._stream = stream
        self._timer = threading.Timer(min(seconds, threading.TIMEOUT_MAX), stream.close)
        self._timer.daemon = True
        self._timer.start()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        try:
            return next(self._stream)
        except StopIteration:
            self._timer.cancel()
            raise

    def close(self) -> None:
        """End the iteration, also one that waits in another thread."""
        self._timer.cancel()
        self._stream.close()
