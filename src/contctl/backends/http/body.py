"""The body of an answer: it ends complete, closed from here, or with an error."""

import io
import socket
from contextlib import AbstractContextManager, suppress
from typing import Protocol

from contctl.backends.http.chunks import Chunks
from contctl.backends.http.sockets import Connection, Waker
from contctl.core.errors import ContctlError

READ_SIZE = 1024 * 1024


class Server(Protocol):
    """Who is talked with: its errors name it."""

    def reaching(self) -> AbstractContextManager[None]:
        """Translate what sockets and decoders raise into ContctlError UNAVAILABLE."""

    def cut(self) -> ContctlError:
        """UNAVAILABLE for a connection that ended before the answer did."""

    def garbage(self) -> ContctlError:
        """UNAVAILABLE for an answer that it would not give."""


class Body:
    """What follows the head of an HTTP answer.

    connection: the socket, to set deadlines on. file: what the head was read from; it is read on
    from here, in pieces as they come. chunked, length: how the head says that the body is framed;
    length in bytes, None for unknown.
    """

    def __init__(
        self,
        server: Server,
        connection: Connection,
        file: io.BufferedReader,
        *,
        chunked: bool,
        length: int | None,
    ) -> None:
        self.connection = connection
        self._server = server
        self._file = file
        self._waker = Waker(connection, file)
        self._chunks = Chunks() if chunked else None
        self._left = length
        self._raw = False
        self.complete = False

    @property
    def closed(self) -> bool:
        """Whether it was closed from here."""
        return self._waker.closed

    def take_over(self) -> None:
        """Read on for as long as the server sends, without any framing."""
        self._raw = True

    def read(self) -> bytes:
        """The next piece, of at most READ_SIZE bytes; empty once it is complete or was closed.

        ContctlError UNAVAILABLE where the connection ends before the body does.
        """
        if self.complete or not self._waker.begin():
            return b""
        try:
            with self._server.reaching():
                piece = self._next()
        except ContctlError:
            if self.closed:
                return b""
            raise
        finally:
            self._waker.end()
        return b"" if self.closed else piece

    def read_all(self, limit: int) -> bytes:
        """All of it, then the connection is closed; UNAVAILABLE if it is longer than `limit`."""
        pieces, length = [], 0
        try:
            while piece := self.read():
                pieces.append(piece)
                length += len(piece)
                if length > limit:
                    raise self._server.garbage()
        finally:
            self.close()
        return b"".join(pieces)

    def send(self, data: bytes) -> None:
        """Send on a connection that was taken over; dropped in silence where nobody reads on."""
        with self._server.reaching():
            try:
                self.connection.sendall(data)
            except (BrokenPipeError, ConnectionResetError):
                return
            except OSError:
                if not self.closed and not self.complete:
                    raise

    def finish_sending(self) -> None:
        """Tell the server that nothing more is sent."""
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Close the connection and wake a blocked `read`; may be called more than once."""
        self._waker.close()

    def _next(self) -> bytes:
        if self._raw:
            return self._next_raw()
        if self._chunks is not None:
            return self._next_of_chunks(self._chunks)
        if self._left is None:
            # Without a length, a connection that was cut would look like a complete answer.
            raise self._server.garbage()
        return self._next_of_length()

    def _next_raw(self) -> bytes:
        data = self._file.read1(READ_SIZE)
        self.complete = not data
        return data

    def _next_of_length(self) -> bytes:
        if not self._left:
            self.complete = True
            return b""
        data = self._file.read1(min(self._left, READ_SIZE))
        if not data:
            raise self._server.cut()
        self._left -= len(data)
        return data

    def _next_of_chunks(self, chunks: Chunks) -> bytes:
        while not chunks.complete:
            data = self._file.read1(READ_SIZE)
            if not data:
                raise self._server.cut()
            content = chunks.feed(data)
            if content:
                return content
        self.complete = True
        return b""
