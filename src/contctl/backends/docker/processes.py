"""Waiting for, running and joining processes of containers."""

from collections.abc import Callable
from typing import Any

from contctl.backends.docker.duplex import Detached, ExecEnding, HijackedDuplex, WaitEnding
from contctl.backends.docker.errors import of_command, of_container, refused, understanding
from contctl.backends.docker.framing import Decoder, Demultiplexer, Documents, Mapped, Plain
from contctl.backends.docker.listing import inspect
from contctl.backends.docker.streams import BodyStream, OneValue
from contctl.backends.docker.transport import Transport, container_path
from contctl.core.api import Duplex, Stream
from contctl.core.domain.attachable import refusal_to_attach
from contctl.core.domain.containers import Json
from contctl.core.domain.streams import AttachSpec, Condition, Err, ExecSpec, Out


def has_terminal(http: Transport, inspected: Json) -> bool:
    """Whether the container's output comes from a terminal, and so is not multiplexed."""
    with understanding(http.endpoint):
        return bool(inspected["Config"]["Tty"])


def output_decoder(
    terminal: bool, demultiplexer: type[Demultiplexer] = Demultiplexer
) -> Decoder[Out | Err]:
    """The decoder for output from a terminal or without one."""
    return Plain() if terminal else demultiplexer(lambda message: refused(500, message))


def wait(http: Transport, container_id: str, until: Condition) -> OneValue[int]:
    """The exit code of a container; the engine watches it from before it answers."""
    body = http.open(
        "POST",
        container_path(container_id, "wait"),
        {"condition": until.value},
        refuse=of_container(container_id),
    )

    def code(document: dict[str, Any]) -> int:
        with understanding(http.endpoint):
            if document.get("Error"):
                raise refused(500, str(document["Error"]["Message"]))
            return int(document["StatusCode"])

    return OneValue(BodyStream(http.endpoint, body, Mapped(Documents(), code)))


def run(http: Transport, container_id: str, spec: ExecSpec) -> Duplex:
    """Start a process in a running container (Docker Engine API, Exec)."""
    joined = not spec.detach
    refuse = of_command(container_id)
    created = http.change(
        "POST",
        container_path(container_id, "exec"),
        body={
            "AttachStdin": joined and spec.stdin,
            "AttachStdout": joined,
            "AttachStderr": joined,
            "Tty": spec.tty,
            "Privileged": spec.privileged,
            "DetachKeys": spec.detach_keys or "",
            "Cmd": list(spec.argv),
            "Env": list(spec.env),
            "WorkingDir": spec.workdir or "",
            "User": spec.user or "",
        },
        refuse=refuse,
    )
    with understanding(http.endpoint):
        exec_id = str(created["Id"])
    start = f"/exec/{exec_id}/start"
    if spec.detach:
        http.change("POST", start, body={"Detach": True, "Tty": spec.tty}, refuse=refuse)
        return Detached()
    body = http.hijack(start, None, {"Detach": False, "Tty": spec.tty}, refuse)

    def resize(columns: int, rows: int) -> None:
        http.change("POST", f"/exec/{exec_id}/resize", {"w": columns, "h": rows}, refuse=refuse)

    ending = ExecEnding(http, exec_id, container_id)
    return HijackedDuplex(http.endpoint, body, output_decoder(spec.tty), ending, resize)


def attach(
    http: Transport,
    container_id: str,
    spec: AttachSpec,
    wait: Callable[[Transport, str, Condition], Stream[int]] = wait,
    demultiplexer: type[Demultiplexer] = Demultiplexer,
) -> Duplex:
    """Join a container's main process; the wait for its end begins first."""
    inspected = inspect(http, container_id)
    terminal = has_terminal(http, inspected)
    _check_joinable(http, inspected, spec)
    ending = WaitEnding(wait(http, container_id, spec.until))
    try:
        body = _join(http, container_id, spec)
    except BaseException:
        ending.close()
        raise

    def resize(columns: int, rows: int) -> None:
        path = container_path(container_id, "resize")
        http.change("POST", path, {"w": columns, "h": rows}, refuse=of_container(container_id))

    decoder = output_decoder(terminal, demultiplexer)
    return HijackedDuplex(http.endpoint, body, decoder, ending, resize)


def _join(http: Transport, container_id: str, spec: AttachSpec) -> Any:
    query = {
        "stream": 1,
        "stdin": int(spec.stdin),
        "stdout": int(spec.stdout),
        "stderr": int(spec.stderr),
        "logs": int(spec.logs),
        "detachKeys": spec.detach_keys,
    }
    # An engine may already begin to run it, and tell here that it cannot.
    refuse = of_command(container_id)
    body = http.hijack(container_path(container_id, "attach"), query, None, refuse)
    try:
        # One that is not running would send nothing and never end; it may have ended just now.
        if spec.until is Condition.NOT_RUNNING:
            _check_joinable(http, inspect(http, container_id), spec)
    except BaseException:
        body.close()
        raise
    return body


def _check_joinable(http: Transport, inspected: Json, spec: AttachSpec) -> None:
    """CONFLICT for one that does not run, where it should."""
    with understanding(http.endpoint):
        refusal = refusal_to_attach(inspected)
    if refusal is not None and spec.until is Condition.NOT_RUNNING:
        raise refusal
