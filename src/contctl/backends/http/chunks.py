"""The chunked transfer coding, decoded as its bytes come."""

_MAX_CHUNK_HEADER = 1024
_PLAIN_HEADER = 10
"""A size of up to eight digits, and the line end."""


class Chunks:
    """The chunked transfer coding of HTTP/1.1 (RFC 9112, section 7.1)."""

    def __init__(self) -> None:
        self.complete = False
        self._pending = b""
        self._left = 0
        self._trailers = False

    def feed(self, data: bytes) -> bytes:
        """The content in `data`; `complete` is True once the last chunk and the trailers came."""
        buffer = self._pending + data if self._pending else data
        parts: list[bytes] = []
        at, end = 0, len(buffer)
        while at < end and not self.complete:
            if self._left:
                # `_left` counts the chunk's final CRLF, which is not content.
                taken = min(self._left, end - at)
                parts.append(buffer[at : at + min(taken, max(self._left - 2, 0))])
                at += taken
                self._left -= taken
                continue
            if not self._trailers:
                at = _take_whole(buffer, at, parts)
            line_end = buffer.find(b"\r\n", at)
            if line_end < 0:
                break
            self._begin(buffer[at:line_end])
            at = line_end + 2
        self._pending = buffer[at:]
        if not self._left and len(self._pending) > _MAX_CHUNK_HEADER:
            raise ValueError("a chunk without a size")
        return b"".join(parts)

    def _begin(self, line: bytes) -> None:
        if self._trailers:
            self.complete = not line
            return
        size = int(line.partition(b";")[0], 16)
        if size < 0:
            raise ValueError("a chunk of negative size")
        self._trailers = size == 0
        self._left = size + 2 if size else 0


def _take_whole(buffer: bytes, at: int, parts: list[bytes]) -> int:
    """Add the content of the chunks from `at` on that are whole, and in the plainest form, to
    `parts`; where that ends. An engine sends every line of a log as a chunk."""
    find, append, last = buffer.find, parts.append, len(buffer) - 2
    while (line_end := find(b"\r\n", at, at + _PLAIN_HEADER)) > at:
        header = buffer[at:line_end]
        if not header.isalnum():
            break
        size = int(header, 16)
        start = line_end + 2
        if not size or start + size > last:
            break
        at = start + size
        append(buffer[start:at])
        at += 2
    return at
