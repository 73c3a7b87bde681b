"""Streams that end when their caller's rights end."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Generic, Self, TypeVar

from contctl.core.domain.streams import Exit

if TYPE_CHECKING:
    from collections.abc import Callable

    from contctl.core.api import Duplex, Stream
    from contctl.core.domain.streams import Frame
    from contctl.core.errors import ContctlError
    from contctl.core.ports import Supervision

T = TypeVar("T")


class Watch:
    """The watch over one thing that goes on, from now until `over`.

    check: raises the error that ends it.  close: ends it, and wakes who waits for it.
    error: why it was ended, once it was.  dropped: set where nobody has it any more.
    """

    def __init__(
        self, supervision: Supervision, check: Callable[[], None], close: Callable[[], None]
    ) -> None:
        self.error: ContctlError | None = None
        self.dropped = False
        self._check = check
        self._close = close
        self._over = False
        self._lock = threading.Lock()
        self._stop = supervision.watch(self._checked, self._end)

    def require(self) -> None:
        """Raise the error if it was ended."""
        if self.error is not None:
            raise self.error from None

    def passed(self, item: T) -> T:
        """`item`, as `require` lets it pass."""
        self.require()
        return item

    def over(self) -> None:
        """It has come to its own end, or was closed; may be called more than once."""
        with self._lock:
            self._over = True
        self._stop()

    def _checked(self) -> None:
        if self.dropped:
            self.over()
        else:
            self._check()

    def _end(self, error: ContctlError) -> None:
        with self._lock:
            if self._over:
                return
            self.error = error
        self._close()


class SupervisedStream(Generic[T]):
    """A stream that is ended from outside: every read of it then raises the error."""

    def __init__(self, stream: Stream[T], watch: Watch) -> None:
        self._stream = stream
        self._watch = watch

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        self._watch.require()
        try:
            return self._watch.passed(next(self._stream))
        except Exception:
            self._watch.over()
            self._watch.require()
            raise

    def close(self) -> None:
        """Close the stream beneath."""
        self._watch.over()
        self._stream.close()

    def __del__(self) -> None:
        # Else it would be watched for ever. No lock may be taken where objects are collected.
        self._watch.dropped = True


class SupervisedDuplex:
    """A duplex that is ended from outside, as a SupervisedStream is."""

    def __init__(self, duplex: Duplex, watch: Watch) -> None:
        self._duplex = duplex
        self._watch = watch
        self.write = duplex.write
        self.close_write = duplex.close_write
        self.resize = duplex.resize

    def read(self) -> Frame | None:
        """The next frame."""
        self._watch.require()
        try:
            frame = self._watch.passed(self._duplex.read())
        except Exception:
            self._watch.over()
            self._watch.require()
            raise
        if frame is None or isinstance(frame, Exit):
            self._watch.over()
            self._watch.require()
        return frame

    def close(self) -> None:
        """Close the duplex beneath."""
        self._watch.over()
        self._duplex.close()

    def __del__(self) -> None:
        self._watch.dropped = True
