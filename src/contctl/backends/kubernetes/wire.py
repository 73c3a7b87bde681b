"""A connection that was taken over from HTTP."""

from __future__ import annotations

import select
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")

_PIECE = 256 * 1024


class Wire:
    """Bytes both ways. One thread may read while another one writes, which OpenSSL does not allow
    by itself (openssl-threads(7)): they take turns, and wait outside of them. OSError where the
    connection fails.

    answer: what was read of HTTP; it keeps the connection, and may have read ahead.
    """

    def __init__(self, taken: socket.socket, answer: Any) -> None:
        taken.setblocking(False)
        self._socket = taken
        self._answer = answer
        self._turn = threading.Lock()
        self._reading = threading.Lock()
        self._closed = False
        self._ahead = _ahead(answer)

    @property
    def closed(self) -> bool:
        """Whether it was closed here."""
        return self._closed

    def read(self) -> bytes:
        """What comes next; nothing at the end."""
        if self._ahead:
            ahead, self._ahead = self._ahead, b""
            return ahead
        with self._reading:
            if self._closed:
                self._release()
                return b""
            try:
                return self._patiently(lambda: self._socket.recv(_PIECE), select.POLLIN)
            finally:
                if self._closed:
                    self._release()

    def write(self, content: bytes) -> None:
        """Send all of it."""
        view = memoryview(content)
        while view:
            sent = self._patiently(partial(self._socket.send, view), select.POLLOUT)
            view = view[sent:]

    def close(self) -> None:
        """End it, and wake who reads or writes; may be called more than once."""
        self._closed = True
        with suppress(OSError):
            # The method of an SSLSocket would go on without TLS.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
        if self._reading.acquire(blocking=False):
            self._release()
            self._reading.release()

    def _release(self) -> None:
        with self._turn, suppress(OSError):
            self._socket.close()
            self._answer.close()

    def _patiently(self, step: Callable[[], T], event: int) -> T:
        while True:
            try:
                with self._turn:
                    return step()
            except ssl.SSLWantReadError:
                self._wait(select.POLLIN)
            except ssl.SSLWantWriteError:
                self._wait(select.POLLOUT)
            except BlockingIOError:
                self._wait(event)

    def _wait(self, event: int) -> None:
        descriptor = self._socket.fileno()
        if descriptor < 0:
            raise ConnectionAbortedError("closed")
        poll = select.poll()
        poll.register(descriptor, event)
        poll.poll()


def _ahead(answer: Any) -> bytes:
    """What was read behind the head of the answer already."""
    file = getattr(getattr(answer, "_original_response", None), "fp", None)
    if file is None:
        return b""
    with suppress(OSError, ValueError):
        return bytes(file.peek())
    return b""
