"""TLS connections with deadlines, used from two threads, closed in one direction or both."""

import io
import select
import socket
import ssl
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

_KEEPALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}
"""Seconds of silence, seconds between questions, and how many of them go unanswered."""
_PIECE = 256 * 1024


def connect(host: str, port: int, context: ssl.SSLContext, seconds: float) -> "TlsConnection":
    """A connection to `host`, whose certificate is checked as `context` says.

    seconds: for each address of the host, and for the TLS handshake. OSError where there is none;
    ssl.SSLError, which is one, where the two do not trust or understand each other.
    """
    plain = socket.create_connection((host, port), seconds)
    try:
        _keep_alive(plain)
        return TlsConnection(plain, context, host, seconds)
    except BaseException:
        plain.close()
        raise


class TlsConnection:
    """As `http.sockets.Connection`. One thread may read while another one writes, which OpenSSL
    does not allow by itself (openssl-threads(7)): they take turns, and wait outside of them.

    TLS is kept apart from the socket, for `ssl.SSLSocket` cannot close one direction: its `unwrap`
    reads what comes after the close_notify that it sent, and fails where that is content.
    """

    def __init__(
        self, plain: socket.socket, context: ssl.SSLContext, host: str, seconds: float
    ) -> None:
        plain.setblocking(False)
        self._plain = plain
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._turn, self._sending = threading.Lock(), threading.Lock()
        self._silence: float | None = None
        self._ahead = b""
        self._files = 0
        self._closed = False
        self.limit(seconds)
        self._shake_hands()

    def limit(self, seconds: float | None) -> None:
        """As `Connection.limit`."""
        self._until = None if seconds is None else time.monotonic() + seconds
        self._silence = None

    def allow_silence(self, seconds: float) -> None:
        """As `Connection.allow_silence`."""
        self._until, self._silence = None, seconds

    def settimeout(self, seconds: float | None) -> None:
        """As socket.socket's; a limit stays."""
        self._silence = seconds

    def makefile(self, mode: str) -> io.BufferedReader:  # noqa: ARG002 - as a socket's
        """A buffered file that reads from it; the connection is closed once its files are, too."""
        self._files += 1
        return io.BufferedReader(_File(self))

    def fileno(self) -> int:
        """The descriptor of the socket."""
        return self._plain.fileno()

    def recv_into(self, buffer: "WriteableBuffer") -> int:
        """As socket.socket's, within the deadline. ConnectionResetError where the connection ended
        without TLS's own end: it may have been cut."""
        view = memoryview(buffer).cast("B")
        while True:
            with self._turn:
                count = self._read_now(view)
            self._flush_if_free()
            if count is not None:
                return count
            self._wait(select.POLLIN)

    def sendall(self, data: "ReadableBuffer", flags: int = 0, /) -> None:  # noqa: ARG002
        """As socket.socket's, within the deadline."""
        view = memoryview(data).cast("B")
        with self._sending:
            while view:
                with self._turn:
                    try:
                        count = self._tls.write(view[:_PIECE])
                    except ssl.SSLError as error:
                        raise BrokenPipeError("closed for writing") from error
                view = view[count:]
                self._flush()

    def has_answer(self) -> bool:
        """As `Connection.has_answer`."""
        try:
            return self._look_ahead()
        except OSError:
            return True

    def shutdown(self, how: int, /) -> None:
        """As socket.socket's. For writing alone it sends TLS's own end, close_notify, as Go's
        `tls.Conn.CloseWrite` does; the other end's content is read on."""
        if how == socket.SHUT_WR:
            with self._sending:
                with self._turn:
                    self._end_writing()
                self._flush()
        else:
            self._plain.shutdown(how)

    def close(self) -> None:
        """Close the connection; may be called more than once."""
        self._closed = True
        if not self._files:
            self._plain.close()

    def release(self) -> None:
        """A file of `makefile` was closed."""
        self._files -= 1
        if self._closed:
            self.close()

    def _shake_hands(self) -> None:
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                self._flush()
            except ssl.SSLError:
                # The other end is told why.
                with suppress(OSError):
                    self._flush()
                raise
            else:
                self._flush()
                return
            if not self._receive():
                self._wait(select.POLLIN)

    def _read_now(self, view: memoryview) -> int | None:
        """What is there already; None for nothing. The caller has the turn."""
        if self._ahead:
            ahead = self._ahead[: len(view)]
            self._ahead = self._ahead[len(ahead) :]
            view[: len(ahead)] = ahead
            return len(ahead)
        while True:
            try:
                # With a buffer it answers how much it has read, which its type leaves out.
                return cast(int, self._tls.read(len(view), view))
            except ssl.SSLZeroReturnError:
                return 0
            except ssl.SSLWantReadError:
                if not self._receive():
                    return None

    def _receive(self) -> bool:
        """Pass on to TLS what has come; False for nothing."""
        try:
            piece = self._plain.recv(_PIECE)
        except BlockingIOError:
            return False
        if not piece:
            raise ConnectionResetError("ended without a close_notify")
        self._incoming.write(piece)
        return True

    def _look_ahead(self) -> bool:
        """Whether something has come, which is kept for the next read."""
        with self._turn:
            if not self._ahead:
                found = bytearray(1)
                count = self._read_now(memoryview(found))
                if count is None:
                    return False
                self._ahead = bytes(found[:count])
        return True

    def _end_writing(self) -> None:
        """Have close_notify written. `unwrap` also reads, so what has come is taken out before."""
        kept = [self._ahead]
        with suppress(ssl.SSLWantReadError, ssl.SSLZeroReturnError):
            while piece := self._tls.read(_PIECE):
                kept.append(piece)
        self._ahead = b"".join(kept)
        with suppress(ssl.SSLError):
            self._tls.unwrap()

    def _flush(self) -> None:
        """Send what TLS has written. The caller is the one who sends."""
        with self._turn:
            view = memoryview(self._outgoing.read())
        while view:
            try:
                view = view[self._plain.send(view) :]
            except BlockingIOError:
                self._wait(select.POLLOUT)
            except (BrokenPipeError, ConnectionResetError):
                # An alert that says why may have come before the connection was closed.
                with suppress(ConnectionError):
                    self._look_ahead()
                raise

    def _flush_if_free(self) -> None:
        """Send TLS's answers to what was read. Whoever is sending does it otherwise."""
        if self._outgoing.pending and self._sending.acquire(blocking=False):
            try:
                self._flush()
            finally:
                self._sending.release()

    def _wait(self, event: int) -> None:
        seconds = self._silence
        if self._until is not None:
            seconds = max(self._until - time.monotonic(), 0)
        descriptor = self._plain.fileno()
        if descriptor < 0:
            raise ConnectionAbortedError("closed")
        poll = select.poll()
        poll.register(descriptor, event)
        if not poll.poll(None if seconds is None else seconds * 1000):
            raise TimeoutError("timed out")


class _File(io.RawIOBase):
    def __init__(self, connection: TlsConnection) -> None:
        self._connection = connection

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        return self._connection.recv_into(buffer)

    def close(self) -> None:
        if not self.closed:
            super().close()
            self._connection.release()


def _keep_alive(connection: socket.socket) -> None:
    """Notice a host that has gone, also where nothing is sent for hours."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for name, value in _KEEPALIVE.items():
        # macOS has not all of them.
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
