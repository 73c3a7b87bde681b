"""An answer that is not waited for before it is read."""

import threading
from collections.abc import Callable

from contctl.backends.http.body import Body
from contctl.backends.http.sockets import Connection, shut
from contctl.core.errors import ContctlError


class LateBody:
    """A body whose head may come at any time. answer: waits for the head; ContctlError for a
    refusal or where none comes."""

    def __init__(self, connection: Connection, answer: Callable[[], Body]) -> None:
        self._connection = connection
        self._answer = answer
        self._body: Body | None = None
        self._waiting = threading.Lock()
        self.closed = False

    def read(self) -> bytes:
        """As `Body.read`."""
        if self._body is None:
            with self._waiting:
                self._await()
        return b"" if self._body is None else self._body.read()

    def close(self) -> None:
        """As `Body.close`."""
        self.closed = True
        if self._body is not None:
            self._body.close()
            return
        # As `Waker`: what another thread waits on is shut down here, and closed there.
        shut(self._connection)
        if self._waiting.acquire(blocking=False):
            self._connection.close()
            self._waiting.release()

    def _await(self) -> None:
        if self.closed:
            return
        try:
            self._body = self._answer()
        except ContctlError:
            self._connection.close()
            if not self.closed:
                raise
        if self.closed and self._body is not None:
            self._body.close()
