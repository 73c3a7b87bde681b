"""Waiting for, joining and listing processes of Podman's containers."""

import threading
from collections.abc import Sequence
from typing import Any, Self

from contctl.backends.docker import processes
from contctl.backends.docker.errors import understanding
from contctl.backends.docker.framing import Demultiplexer
from contctl.backends.docker.listing import inspect, text
from contctl.backends.docker.transport import Transport, container_path
from contctl.backends.podman.transport import of_silent
from contctl.core.api import Duplex, Stream
from contctl.core.domain.observed import Processes
from contctl.core.domain.streams import AttachSpec, Condition, Err, Out
from contctl.core.errors import ContctlError, ErrorCode

_SETTLE = 3.0
"""Seconds that a container's end may be told after its removal."""
_BEFORE_ITS_RUN = ("created", "configured", "initialized")
_COLUMNS = "user,pid,ppid,pcpu,etime,tty,time,args"
"""What `podman top` shows (podman-top(1))."""
_FROM_OUTSIDE = frozenset(
    {"args", "comm", "etime", "group", "nice", "pcpu", "pgid", "pid", "ppid", "time", "tty", "user"}
    | {"vsz", "ruser", "rgroup"}
)
"""Columns of ps(1) that Podman reads itself; for others it runs ps inside the container."""


class LoggedDemultiplexer(Demultiplexer):
    """A `Demultiplexer` for Podman's answer with what was logged before: each line is a frame
    without its line end, which follows outside of any frame (podman v4.3, `libpod/oci_attach`)."""

    def feed(self, data: bytes) -> list[Out | Err]:
        """The output in `data`."""
        buffer, found = self._header + data, []
        at, end = 0, len(buffer)
        while at < end:
            if self._left:
                piece = buffer[at : at + self._left]
                self._left -= len(piece)
                found += self._output(piece)
                at += len(piece)
            elif buffer[at] == ord("\n"):
                found += self._output(b"\n")
                at += 1
            elif end - at < 8:
                break
            else:
                self._begin(buffer, at)
                at += 8
        self._header = buffer[at:]
        return found

    def _output(self, piece: bytes) -> list[Out | Err]:
        if self._kind == 3:
            self._engine_error += piece
            return []
        return [Err(piece) if self._kind == 2 else Out(piece)]


def attach(http: Transport, container_id: str, spec: AttachSpec) -> Duplex:
    """As `Engine.attach`."""
    demultiplexer = LoggedDemultiplexer if spec.logs else Demultiplexer
    return processes.attach(http, container_id, spec, wait, demultiplexer)


def wait(http: Transport, container_id: str, until: Condition) -> Stream[int]:
    """As `Engine.wait`."""
    if until is Condition.NEXT_EXIT:
        return processes.wait(http, container_id, until)
    with understanding(http.endpoint):
        state = inspect(http, container_id)["State"]
        status, code = text(state["Status"]), int(state["ExitCode"])
    known = status in _BEFORE_ITS_RUN or not (state["Running"] or state["Paused"])
    if until is Condition.NOT_RUNNING:
        # Podman's own code for a container that never ran is -1.
        return Codes(code) if known else processes.wait(http, container_id, until)
    # Podman has forgotten the code once the container is gone.
    ran = status not in _BEFORE_ITS_RUN and known
    ending = None if ran else processes.wait(http, container_id, Condition.NEXT_EXIT)
    return Codes(code, ending, processes.wait(http, container_id, until))


class Codes:
    """A Stream of one exit code: what `ending` answers, else `code`, once `removal` is over."""

    def __init__(
        self, code: int, ending: Stream[int] | None = None, removal: Stream[int] | None = None
    ) -> None:
        self._code = code
        self._ending = ending
        self._removal = removal
        self._closed = threading.Event()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> int:
        if self._closed.is_set():
            raise StopIteration
        if self._removal is not None:
            _next(self._removal)
        if self._ending is not None:
            # Of a container that was removed before it ran, Podman never answers this one.
            timer = threading.Timer(_SETTLE, self._ending.close)
            timer.daemon = True
            timer.start()
            code = _next(self._ending)
            timer.cancel()
            self._code = self._code if code is None or code < 0 else code
        if self._closed.is_set():
            raise StopIteration
        self.close()
        return self._code

    def close(self) -> None:
        """End the iteration, also one that waits in another thread."""
        self._closed.set()
        for wait in (self._ending, self._removal):
            if wait is not None:
                wait.close()


def _next(wait: Stream[int]) -> int | None:
    """The code of `wait`; None where it was closed, or the container is gone."""
    try:
        return next(wait, None)
    except ContctlError as error:
        if error.code is ErrorCode.UNAVAILABLE:
            raise
        return None


def top(http: Transport, container_id: str, args: Sequence[str]) -> Processes:
    """As `Engine.top`."""
    path = container_path(container_id, "top")
    query = {"ps_args": _columns(args) or " ".join(args), "stream": "false"}
    answer = http.ask(path, query, refuse=of_silent(container_id))
    if answer is None:
        raise _no_processes(http, container_id)
    with understanding(http.endpoint):
        found = _table(answer)
    if not any(title.upper() == "PID" for title in found.titles):
        raise ContctlError(ErrorCode.FAILED, "there is no PID among the columns of these arguments")
    return found


def _columns(args: Sequence[str]) -> str | None:
    """The columns that Podman can read itself, as it wants them; None where it cannot."""
    if not args:
        return _COLUMNS
    if len(args) != 2 or args[0] not in ("-o", "-eo"):
        return None
    return args[1] if set(args[1].split(",")) <= _FROM_OUTSIDE else None


def _table(answer: dict[str, Any]) -> Processes:
    """Of a ps inside the container there is one column, with its lines as they are."""
    titles = [text(title) for title in answer["Titles"]]
    rows = [[text(cell) for cell in row] for row in answer["Processes"] or ()]
    if len(titles) == 1:
        titles = titles[0].split()
        rows = [row[0].split(None, len(titles) - 1) for row in rows]
    if any(len(row) != len(titles) for row in rows):
        raise ValueError("a row of another length")
    return Processes(tuple(titles), tuple(map(tuple, rows)))


def _no_processes(http: Transport, container_id: str) -> ContctlError:
    if not inspect(http, container_id)["State"]["Running"]:
        return ContctlError(ErrorCode.CONFLICT, f"container {container_id} is not running")
    return ContctlError(
        ErrorCode.FAILED,
        "ps does not take these arguments, or there is none in the container",
        hint="without arguments, Podman needs no ps in the container",
    )
