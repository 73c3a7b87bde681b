"""Processes in pods: execs, signals, listings."""

from __future__ import annotations

import signal as signals
from collections.abc import Sequence
from typing import TYPE_CHECKING

from contctl.backends.kubernetes.kinds import Found, Kind, id_of
from contctl.backends.kubernetes.pods import (
    is_over,
    is_running,
    main_name,
    part,
    text,
)
from contctl.backends.kubernetes.sessions import PROTOCOL, Session
from contctl.backends.kubernetes.settling import command_trouble, pod_path
from contctl.backends.kubernetes.workloads import check_same
from contctl.core.domain.engines import cannot
from contctl.core.domain.observed import Processes
from contctl.core.domain.streams import AttachSpec, Err, ExecSpec, Exit, Frame, Out
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from contctl.backends.kubernetes.client import Cluster
    from contctl.core.api import Duplex
    from contctl.core.domain.containers import Json

_IN_FOLDER = ("sh", "-c", 'cd -- "$1" && shift && exec "$@"', "sh")
_DETACHED = ("sh", "-c", '"$@" </dev/null >/dev/null 2>&1 &', "sh")
_CANNOT_RUN = {"command-not-found": 127, "command-not-executable": 126}
_NO_PROGRAM = 127
_MOST = 4 * 1024 * 1024
"""Bytes of an answer that is read as a whole."""


class ExecDuplex:
    """The Duplex of a process in a pod."""

    def __init__(self, session: Session, *, stdin: bool) -> None:
        self._session = session
        self._stdin = stdin
        self._end: list[Frame] = []
        self._over = False

    def read(self) -> Frame | None:
        """The next frame, the exit code last."""
        if self._end:
            return self._end.pop(0)
        if self._over:
            return None
        frame = self._session.read()
        if frame is not None or self._session.status is None:
            return frame
        self._over = True
        self._end = ending(self._session.status)
        self._session.close()
        return self._end.pop(0)

    def write(self, data: bytes) -> None:
        """Send to its standard input. Waits for as long as the process does not read."""
        if self._stdin:
            self._session.write(data)

    def close_write(self) -> None:
        """Close its standard input."""
        if self._stdin:
            self._session.close_write()

    def resize(self, columns: int, rows: int) -> None:
        """Tell its terminal the size."""
        self._session.resize(columns, rows)

    def close(self) -> None:
        """Leave the process, and wake a blocked `read` or `write`."""
        self._session.close()


def ending(status: Json) -> list[Frame]:
    """The last frames that a Status object means: `Exit`, and what keeps a command from running in
    front of it. FAILED for what else went wrong."""
    if status.get("status") == "Success":
        return [Exit(0)]
    for cause in part(status, "details").get("causes") or ():
        code = str(cause.get("message") or "")
        if cause.get("reason") == "ExitCode" and code.isdigit():
            return [Exit(int(code))]
    message = " ".join(text(status, "message").split()) or "the process failed"
    trouble = command_trouble(message)
    if trouble is None:
        raise ContctlError(ErrorCode.FAILED, message)
    return [Err(f"{message}\n".encode()), Exit(_CANNOT_RUN[trouble])]


def run(cluster: Cluster, found: Found, spec: ExecSpec) -> Duplex:
    """As `Engine.exec`, in a pod."""
    _check(spec)
    argv = [*_environment(spec.env), *spec.argv]
    if spec.workdir:
        argv = [*_IN_FOLDER, spec.workdir, *argv]
    pod = running_pod(cluster, found)
    if spec.detach:
        return ExecDuplex(begin(cluster, pod, [*_DETACHED, *argv]), stdin=False)
    session = begin(cluster, pod, argv, stdin=spec.stdin, tty=spec.tty)
    return ExecDuplex(session, stdin=spec.stdin)


def attach(cluster: Cluster, found: Found, spec: AttachSpec) -> Duplex:
    """As `Engine.attach`."""
    from contctl.backends.kubernetes.attaching import attach as join

    return join(cluster, found, spec)


def begin(
    cluster: Cluster,
    pod: Json,
    argv: Sequence[str],
    *,
    stdin: bool = False,
    tty: bool = False,
) -> Session:
    """Start `argv` in the main container of a pod."""
    streams = [*(["stdin"] if stdin else []), "stdout", *([] if tty else ["stderr"])]
    return opened(cluster, pod, "exec", streams, tty=tty, argv=argv)


