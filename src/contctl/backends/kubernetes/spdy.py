"""SPDY/3.1, as far as exec and attach need it: several streams of bytes on one connection.

Kubernetes' WebSocket protocol cannot close a process' standard input before version 5, which
clusters older than 1.30 do not speak; all of them speak this.

Source: SPDY Protocol, draft 3.1, section 2 (frames). There is no flow control, since neither
side of Kubernetes has any (moby/spdystream).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import NamedTuple

SYN_STREAM, RESET, PING, GO_AWAY = 1, 3, 6, 7
_VERSION = 0x8003
_FIN = 1
_HEAD = struct.Struct(">II")
_CONTROL = 1 << 31
_LENGTH = 0xFFFFFF
PIECE = 32 * 1024
"""Bytes of one frame."""


class Received(NamedTuple):
    """A frame. kind: 0 for data, else the type of a control frame.  stream: 0 for none.  data: its
    content.  last: whether the stream ends with it."""

    kind: int
    stream: int
    data: bytes
    last: bool


class Encoder:
    """Frames of a client. Headers are compressed as one endless stream, without the dictionary that
    the draft proposes; RFC 1950 leaves that to the sender, and tells the receiver."""

    def __init__(self) -> None:
        self._compress = zlib.compressobj()

    def open(self, stream: int, headers: dict[str, str]) -> bytes:
        """A new stream; `stream` is odd, and higher than those before."""
        block = struct.pack(">I", len(headers))
        for name, value in headers.items():
            for text in (name.encode(), value.encode()):
                block += struct.pack(">I", len(text)) + text
        packed = self._compress.compress(block) + self._compress.flush(zlib.Z_SYNC_FLUSH)
        return _control(SYN_STREAM, struct.pack(">IIH", stream, 0, 0) + packed)


def data(stream: int, content: bytes, *, last: bool = False) -> bytes:
    """Content of a stream, at most PIECE bytes."""
    return _HEAD.pack(stream, (_FIN if last else 0) << 24 | len(content)) + content


def pong(ping: bytes) -> bytes:
    """The answer to the content of a ping."""
    return _control(PING, ping)


class Decoder:
    """Finds frames in what comes."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, piece: bytes) -> Iterator[Received]:
        """The frames that are complete with `piece`."""
        whole, at = self._rest + piece, 0
        while len(whole) - at >= _HEAD.size:
            first, second = _HEAD.unpack_from(whole, at)
            end = at + _HEAD.size + (second & _LENGTH)
            if len(whole) < end:
                break
            content = whole[at + _HEAD.size : end]
            at = end
            last = bool(second >> 24 & _FIN)
            if not first & _CONTROL:
                yield Received(0, first, content, last)
                continue
            stream = struct.unpack_from(">I", content)[0] if len(content) >= 4 else 0
            yield Received(first & 0xFFFF, stream & ~_CONTROL, content, last)
        self._rest = whole[at:]


def _control(kind: int, content: bytes) -> bytes:
    return _HEAD.pack(_VERSION << 16 | kind, len(content)) + content
