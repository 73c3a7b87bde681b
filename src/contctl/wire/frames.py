"""Streams as frames: the same bytes in the body of an HTTP message and in WebSocket messages.

A frame is 1 byte of kind, 4 bytes of length in network order, and so many bytes of payload. What is
wrong with frames is ContctlError USAGE, reason `bad-frame`.
"""

import struct
from collections.abc import Iterator
from enum import IntEnum
from typing import Any

from contctl.core.domain.streams import Chunk, Err, Exit, Frame, Out
from contctl.core.errors import ContctlError, ErrorCode
from contctl.wire.codec import decode, dumps, loads
from contctl.wire.problems import from_problem, to_problem

CONTENT_TYPE = "application/vnd.contctl.frames"
MAX_PAYLOAD = 1024 * 1024
"""Bytes."""

_HEAD = struct.Struct("!BI")
_SHORTENED = 1000


class Kind(IntEnum):
    """What a frame holds.

    IN, OUT, ERR: bytes of the standard streams; OUT also those of any other stream of bytes.
    ITEM: an item of a stream as JSON.  EXIT: an exit code as JSON; the last frame.
    ERROR: a problem as JSON; the last frame.  END: nothing; the last frame of a whole stream.
    CLOSE_WRITE: nothing; no IN follows.  RESIZE: [columns, rows] as JSON.
    ARGUMENTS: those of the operation, as a JSON object.
    SOURCE: in UTF-8, the id of the container that the OUT and ERR after it come from.
    """

    IN = 0
    OUT = 1
    ERR = 2
    ITEM = 3
    EXIT = 4
    ERROR = 5
    END = 6
    CLOSE_WRITE = 7
    RESIZE = 8
    ARGUMENTS = 9
    SOURCE = 10


def pack(kind: Kind, payload: bytes = b"") -> bytes:
    """One frame; ContctlError FAILED for a payload of more than MAX_PAYLOAD bytes."""
    if len(payload) > MAX_PAYLOAD:
        raise ContctlError(ErrorCode.FAILED, "an answer is too long for a frame")
    return _HEAD.pack(kind, len(payload)) + payload


def pack_split(kind: Kind, data: bytes) -> bytes:
    """`data` of any length in as many frames as it takes, one at least."""
    if len(data) <= MAX_PAYLOAD:
        return pack(kind, data)
    starts = range(0, len(data), MAX_PAYLOAD)
    return b"".join(pack(kind, data[start : start + MAX_PAYLOAD]) for start in starts)


def pack_error(error: ContctlError) -> bytes:
    """An ERROR frame; the message of an endless error is cut."""
    payload = dumps(to_problem(error))
    if len(payload) > MAX_PAYLOAD:
        payload = dumps(to_problem(ContctlError(error.code, error.message[:_SHORTENED])))
    return pack(Kind.ERROR, payload)


def pack_frame(frame: Frame) -> bytes:
    """What a process said, or its exit code, as one frame; more where it said more than one can
    hold."""
    if isinstance(frame, Exit):
        return pack(Kind.EXIT, dumps(frame.code))
    return pack_split(Kind.OUT if isinstance(frame, Out) else Kind.ERR, frame.data)


def unpack_frame(kind: Kind, payload: bytes) -> Frame:
    """The opposite of `pack_frame`, for one frame; the ContctlError of an ERROR is raised."""
    if kind is Kind.OUT:
        return Out(payload)
    if kind is Kind.ERR:
        return Err(payload)
    if kind is Kind.EXIT:
        return Exit(decode(int, loads(payload)))
    if kind is Kind.ERROR:
        raise unpack_error(payload)
    raise _misplaced(kind)


def unpack_error(payload: bytes) -> ContctlError:
    """The error in an ERROR frame; UNAVAILABLE where it holds none."""
    try:
        return from_problem(loads(payload))
    except ContctlError:
        return from_problem(None)


