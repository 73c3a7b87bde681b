"""Connections to a gateway over TLS."""

import io
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from contctl.backends.gateway.address import GatewayAddress
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

T = TypeVar("T")

_KEEPALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}
"""Seconds of silence, seconds between questions, and how many of them go unanswered."""


def connect(address: GatewayAddress, seconds: float) -> "TlsConnection":
    """A connection to a gateway whose certificate is for its host and from a trusted CA.

    seconds: for each address of the host, and for the TLS handshake. OSError where there is no
    connection; ContctlError UNAVAILABLE for a certificate that is not trusted, or no TLS; STORE for
    a CA file that cannot be used.
    """
    context = _context(address.ca_file)
    plain = socket.create_connection((address.host, address.port), seconds)
    try:
        _keep_alive(plain)
        return TlsConnection(context.wrap_socket(plain, server_hostname=address.host))
    except ssl.SSLError as error:
        plain.close()
        raise _no_tls(address, error) from error
    except BaseException:
        plain.close()
        raise


class TlsConnection(io.RawIOBase):
    """As `http.sockets.Connection`. One thread may read while another one writes, which OpenSSL
    does not allow by itself (openssl-threads(7)): they take turns, and wait outside of them."""

    def __init__(self, tls: ssl.SSLSocket) -> None:
        tls.setblocking(False)
        self._tls = tls
        self._turn = threading.Lock()
        self._until: float | None = None
        self._silence: float | None = None
        self._ahead = b""

    def limit(self, seconds: float | None) -> None:
        """As `Connection.limit`."""
        self._until = None if seconds is None else time.monotonic() + seconds
        self._silence = None

    def allow_silence(self, seconds: float) -> None:
        """As `Connection.allow_silence`."""
        self._until, self._silence = None, seconds

    def makefile(self, mode: str) -> io.BufferedReader:  # noqa: ARG002 - as a socket's
        """A buffered file that reads from it."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """As io.RawIOBase's."""
        return True

    def fileno(self) -> int:
        """The descriptor of the socket."""
        return self._tls.fileno()

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """As io.RawIOBase's, within the deadline."""
        view = memoryview(buffer).cast("B")
        if self._ahead:
            ahead = self._ahead[: len(view)]
            self._ahead = self._ahead[len(ahead) :]
            view[: len(ahead)] = ahead
            return len(ahead)
        return self._patiently(partial(self._tls.recv_into, view))

    def sendall(self, data: "ReadableBuffer", flags: int = 0, /) -> None:  # noqa: ARG002
        """As socket.socket's, within the deadline."""
        view = memoryview(data).cast("B")
        try:
            while view:
                view = view[self._patiently(partial(self._tls.send, view)) :]
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError) as error:
            # ssl's own form of EPIPE.
            raise BrokenPipeError("closed by the other end") from error

    def has_answer(self) -> bool:
        """Whether something has come that was not read yet."""
        if not self._ahead:
            with self._turn:
                try:
                    self._ahead = self._tls.recv(1)
                except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
                    return False
        return True

    def shutdown(self, how: int, /) -> None:
        """As socket.socket's: ssl's own would let the reader go on without TLS."""
        socket.socket.shutdown(self._tls, how)

    def close(self) -> None:
        """Close the connection; may be called more than once."""
        self._tls.close()
        super().close()

    def _patiently(self, step: Callable[[], T]) -> T:
        while True:
            try:
                with self._turn:
                    return step()
            except ssl.SSLWantReadError:
                self._wait(select.POLLIN)
            except ssl.SSLWantWriteError:
                self._wait(select.POLLOUT)

    def _wait(self, event: int) -> None:
        seconds = self._silence
        if self._until is not None:
            seconds = max(self._until - time.monotonic(), 0)
        descriptor = self._tls.fileno()
        if descriptor < 0:
            raise ConnectionAbortedError("closed")
        poll = select.poll()
        poll.register(descriptor, event)
        if not poll.poll(None if seconds is None else seconds * 1000):
            raise TimeoutError("timed out")


def _context(ca_file: str | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        why = "it holds no certificate" if isinstance(error, ssl.SSLError) else error.strerror
        raise ContctlError(
            ErrorCode.STORE,
            f"cannot use the CA file {ca_file}: {why}",
            hint="it has to hold the gateway's CA in PEM form",
        ) from error
    context.set_alpn_protocols(["http/1.1"])
    return context


def _keep_alive(connection: socket.socket) -> None:
    """Notice a host that has gone, also where nothing is sent for hours."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for name, value in _KEEPALIVE.items():
        # macOS has not all of them.
        if hasattr(socket, name):
            connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _no_tls(address: GatewayAddress, error: ssl.SSLError) -> ContctlError:
    if isinstance(error, ssl.SSLCertVerificationError):
        return ContctlError(
            ErrorCode.UNAVAILABLE,
            f"the certificate of {address} is not trusted: {error.verify_message.rstrip('.')}",
            hint="check the host's name, and name the gateway's CA where its context is made",
        )
    return ContctlError(
        ErrorCode.UNAVAILABLE,
        f"what answers at {address} does not speak TLS as a contctl gateway does",
        hint="check that the address is a gateway's",
    )
