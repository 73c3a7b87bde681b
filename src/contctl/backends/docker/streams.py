"""Streams of an engine's answers."""

from collections import deque
from typing import Generic, Self, TypeVar

from contctl.backends.docker.endpoint import Endpoint
from contctl.backends.docker.errors import reaching
from contctl.backends.docker.framing import Decoder
from contctl.backends.docker.late import LateBody
from contctl.backends.http.body import Body
from contctl.core.domain.streams import Stats
from contctl.core.errors import ContctlError

T = TypeVar("T")


class BodyStream(Generic[T]):
    """A Stream of the values that a decoder finds in a body."""

    def __init__(self, endpoint: Endpoint, body: Body | LateBody, decoder: Decoder[T]) -> None:
        self._endpoint = endpoint
        self._body = body
        self._decoder = decoder
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
            self._fill()
        raise StopIteration

    def close(self) -> None:
        """End the iteration, also one that waits in another thread."""
        self._body.close()

    def _fill(self) -> None:
        try:
            piece = self._body.read()
            with reaching(self._endpoint):
                if piece:
                    for value in self._decoder.feed(piece):
                        self._ready.append(value)
                elif not self._body.closed:
                    self._decoder.finish()
                    self.close()
        except ContctlError as error:
            # What came before it is still to be handed out.
            self._failure = error


class OneValue(Generic[T]):
    """A Stream that ends after the first value of another one, and closes that."""

    def __init__(self, stream: BodyStream[T]) -> None:
        self._stream = stream

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> T:
        value = next(self._stream)
        self._stream.close()
        return value

    def close(self) -> None:
        """End the iteration, also one that waits in another thread."""
        self._stream.close()


class Compared:
    """A Stream of the first of some readings that knows of the one before it, or is that of a
    container that does not run; then it ends."""

    def __init__(self, readings: BodyStream[Stats]) -> None:
        self._readings = readings

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Stats:
        first = next(self._readings)
        runs = bool((first.reading.get("cpu_stats") or {}).get("system_cpu_usage"))
        found = next(self._readings, first) if runs else first
        self._readings.close()
        return found

    def close(self) -> None:
        """End the iteration, also one that waits in another thread."""
        self._readings.close()