def opened(
    cluster: Cluster,
    pod: Json,
    verb: str,
    streams: Sequence[str],
    *,
    tty: bool,
    argv: Sequence[str] = (),
) -> Session:
    """A session with a process of the main container of a pod. verb: `exec` or `attach`."""
    query = [("container", main_name(pod)), *((name, "true") for name in streams)]
    query += [("tty", "true")] * tty + [("command", each) for each in argv]
    try:
        wire = cluster.upgrade(f"{pod_path(pod)}/{verb}", query, PROTOCOL)
    except ContctlError as error:
        if "container not found" in error.message or "is not running" in error.message:
            raise not_running(text(pod, "metadata", "name")) from error
        raise
    session = Session(cluster, wire, streams, tty=tty)
    try:
        # A StatefulSet gives the name of a pod to the next one.
        now = cluster.get(pod_path(pod), metadata=True)
        check_same(id_of(text(pod, "metadata", "uid")), now)
    except BaseException:
        session.close()
        raise
    return session


def running_pod(cluster: Cluster, found: Found) -> Json:
    """The pod that `found` is. CONFLICT where it does not run, and for a workload: of its pods one
    was chosen before, or there was none. NOT_FOUND where another pod has its name by now."""
    if found.kind is not Kind.POD:
        raise not_running(found.name)
    (pod,) = cluster.pods(found)
    if is_over(pod) or not is_running(pod):
        raise not_running(found.name)
    return pod


def not_running(name: str) -> ContctlError:
    """For a process in what does not run."""
    return ContctlError(ErrorCode.CONFLICT, f"the container {name} is not running")


def output_of(cluster: Cluster, pod: Json, argv: Sequence[str]) -> tuple[int, bytes, str]:
    """The exit code of a short process, its output, and its errors as one line."""
    session = begin(cluster, pod, argv)
    out: list[bytes] = []
    err: list[bytes] = []
    length = 0
    try:
        while (frame := session.read()) is not None:
            length += len(frame.data)
            if length > _MOST:
                raise ContctlError(ErrorCode.FAILED, f"{argv[0]} answers more than can be read")
            (out if isinstance(frame, Out) else err).append(frame.data)
        *said, last = ending(session.status or {})
    finally:
        session.close()
    err += [each.data for each in said if isinstance(each, Err)]
    code = last.code if isinstance(last, Exit) else _NO_PROGRAM
    return code, b"".join(out), " ".join(b"".join(err).decode("utf-8", "replace").split())


def kill(cluster: Cluster, found: Found, signal: str) -> None:
    """As `Engine.kill`: the first process of each running pod gets it from inside."""
    name = signal_name(signal)
    if name in ("KILL", "STOP"):
        # The kernel keeps both from the first process of a namespace (pid_namespaces(7)).
        error = cannot(f"send SIG{name}", "the first process of a pod does not get it from inside")
        raise ContctlError(error.code, error.message, hint="'contctl rm -f' ends it for good")
    pods = [pod for pod in cluster.pods_like(found) if is_running(pod)]
    if not pods:
        raise not_running(found.name)
    for pod in pods:
        spec = part(pod, "spec")
        if spec.get("hostPID") or spec.get("shareProcessNamespace"):
            raise cannot("send signals", "its first process is not its own")
        code, _, said = output_of(cluster, pod, ["sh", "-c", f"kill -s {name} 1"])
        if code == _NO_PROGRAM:
            raise cannot("send signals", "the container has no shell to send them from")
        if code:
            raise ContctlError(ErrorCode.FAILED, f"the signal was not sent: {said or code}")


def signal_name(given: str) -> str:
    """`TERM` for `TERM`, `SIGTERM` or 15; USAGE for no signal."""
    plain = given.upper().removeprefix("SIG")
    if plain.isascii() and plain.isdigit():
        known = {str(int(each)): each.name for each in signals.Signals}
        plain = known.get(plain, "").removeprefix("SIG")
    if not hasattr(signals, f"SIG{plain}") or not plain.isalnum():
        raise ContctlError(ErrorCode.USAGE, f"invalid signal: {given}")
    return plain


def top(cluster: Cluster, found: Found, args: Sequence[str]) -> Processes:
    """As `Engine.top`: what ps(1) in the container shows."""
    pod = running_pod(cluster, found)
    code, out, said = output_of(cluster, pod, ["ps", *(args or ["-ef"])])
    if code in _CANNOT_RUN.values():
        raise cannot("show processes", "the container has no ps")
    lines = out.decode("utf-8", "replace").splitlines()
    if code or not lines:
        raise ContctlError(ErrorCode.FAILED, f"ps failed: {said or code}")
    titles = tuple(lines[0].split())
    rows = [line.split(maxsplit=len(titles) - 1) for line in lines[1:]]
    return Processes(titles, tuple(tuple(row) for row in rows if len(row) == len(titles)))


def _check(spec: ExecSpec) -> None:
    if spec.user:
        raise cannot("choose the user of a process", "pods have one user, set when they are made")
    if spec.privileged:
        raise cannot("start privileged processes", "a process has the rights of its pod")


def _environment(env: Sequence[str]) -> list[str]:
    given = [entry for entry in env if "=" in entry]
    return ["env", *given] if given else []
