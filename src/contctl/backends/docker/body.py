"""The body of an engine's answer: it ends complete, closed from here, or with an error."""

import http.client
import io
import socket
from contextlib import suppress

from contctl.backends.docker.chunks import Chunks
from contctl.backends.docker.endpoint import Endpoint
from contctl.backends.docker.errors import cut, garbage, reaching
from contctl.backends.docker.sockets import EngineSocket, Waker
from contctl.core.errors import ContctlError

READ_SIZE = 1024 * 1024


class Body:
    """What follows the head of an HTTP answer.

    http.client read the head; the body is read here from its buffered file, since its own reads
    wait until they are full, or stop at every chunk. connection: the socket, to set deadlines on.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        connection: EngineSocket,
        response: http.client.HTTPResponse,
    ) -> None:
        self.connection = connection
        self.status = response.status
        self._endpoint = endpoint
        # The response would close its file when it is collected.
        self._response = response
        self._file: io.BufferedReader = response.fp
        self._waker = Waker(connection, self._file)
        self._chunks = Chunks() if response.chunked else None
        self._left = response.length
        self._raw = False
        self.complete = False

    @property
    def closed(self) -> bool:
        """Whether it was closed from here."""
        return self._waker.closed

    def take_over(self) -> None:
        """Read on for as long as the engine sends, without any framing."""
        self._raw = True

    def read(self) -> bytes:
        """The next piece, of at most READ_SIZE bytes; empty once it is complete or was closed.

        ContctlError UNAVAILABLE where the connection ends before the body does.
        """
        if self.complete or not self._waker.begin():
            return b""
        try:
            with reaching(self._endpoint):
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
                    raise garbage(self._endpoint)
        finally:
            self.close()
        return b"".join(pieces)

    def send(self, data: bytes) -> None:
        """Send on a connection that was taken over; dropped in silence where nobody reads on."""
        with reaching(self._endpoint):
            try:
                self.connection.sendall(data)
            except (BrokenPipeError, ConnectionResetError):
                return
            except OSError:
                if not self.closed and not self.complete:
                    raise

    def finish_sending(self) -> None:
        """Tell the engine that nothing more is sent."""
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
            raise garbage(self._endpoint)
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
            raise cut(self._endpoint)
        self._left -= len(data)
        return data

    def _next_of_chunks(self, chunks: Chunks) -> bytes:
        while not chunks.complete:
            data = self._file.read1(READ_SIZE)
            if not data:
                raise cut(self._endpoint)
            content = chunks.feed(data)
            if content:
                return content
        self.complete = True
        return b""
