"""Streams of a gateway's answers."""

from collections import deque
from typing import Any, Generic, Self, TypeVar

from contctl.backends.gateway.errors import Gateway
from contctl.backends.gateway.transport import Answer
from contctl.core.errors import ContctlError
from contctl.wire.frames import FrameReader, ItemReader, Kind, pack, unpack_error

T = TypeVar("T")


class FrameStream(Generic[T]):
    """A Stream of the items of an answer in frames. item_type: as for `ItemReader`."""

    def __init__(self, gateway: Gateway, answer: Answer, item_type: Any) -> None:
        self._gateway = gateway
        self._body = answer.body
        self._version = answer.version
        self._frames = FrameReader()
        self._items = ItemReader(item_type)
        self._ready: deque[T] = deque()
        self._failure: ContctlError | None = None

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        while not self._body.closed:
            if self._ready:
                return self._ready.popleft()
            if self._failure is not None:
                self.close()
                raise self._failure
            if self._items.finished:
                self.close()
            else:
                self._fill()
        raise StopIteration

    def close(self) -> None:
        """End the iteration, also one that waits in another thread."""
        self._body.close()

    def _fill(self) -> None:
        try:
            piece = self._body.read()
            if not piece and not self._body.closed:
                raise self._gateway.cut()
            with self._gateway.understanding(self._version):
                found = list(self._frames.feed(piece))
            for kind, payload in found:
                if kind is Kind.ERROR:
                    raise unpack_error(payload)
                with self._gateway.understanding(self._version):
                    self._ready.extend(self._items.feed(pack(kind, payload)))
        except ContctlError as error:
            # What came before it is still to be handed out.
            self._failure = error
