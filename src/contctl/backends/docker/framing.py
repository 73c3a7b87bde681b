"""Pure decoders of what an engine sends; each is fed bytes as they come, split anywhere."""

import json
import struct
from collections.abc import Callable, Iterable
from typing import Any, Generic, Protocol, TypeVar

from contctl.core.domain.streams import Err, Out

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

MAX_DOCUMENT = 4 * 1024 * 1024
_MAX_ENGINE_ERROR = 65536
_ENGINE_ERROR = 3
_HEADER = struct.Struct(">II").unpack_from


class Decoder(Protocol[T_co]):
    """Bytes in, values out. ValueError for bytes that are none of it."""

    def feed(self, data: bytes) -> Iterable[T_co]:
        """The values that `data` completes; to be taken before the next call."""

    def finish(self) -> None:
        """EOFError if the bytes ended inside a value."""


class Demultiplexer:
    """Standard output and error from docker's multiplexed stream.

    Each frame has a header of 8 bytes: the stream (0 stdin, 1 stdout, 2 stderr), three zeros, and
    the length of what follows as a big-endian 32-bit number (Docker Engine API, "Attach to a
    container", Stream format); 3 is an error of the engine's own (moby, `pkg/stdcopy`). What
    neighbours on one stream is joined, and a frame need not be whole to be passed on.
    """

    def __init__(self, refuse: Callable[[str], Exception]) -> None:
        self._refuse = refuse
        self._header = b""
        self._kind = 0
        self._left = 0
        self._engine_error = b""

    def feed(self, data: bytes) -> list[Out | Err]:
        """The output in `data`. After an engine's error nothing follows, and `finish` raises what
        `refuse` makes of it."""
        buffer = self._header + data if self._header else data
        runs: list[tuple[int, list[bytes]]] = []
        at, end = 0, len(buffer)
        while True:
            if self._left:
                piece = buffer[at : at + self._left]
                if not piece:
                    break
                at += len(piece)
                self._left -= len(piece)
                if self._kind == _ENGINE_ERROR:
                    self._engine_error = (self._engine_error + piece)[:_MAX_ENGINE_ERROR]
                elif runs and runs[-1][0] == self._kind:
                    runs[-1][1].append(piece)
                else:
                    runs.append((self._kind, [piece]))
                if not self._left:
                    at = _take_whole(buffer, at, runs[-1]) if runs else at
            elif end - at < 8:
                break
            else:
                self._begin(buffer, at)
                at += 8
        self._header = buffer[at:]
        return [Err(b"".join(p)) if kind == 2 else Out(b"".join(p)) for kind, p in runs]

    def finish(self) -> None:
        """EOFError inside a frame."""
        if self._engine_error:
            raise self._refuse(self._engine_error.decode("utf-8", "replace"))
        if self._left or self._header:
            raise EOFError("the stream ended inside a frame")

    def _begin(self, buffer: bytes, at: int) -> None:
        self._kind, zeros, self._left = struct.unpack_from(">B3sI", buffer, at)
        if self._kind > _ENGINE_ERROR or zeros != b"\0\0\0":
            raise ValueError("not a multiplexed stream")


def _take_whole(buffer: bytes, at: int, run: tuple[int, list[bytes]]) -> int:
    """Add the frames from `at` on that are whole, and of the stream of `run`, to it; where that
    ends. Most of a long log is such frames, one a line."""
    kind, pieces = run
    head, append, end = kind << 24, pieces.append, len(buffer)
    while at + 8 <= end:
        found, length = _HEADER(buffer, at)
        start = at + 8
        if found != head or start + length > end:
            break
        at = start + length
        append(buffer[start:at])
    return at


class Plain:
    """The output of a terminal, which is not multiplexed."""

    def feed(self, data: bytes) -> list[Out | Err]:
        """`data` itself."""
        return [Out(data)]

    def finish(self) -> None:
        """It may end anywhere."""


class Pieces:
    """Bytes as they come."""

    def feed(self, data: bytes) -> list[bytes]:
        """`data` itself."""
        return [data]

    def finish(self) -> None:
        """The transfer coding tells whether it is whole."""


class Documents:
    """JSON objects, each followed by a line end, none longer than MAX_DOCUMENT bytes."""

    def __init__(self) -> None:
        self._pending: list[bytes] = []
        self._length = 0

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """The objects that `data` completes."""
        *whole, rest = data.split(b"\n")
        documents = []
        for line in whole:
            text = b"".join((*self._pending, line))
            self._pending, self._length = [], 0
            if text.strip():
                documents.append(_parse_object(text))
        if rest:
            self._pending.append(rest)
            self._length += len(rest)
        if self._length > MAX_DOCUMENT:
            raise ValueError("a document without an end")
        return documents

    def finish(self) -> None:
        """EOFError inside a document."""
        if b"".join(self._pending).strip():
            raise EOFError("the stream ended inside a document")


class Mapped(Generic[T]):
    """The values of another decoder, each put through a function; None is left out."""

    def __init__(self, decoder: Decoder[Any], function: Callable[[Any], T | None]) -> None:
        self._decoder = decoder
        self._function = function

    def feed(self, data: bytes) -> Iterable[T]:
        """The results of the function; it may raise, after what came before was taken."""
        for value in self._decoder.feed(data):
            result = self._function(value)
            if result is not None:
                yield result

    def finish(self) -> None:
        """As the other decoder's."""
        self._decoder.finish()


def _parse_object(text: bytes) -> dict[str, Any]:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value
