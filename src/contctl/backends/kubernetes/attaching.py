"""Joining the main process of a pod.

An attach shows only what comes after it, and takes a moment; so where nothing may be missed, output
is read from the pod's log from its beginning, and only the input is attached.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from contctl.backends.kubernetes.kinds import Found, Kind, id_of
from contctl.backends.kubernetes.pods import is_leaving, is_over, is_running, main, main_name, text
from contctl.backends.kubernetes.processes import opened, running_pod
from contctl.backends.kubernetes.settling import SECONDS, pod_path, raise_if_broken
from contctl.backends.kubernetes.waiting import restarts, wait
from contctl.core.domain.engines import cannot
from contctl.core.domain.streams import AttachSpec, Condition, Exit, Frame, Out
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from contctl.backends.kubernetes.body import Body
    from contctl.backends.kubernetes.client import Cluster
    from contctl.backends.kubernetes.sessions import Session
    from contctl.backends.kubernetes.waiting import Wait
    from contctl.core.api import Duplex
    from contctl.core.domain.containers import Json

_PAUSE = 0.2


def attach(cluster: Cluster, found: Found, spec: AttachSpec) -> Duplex:
    """As `Engine.attach`."""
    if spec.until is Condition.NOT_RUNNING:
        pod = running_pod(cluster, found)
        if not spec.logs:
            return _joined(cluster, found, spec, pod)
    elif not spec.logs and spec.stdout is not spec.stderr:
        raise cannot("show one of both outputs", "a pod's log keeps them as one")
    return LoggedDuplex(cluster, found, spec)


class JoinedDuplex:
    """The Duplex of a process that ran before it was joined. ending: tells its exit code."""

    def __init__(self, session: Session, ending: Wait, spec: AttachSpec) -> None:
        self._session = session
        self._ending = ending
        self._spec = spec
        self._over = False

    def read(self) -> Frame | None:
        """The next frame, the exit code last."""
        if self._over:
            return None
        frame = self._session.read()
        if frame is not None or self._session.closed:
            return frame
        self._over = True
        code = next(self._ending, None)
        self.close()
        return None if code is None else Exit(code)

    def write(self, data: bytes) -> None:
        """Send to its standard input. Waits for as long as the process does not read."""
        if self._spec.stdin:
            self._session.write(data)

    def close_write(self) -> None:
        """Close its standard input."""
        if self._spec.stdin:
            self._session.close_write()

    def resize(self, columns: int, rows: int) -> None:
        """Tell its terminal the size."""
        self._session.resize(columns, rows)

    def close(self) -> None:
        """Leave the process, and wake a blocked `read` or `write`."""
        self._ending.close()
        self._session.close()


class LoggedDuplex:
    """The Duplex of a process that need not run yet. Its output is that of the log, in which both
    outputs are one."""

    def __init__(self, cluster: Cluster, found: Found, spec: AttachSpec) -> None:
        self._cluster = cluster
        self._found = found
        self._spec = spec
        self._ending = wait(cluster, found, spec.until)
        self._closed = threading.Event()
        self._beginning = threading.Lock()
        self._begun = False
        self._log: Body | None = None
        self._input: Session | None = None
        self._size: tuple[int, int] | None = None
        self._lock = threading.Lock()
        self._over = False

    def read(self) -> Frame | None:
        """The next frame, the exit code last."""
        if self._over or self._closed.is_set():
            return None
        self._begin()
        log = self._log
        piece = log.read() if log is not None and not self._closed.is_set() else b""
        if piece:
            return Out(piece)
        if self._closed.is_set():
            return None
        self._over = True
        code = next(self._ending, None)
        self.close()
        return None if code is None else Exit(code)

    def write(self, data: bytes) -> None:
        """Send to its standard input, once it runs."""
        self._with_input(lambda session: session.write(data))

    def close_write(self) -> None:
        """Close its standard input, once it runs."""
        self._with_input(lambda session: session.close_write())

    def resize(self, columns: int, rows: int) -> None:
        """Tell its terminal the size, now or once it runs."""
        with self._lock:
            self._size = columns, rows
            session = self._input
        if session is not None:
            session.resize(columns, rows)

    def close(self) -> None:
        """Leave the process, and wake a blocked `read` or `write`."""
        self._closed.set()
        self._ending.close()
        with self._lock:
            left = [each for each in (self._log, self._input) if each is not None]
        for each in left:
            each.close()

    def _with_input(self, use: Callable[[Session], None]) -> None:
        if self._spec.stdin:
            self._begin()
            if self._input is not None:
                use(self._input)

    def _begin(self) -> None:
        """Wait until it runs, and join it: whoever reads or writes first."""
        with self._beginning:
            pod = None if self._begun else self._pod()
            self._begun = True
            if pod is not None:
                self._join(pod)

    def _join(self, pod: Json) -> None:
        """The input first, then the log, which has all since the beginning."""
        session = None
        if self._spec.stdin and is_running(pod):
            tty = bool(main(pod).get("tty"))
            # One that ended just now is as one that never reads.
            with suppress(ContctlError):
                session = opened(self._cluster, pod, "attach", ["stdin"], tty=tty)
        query: dict[str, str | bool] = {"container": main_name(pod), "follow": True}
        log = self._cluster.open(f"{pod_path(pod)}/log", query, endless=True)
        with self._lock:
            self._input, self._log, size = session, log, self._size
        if self._closed.is_set():
            self.close()
        elif session is not None and size is not None:
            session.resize(*size)

    def _pod(self) -> Json | None:
        """The pod, once it runs or has ended; None where it was closed meanwhile. UNAVAILABLE where
        none comes."""
        for _ in range(int(SECONDS / _PAUSE)):
            if self._closed.is_set():
                return None
            pods = [pod for pod in self._cluster.pods_like(self._found) if not is_leaving(pod)]
            for pod in pods:
                if is_running(pod) or is_over(pod) or restarts(pod):
                    return pod
            raise_if_broken(pods)
            self._closed.wait(_PAUSE)
        raise ContctlError(
            ErrorCode.UNAVAILABLE, f"no pod of {self._found.name} ran in {SECONDS:.0f} s"
        )


def _joined(cluster: Cluster, found: Found, spec: AttachSpec, pod: Json) -> JoinedDuplex:
    tty = bool(main(pod).get("tty"))
    wanted = (("stdin", spec.stdin), ("stdout", spec.stdout), ("stderr", spec.stderr and not tty))
    streams = [name for name, is_wanted in wanted if is_wanted]
    if not streams:
        raise cannot("join a process without its streams", "at least one is needed")
    # A workload starts another pod when this one ends: it is this one's end that counts.
    ending = wait(cluster, found_pod(found, pod), Condition.NEXT_EXIT)
    try:
        return JoinedDuplex(opened(cluster, pod, "attach", streams, tty=tty), ending, spec)
    except BaseException:
        ending.close()
        raise


def found_pod(found: Found, pod: Json) -> Found:
    """What the full ID of `pod` means."""
    name, uid = text(pod, "metadata", "name"), text(pod, "metadata", "uid")
    return found._replace(id=id_of(uid), kind=Kind.POD, name=name)
