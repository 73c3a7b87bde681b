"""The Unix socket to the engine: waits that end, and reads that another thread can wake."""

import io
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contctl.backends.docker.endpoint import Endpoint

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long the engine may take, in seconds.

    connect: to accept a connection.  answer: to answer a question in full.  change: to do what
    changes something; also the longest silence inside a transfer.
    """

    connect: float = 5.0
    answer: float = 20.0
    change: float = 120.0


class EngineSocket(socket.socket):
    """A socket on which everything up to a given moment counts against one deadline.

    Without that, an engine that sends a byte now and then could keep a caller for ever.
    """

    _until: float | None = None

    def limit(self, seconds: float | None) -> None:
        """All further sending and receiving ends `seconds` from now with TimeoutError; None: it may
        take for ever."""
        self._until = None if seconds is None else time.monotonic() + seconds
        self.settimeout(seconds)

    def allow_silence(self, seconds: float) -> None:
        """Each further wait ends after `seconds` with TimeoutError, however many there are."""
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

    def _shorten(self) -> None:
        if self._until is None:
            return
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self.settimeout(left)


def connect(endpoint: Endpoint, deadlines: Deadlines) -> EngineSocket:
    """A connected socket; OSError where that fails or takes too long."""
    connection = EngineSocket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.limit(deadlines.connect)
        connection.connect(endpoint.path)
    except BaseException:
        connection.close()
        raise
    return connection


class Waker:
    """Closes a socket that one thread may be reading from while another one closes it.

    A descriptor that is closed under a reader leaves it blocked, or reading from a stranger's
    socket, so the closer only shuts the connection down, and the last to leave closes it, together
    with the buffered file that reads from it.
    """

    def __init__(self, connection: socket.socket, file: io.BufferedReader) -> None:
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
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        if self._reading.acquire(blocking=False):
            self._release()
            self._reading.release()

    def _release(self) -> None:
        self._file.close()
        self._connection.close()
