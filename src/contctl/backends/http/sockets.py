"""Sockets whose waits end, and reads that another thread can wake."""

import io
import select
import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer


class Connection(Protocol):
    """A connected socket on which everything up to a given moment counts against one deadline.

    Without that, a server that sends a byte now and then could keep a caller for ever.
    """

    def limit(self, seconds: float | None) -> None:
        """All further sending and receiving ends `seconds` from now with TimeoutError; None: it may
        take for ever."""

    def allow_silence(self, seconds: float) -> None:
        """Each further wait ends after `seconds` with TimeoutError, however many there are."""

    def sendall(self, data: "ReadableBuffer", flags: int = 0, /) -> None:
        """As socket.socket's, within the deadline."""

    def has_answer(self) -> bool:
        """Whether something has come that was not read yet, or the other end is gone."""

    def makefile(self, mode: Literal["rb"], /) -> io.BufferedReader:
        """As socket.socket's."""

    def shutdown(self, how: int, /) -> None:
        """As socket.socket's."""

    def close(self) -> None:
        """As socket.socket's."""


class DeadlineSocket(socket.socket):
    """A `Connection` that is not encrypted."""

    _until: float | None = None

    def limit(self, seconds: float | None) -> None:
        """As `Connection.limit`."""
        self._until = None if seconds is None else time.monotonic() + seconds
        self.settimeout(seconds)

    def allow_silence(self, seconds: float) -> None:
        """As `Connection.allow_silence`."""
        self._until = None
        self.settimeout(seconds)

    def recv_into(self, buffer: "WriteableBuffer", nbytes: int = 0, flags: int = 0) -> int:
        """As socket.socket's, within the deadline."""
        self._shorten()
        return super().recv_into(buffer, nbytes, flags)

    def sendall(self, data: "ReadableBuffer", flags: int = 0) -> None:
        """As socket.socket's, within the deadline."""
        self._shorten()
        super().sendall(data, flags)

    def has_answer(self) -> bool:
        """As `Connection.has_answer`."""
        poll = select.poll()
        poll.register(self, select.POLLIN)
        return bool(poll.poll(0))

    def _shorten(self) -> None:
        if self._until is None:
            return
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self.settimeout(left)


def connect(path: str, seconds: float) -> DeadlineSocket:
    """Connect to the Unix socket at `path`; OSError where that fails or takes too long."""
    connection = DeadlineSocket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.limit(seconds)
        connection.connect(path)
    except BaseException:
        connection.close()
        raise
    return connection


def shut(connection: Connection) -> None:
    """End both directions, which wakes whoever waits on it; nothing where they have ended."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class Waker:
    """Closes a socket that one thread may be reading from while another one closes it.

    A descriptor that is closed under a reader leaves it blocked, or reading from a stranger's
    socket, so the closer only shuts the connection down, and the last to leave closes it, together
    with the buffered file that reads from it.
    """

    def __init__(self, connection: Connection, file: io.BufferedReader) -> None:
        self._connection = connection
        self._file = file
        self._reading = threading.Lock()
        self.closed = False

    def begin(self) -> bool:
        """Before a read: whether there is still something to read from."""
        self._reading.acquire()
        if self.closed:
            self._reading.release()
            return False
        return True

    def end(self) -> None:
        """After a read."""
        if self.closed:
            self._release()
        self._reading.release()

    def close(self) -> None:
        """Wake the reader, if there is one; may be called more than once."""
        self.closed = True
        shut(self._connection)
        if self._reading.acquire(blocking=False):
            self._release()
            self._reading.release()

    def _release(self) -> None:
        self._file.close()
        self._connection.close()
