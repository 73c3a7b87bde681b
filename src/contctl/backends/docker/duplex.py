"""Processes that one can talk with: execs and attached containers."""

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from contctl.backends.docker.endpoint import Endpoint
from contctl.backends.docker.errors import cut, of_command, reaching
from contctl.backends.docker.framing import Decoder
from contctl.backends.docker.transport import Transport
from contctl.backends.http.body import Body
from contctl.core.api import Stream
from contctl.core.domain.streams import Err, Exit, Frame, Out
from contctl.core.errors import ContctlError, ErrorCode

_UNKNOWN = 20
"""How often an exec may be found neither running nor ended."""
_FIRST_PAUSE = 0.01
_RESIZES = 10
"""How often a size is told to a process that may still be about to start, as docker does."""
_LONGEST_PAUSE = 0.5


class Ending(Protocol):
    """Where the exit code of a process is learnt from, once its output has ended."""

    def code(self) -> int | None:
        """Wait for it; None if it was closed meanwhile."""

    def close(self) -> None:
        """Wake a blocked `code`; may be called more than once."""


class HijackedDuplex:
    """A Duplex on a hijacked connection. resize: called with columns and rows."""

    def __init__(
        self,
        endpoint: Endpoint,
        body: Body,
        decoder: Decoder[Out | Err],
        ending: Ending,
        resize: Callable[[int, int], None],
    ) -> None:
        self._endpoint = endpoint
        self._body = body
        self._decoder = decoder
        self._ending = ending
        self._resize = resize
        self._ready: deque[Out | Err] = deque()
        self._over = False

    def read(self) -> Frame | None:
        """The next frame, the exit code last."""
        while not self._over and not self._body.closed:
            if self._ready:
                return self._ready.popleft()
            piece = self._body.read()
            with reaching(self._endpoint):
                if piece:
                    self._ready.extend(self._decoder.feed(piece))
                elif not self._body.closed:
                    self._decoder.finish()
                    return self._exit()
        return None

    def write(self, data: bytes) -> None:
        """Send to its standard input. Waits for as long as the process does not read."""
        if data and not self._body.closed:
            self._body.send(data)

    def close_write(self) -> None:
        """Half-close the connection, which the engine passes on as the end of the input."""
        self._body.finish_sending()

    def resize(self, columns: int, rows: int) -> None:
        """Tell the engine; a process that has no terminal, or is gone, has no size to set."""
        for attempt in range(_RESIZES):
            if self._over or self._body.closed:
                return
            try:
                self._resize(columns, rows)
            except ContctlError as error:
                if error.code is ErrorCode.UNAVAILABLE:
                    raise
                time.sleep(_FIRST_PAUSE * (attempt + 1))
            else:
                return

    def close(self) -> None:
        """Leave the process running, and wake a blocked `read` or `write`."""
        self._body.close()
        self._ending.close()

    def _exit(self) -> Exit | None:
        code = self._ending.code()
        self._over = True
        self.close()
        return None if code is None else Exit(code)


class Detached:
    """The Duplex of a process that was started and left: nothing but an `Exit` of 0."""

    def __init__(self) -> None:
        self._over = False

    def read(self) -> Frame | None:
        """`Exit(0)`, once."""
        if self._over:
            return None
        self._over = True
        return Exit(0)

    def write(self, data: bytes) -> None:
        """Nobody reads it."""

    def close_write(self) -> None:
        """There is nothing to close."""

    def resize(self, columns: int, rows: int) -> None:
        """There is no terminal."""

    def close(self) -> None:
        """The process is left already."""
        self._over = True


class ExecEnding:
    """The exit code of an exec, asked for until the engine knows it: the output of a process may
    end before the process does."""

    def __init__(self, http: Transport, exec_id: str, container_id: str) -> None:
        self._http = http
        self._exec_id = exec_id
        self._container_id = container_id
        self._closed = threading.Event()

    def code(self) -> int | None:
        """Wait for the process to end."""
        pause = _FIRST_PAUSE
        unknown = _UNKNOWN
        while not self._closed.is_set():
            state = self._state()
            if state["Running"] is False and isinstance(state["ExitCode"], int):
                return int(state["ExitCode"])
            # One that neither runs nor has ended was never started: its connection was cut.
            unknown -= not state["Running"]
            if not unknown:
                raise cut(self._http.endpoint)
            self._closed.wait(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)
        return None

    def close(self) -> None:
        """Wake a blocked `code`."""
        self._closed.set()

    def _state(self) -> dict[str, object]:
        try:
            answer = self._http.ask(
                f"/exec/{self._exec_id}/json", refuse=of_command(self._container_id)
            )
        except ContctlError as error:
            if error.code is not ErrorCode.NOT_FOUND:
                raise
            raise ContctlError(
                ErrorCode.NOT_FOUND,
                f"no such container: {self._container_id} (it was removed while the command ran)",
            ) from error
        with reaching(self._http.endpoint):
            if not isinstance(answer, dict) or not {"Running", "ExitCode"} <= answer.keys():
                raise ValueError("not the state of an exec")
        return answer


class WaitEnding:
    """The exit code of a container, from a wait that was begun before."""

    def __init__(self, wait: Stream[int]) -> None:
        self._wait = wait

    def code(self) -> int | None:
        """Wait for the container's condition."""
        return next(self._wait, None)

    def close(self) -> None:
        """Wake a blocked `code`."""
        self._wait.close()
