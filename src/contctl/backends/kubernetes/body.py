"""The body of an answer, which another thread may close."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from contctl.backends.kubernetes.errors import cut, reaching

if TYPE_CHECKING:
    from contctl.backends.kubernetes.kubeconfig import Access

LONGEST_LINE = 1024 * 1024
"""Bytes of a line of a log that are kept until its end comes."""
_PIECE = 64 * 1024


class Body:
    """Bytes as they come. The request is made by `request` when first read, or by `open`, for a
    cluster may answer nothing at all until there is something to say.

    request: makes it, and tells the function that it is given the socket.
    """

    def __init__(self, access: Access, request: Callable[[Callable[[Any], None]], Any]) -> None:
        self._access = access
        self._request = request
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._pieces: Iterator[bytes] | None = None
        self._closed = False

    @property
    def closed(self) -> bool:
        """Whether it was closed here."""
        return self._closed

    def open(self) -> None:
        """Make the request. ContctlError where it is refused."""
        answer = self._request(self._opened)
        self._pieces = answer.stream(_PIECE, decode_content=True)

    def read(self) -> bytes:
        """The next piece; nothing at the end, and once it was closed. UNAVAILABLE where it is cut
        off."""
        if self._closed:
            return b""
        try:
            if self._pieces is None:
                self.open()
            pieces = self._pieces
            if pieces is None:
                raise cut(self._access)
            with reaching(self._access):
                return next(pieces, b"")
        except Exception:
            # Closing pulls the socket from under a reader.
            if self._closed:
                return b""
            raise

    def close(self) -> None:
        """Leave it, and wake a blocked `read`; may be called more than once."""
        with self._lock:
            self._closed = True
            opened = self._socket
        if opened is not None:
            with suppress(OSError, ValueError):
                opened.shutdown(socket.SHUT_RDWR)

    def _opened(self, opened: socket.socket) -> None:
        with self._lock:
            self._socket = opened
            closed = self._closed
        if closed:
            raise ConnectionAbortedError


def lines(body: Body) -> Iterator[bytes]:
    """The lines of a body, without their ends; a last one without an end as well."""
    return (line.removesuffix(b"\n") for line in complete_lines(iter(body.read, b"")))


def complete_lines(pieces: Iterable[bytes], longest: int | None = None) -> Iterator[bytes]:
    """The lines in `pieces`, with their ends; a last one without an end as well. longest: bytes
    after which what has come of a line is given without its end."""
    rest = b""
    for piece in pieces:
        *complete, rest = (rest + piece).split(b"\n")
        yield from (line + b"\n" for line in complete)
        if longest is not None and len(rest) > longest:
            yield rest
            rest = b""
    if rest:
        yield rest