class FrameReader:
    """Frames out of bytes that come in pieces; it keeps no more than one piece and one frame, and
    after a bad frame nothing."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._broken = False

    @property
    def empty(self) -> bool:
        """Whether no part of a frame is left."""
        return not self._buffer

    def feed(self, data: bytes) -> Iterator[tuple[Kind, bytes]]:
        """The frames that `data` completes, which have to be read before more is fed."""
        if self._broken:
            raise _bad("bytes after a bad frame")
        self._buffer += data
        return self._frames()

    def _frames(self) -> Iterator[tuple[Kind, bytes]]:
        buffer = self._buffer
        while len(buffer) >= _HEAD.size:
            number, length = _HEAD.unpack_from(buffer)
            kind = _KINDS.get(number)
            if kind is None or length > MAX_PAYLOAD:
                self._broken = True
                buffer.clear()
                raise _bad("a frame of an unknown kind" if kind is None else "a frame too long")
            end = _HEAD.size + length
            if len(buffer) < end:
                return
            payload = bytes(buffer[_HEAD.size : end])
            del buffer[:end]
            yield kind, payload


class ItemWriter:
    """The frames of one stream of items."""

    def __init__(self) -> None:
        self._source: str | None = None

    def frames(self, item: object) -> bytes:
        """The frames of the next item; ContctlError FAILED for one that no frame can hold."""
        if isinstance(item, Chunk):
            return self._source_frame(item.container_id) + pack_frame(item.output)
        if isinstance(item, bytes):
            return pack_split(Kind.OUT, item)
        return pack(Kind.ITEM, dumps(item))

    def end(self) -> bytes:
        """What a whole stream ends with."""
        return pack(Kind.END)

    def error(self, error: ContctlError) -> bytes:
        """What a stream that failed ends with."""
        return pack_error(error)

    def _source_frame(self, container_id: str) -> bytes:
        if container_id == self._source:
            return b""
        self._source = container_id
        return pack(Kind.SOURCE, container_id.encode("utf-8", "surrogatepass"))


class ItemReader:
    """The items of one stream out of its bytes.

    item_type: `Chunk`, `bytes`, or a type for `decode`. finished: whether the stream has ended as a
    whole; one without an end was cut.
    """

    def __init__(self, item_type: Any) -> None:
        self.finished = False
        self._over = False
        self._type = item_type
        self._frames = FrameReader()
        self._source: str | None = None

    def feed(self, data: bytes) -> Iterator[Any]:
        """The items that `data` completes, which have to be read before more is fed. The error that
        a stream ends with is raised in its place; USAGE for frames that are not such a stream's."""
        for kind, payload in self._frames.feed(data):
            if self._over:
                raise _bad("a frame after the end")
            if kind is Kind.ERROR:
                self._over = True
                raise unpack_error(payload)
            if kind is Kind.END and not payload:
                self._over = self.finished = True
            elif kind is Kind.SOURCE and self._type is Chunk:
                self._source = _text(payload)
            else:
                yield self._item(kind, payload)

    def _item(self, kind: Kind, payload: bytes) -> Any:
        if self._type is Chunk and kind in (Kind.OUT, Kind.ERR) and self._source is not None:
            return Chunk(self._source, Out(payload) if kind is Kind.OUT else Err(payload))
        if self._type is bytes and kind is Kind.OUT:
            return payload
        if self._type not in (Chunk, bytes) and kind is Kind.ITEM:
            return decode(self._type, loads(payload))
        raise _misplaced(kind)


def _text(payload: bytes) -> str:
    try:
        return payload.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        raise _bad("the id of a container is not UTF-8") from None


def _misplaced(kind: Kind) -> ContctlError:
    return _bad(f"a frame of kind {kind.name} out of place")


def _bad(what: str) -> ContctlError:
    return ContctlError(ErrorCode.USAGE, what, details={"reason": "bad-frame"})


_KINDS = {kind.value: kind for kind in Kind}
