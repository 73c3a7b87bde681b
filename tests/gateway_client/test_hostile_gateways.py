"""Gateways that are absent, hung, garbage, endless or cut off, and what only looks like one:
UNAVAILABLE, in time, one line that names the gateway, and never a second request."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from contctl.backends.gateway.address import parse_address
from contctl.backends.gateway.client import GatewayAuthority
from contctl.backends.gateway.transport import Deadlines, Transport
from contctl.core.api import Stream
from contctl.core.domain.actions import Start
from contctl.core.domain.containers import ListQuery
from contctl.core.domain.create import CreateSpec
from contctl.core.domain.roles import Permission
from contctl.core.domain.secret import Secret
from contctl.core.domain.streams import (
    AttachSpec,
    Chunk,
    Condition,
    ExecSpec,
    Exited,
    LogOptions,
    Out,
)
from contctl.core.domain.transfers import PruneQuery
from contctl.core.errors import ContctlError, ErrorCode
from contctl.wire import frames
from tests.bounded import closing_after, woken_by_close
from tests.fakes.broken_engines import (
    Behaviour,
    BrokenEngine,
    answering,
    dripping,
    endless,
    saying,
    silent,
)
from tests.gateway_client.answers import (
    FRAMES,
    JSON,
    OURS,
    PROBLEM,
    SHORT,
    answer,
    authority,
    chunk,
    chunked,
    head,
    items,
    problem,
    stream_head,
)

OPERATIONS: dict[str, Callable[[GatewayAuthority], object]] = {
    "login": lambda gateway: gateway.session.login("ada", Secret("x")),
    "show": lambda gateway: gateway.users.show(None),
    "unlock": lambda gateway: gateway.users.unlock("bob"),
    "check_new": lambda gateway: gateway.users.check_new("bob"),
    "min_length": lambda gateway: gateway.password_rules.min_length,
    "can": lambda gateway: gateway.rights.can(Permission.STOP, None, None),
    "list": lambda gateway: gateway.containers.list(ListQuery()),
    "create": lambda gateway: gateway.containers.create(CreateSpec("busybox"), "r"),
    "act": lambda gateway: list(gateway.containers.act(Start(), ["web"])),
    "logs": lambda gateway: list(gateway.containers.logs(["web"], LogOptions())),
    "audit": lambda gateway: list(gateway.audit.export(None)),
    "exec": lambda gateway: gateway.containers.exec("web", ExecSpec(("true",))),
    "attach": lambda gateway: gateway.containers.attach("web", AttachSpec()),
    "stat": lambda gateway: gateway.containers.stat("web", "/x"),
    "prune": lambda gateway: gateway.containers.prune(PruneQuery()),
    "get_archive": lambda gateway: list(gateway.containers.get_archive("web", "/x")),
    "put_archive": lambda gateway: gateway.containers.put_archive("web", "/x", iter([b"x"])),
}
ALL = pytest.mark.parametrize("operation", OPERATIONS)

GARBAGE = {
    "ssh": b"SSH-2.0-OpenSSH_9.2\r\n",
    "nothing": b"",
    "binary": b"\0\xff" * 1000,
    "status": b"HTTP/1.1 banana\r\n\r\n",
    "old http": b"HTTP/1.0 200 OK\r\n\r\nnull",
    "headers": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
    "a long line": b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
    "interim": b"HTTP/1.1 100 Continue\r\n\r\n" * 50,
    "no colon": b"HTTP/1.1 200 OK\r\nbanana\r\n\r\n",
    "no length": head(200, {**OURS, **JSON}) + b"null",
    "two lengths": head(200, {**OURS, **JSON, "Content-Length": "4", "content-length": "4"}),
    "negative": head(200, {**OURS, **JSON, "Content-Length": "-4"}) + b"null",
    "framed twice": head(
        200, {**OURS, **JSON, "Content-Length": "4", "Transfer-Encoding": "chunked"}
    ),
    "gzip": head(200, {**OURS, **JSON, "Transfer-Encoding": "gzip"}),
    "short": head(200, {**OURS, **JSON, "Content-Length": "100"}) + b"null",
    "chunk size": stream_head() + b"banana\r\n",
    "redirect": head(301, {**OURS, "Location": "http://x/", "Content-Length": "0"}),
    "empty": head(204, {**OURS, "Content-Length": "0"}),
    "html": answer("<html>", headers={"Content-Type": "text/html"}),
    "a proxy's": head(502, {"Content-Type": "text/html", "Content-Length": "4"}) + b"<h1>",
    "a proxy's own problem": head(502, {**PROBLEM, "Content-Length": "12"}) + b'{"title":""}',
    "a broken problem": head(500, {**PROBLEM, "Content-Length": "1"}) + b"{",
    "no gateway's": head(200, {**JSON, "Content-Length": "4"}) + b"null",
    "no gateway's stream": head(200, {**FRAMES, "Transfer-Encoding": "chunked"}),
    "not json": head(200, {**OURS, **JSON, "Content-Length": "5"}) + b"<htm>",
    "deep": head(200, {**OURS, **JSON, "Content-Length": "200000"}) + b"[" * 200_000,
    "of another type": answer({"unexpected": []}),
    "an unknown frame": chunked(b"\x63\0\0\0\0"),
    "a frame out of place": chunked(frames.pack(frames.Kind.CLOSE_WRITE)),
    "a huge frame": chunked(b"\x01\xff\xff\xff\xff" + b"x" * 100),
    "not json in a frame": chunked(frames.pack(frames.Kind.ITEM, b"{")),
    "a wrong item": chunked(items([1])),
    "upgraded without a key": head(101, {"Upgrade": "websocket", "Connection": "Upgrade"}),
}


def unavailable(attempt: Callable[[], object], seconds: float = 5) -> ContctlError:
    started = time.monotonic()
    with pytest.raises(ContctlError) as caught:
        attempt()
    assert time.monotonic() - started < seconds
    assert caught.value.code is ErrorCode.UNAVAILABLE
    assert "\n" not in f"{caught.value.message}{caught.value.hint}"
    return caught.value


Broken = Callable[[Behaviour], BrokenEngine]


@pytest.fixture
def broken(tmp_path: Path) -> Broken:
    return lambda behave: BrokenEngine(tmp_path, behave)


@ALL
def test_an_absent_socket(tmp_path: Path, operation: str) -> None:
    gateway = authority(f"unix://{tmp_path}/nosuch.sock")
    error = unavailable(lambda: OPERATIONS[operation](gateway))
    assert "no such socket" in error.message
    assert f"{tmp_path}/nosuch.sock" in error.message
    assert error.hint is not None


@ALL
def test_a_socket_that_refuses(tmp_path: Path, operation: str) -> None:
    with BrokenEngine(tmp_path, silent) as server:
        os.link(server.path, tmp_path / "kept.sock")
    gateway = authority(f"unix://{tmp_path}/kept.sock")
    assert "nobody listens" in unavailable(lambda: OPERATIONS[operation](gateway)).message


@ALL
def test_a_gateway_that_hangs(broken: Broken, operation: str) -> None:
    with broken(silent) as server:
        error = unavailable(lambda: OPERATIONS[operation](authority(server.address)))
        assert server.requests == 1
    if operation != "create":
        assert "did not answer in time" in error.message


@ALL
def test_a_gateway_that_drips(broken: Broken, operation: str) -> None:
    with broken(dripping(0.01)) as server:
        unavailable(lambda: OPERATIONS[operation](authority(server.address)))
        assert server.requests == 1


@ALL
@pytest.mark.parametrize("kind", GARBAGE)
def test_garbage(broken: Broken, operation: str, kind: str) -> None:
    with broken(saying(GARBAGE[kind])) as server:
        error = unavailable(lambda: OPERATIONS[operation](authority(server.address)))
        assert server.requests == 1
    assert server.address in error.message or kind == "a proxy's own problem"


@pytest.mark.parametrize("operation", ["list", "show", "logs", "act", "get_archive"])
def test_endless_answers(broken: Broken, operation: str) -> None:
    document = head(200, {**OURS, **JSON, "Transfer-Encoding": "chunked"})
    begin = document if operation in ("list", "show") else stream_head()
    with broken(endless(begin, chunk(b"\xff" * 65536))) as server:
        gateway = authority(server.address, Deadlines(answer=60))
        unavailable(lambda: OPERATIONS[operation](gateway), seconds=30)


def test_an_answer_cut_at_each_byte(tmp_path: Path) -> None:
    whole = answer(True)
    behave = answering(*(whole[:end] for end in range(len(whole) + 1)))
    with BrokenEngine(tmp_path, behave) as server:
        gateway = authority(server.address)
        for _ in range(len(whole)):
            error = unavailable(lambda: gateway.rights.can(Permission.STOP, None, None))
            assert error.message == f"the connection to the gateway at {server.address} was cut"
        assert gateway.rights.can(Permission.STOP, None, None) is True
        assert server.requests == len(whole) + 1


def test_a_problem_cut_at_each_byte(tmp_path: Path) -> None:
    whole = problem(ContctlError(ErrorCode.FORBIDDEN, "no", hint="ask"))
    behave = answering(*(whole[:end] for end in range(len(whole) + 1)))
    with BrokenEngine(tmp_path, behave) as server:
        gateway = authority(server.address)
        for _ in range(len(whole)):
            unavailable(lambda: gateway.users.unlock("bob"))
        with pytest.raises(ContctlError) as caught:
            gateway.users.unlock("bob")
    assert (caught.value.code, caught.value.message) == (ErrorCode.FORBIDDEN, "no")
    assert caught.value.hint == "ask"


def _wait(gateway: GatewayAuthority) -> Stream[Exited]:
    return gateway.containers.wait(["a", "b"], Condition.NOT_RUNNING)


def _read_into(found: list[Exited], gateway: GatewayAuthority) -> None:
    for exited in _wait(gateway):
        found.append(exited)


def test_a_stream_cut_at_each_byte(tmp_path: Path) -> None:
    found = (Exited("a", 0), Exited("b", 1))
    whole = chunked(items(*found))
    # The last chunk says nothing: a stream that had its END is whole.
    needed = len(whole) - len(b"\r\n0\r\n\r\n")
    behave = answering(*(whole[:end] for end in range(needed + 1)))
    with BrokenEngine(tmp_path, behave) as server:
        gateway = authority(server.address)
        for _ in range(needed):
            read: list[Exited] = []
            error = unavailable(partial(_read_into, read, gateway))
            assert "was cut" in error.message
            assert tuple(read) == found[: len(read)]
        assert tuple(_wait(gateway)) == found


def test_what_came_before_the_error_of_a_stream(broken: Broken) -> None:
    said = Chunk("a" * 64, Out(b"hello"))
    writer = frames.ItemWriter()
    failing = writer.frames(said) + writer.error(ContctlError(ErrorCode.NOT_FOUND, "gone"))
    with broken(saying(chunked(failing))) as server:
        stream = authority(server.address).containers.logs(["a"], LogOptions())
        assert next(stream) == said
        with pytest.raises(ContctlError) as caught:
            next(stream)
        assert (caught.value.code, caught.value.message) == (ErrorCode.NOT_FOUND, "gone")
        assert list(stream) == []


def test_a_usage_error_in_a_stream_stays_one(broken: Broken) -> None:
    failing = frames.ItemWriter().error(ContctlError(ErrorCode.USAGE, "no such image name"))
    with broken(saying(chunked(failing))) as server, pytest.raises(ContctlError) as caught:
        list(authority(server.address).containers.pull("??", None))
    assert caught.value.code is ErrorCode.USAGE


def _beginning(data: bytes) -> Behaviour:
    def behave(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(data)
        silent(connection)

    return behave


def test_closing_wakes_a_silent_stream(broken: Broken) -> None:
    with broken(_beginning(stream_head())) as server:
        stream = authority(server.address).containers.logs(["a"], LogOptions(follow=True))
        time.sleep(SHORT.answer * 1.5)
        assert woken_by_close(stream, lambda: list(stream)) == []


def test_a_live_stream_comes_as_it_is_written(broken: Broken) -> None:
    release = threading.Event()
    said = Chunk("a", Out(b"one"))
    writer = frames.ItemWriter()
    first, rest = writer.frames(said), writer.frames(said) + writer.end()

    def behave(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(stream_head() + chunk(first))
        release.wait(20)
        connection.sendall(chunk(rest))

    with broken(behave) as server:
        stream = authority(server.address).containers.logs(["a"], LogOptions(follow=True))
        with closing_after(stream):
            assert next(stream) == said
            release.set()
            assert list(stream) == [said]


def test_a_lost_create_is_unknown(broken: Broken) -> None:
    with broken(saying(b"")) as server:
        gateway = authority(server.address)
        error = unavailable(lambda: gateway.containers.create(CreateSpec("busybox"), "req1"))
        assert server.requests == 1
    assert error.reason == "unknown-outcome"
    assert error.details["request"] == "req1"
    assert "req1" in str(error.hint)


def test_a_create_that_was_never_sent_is_not_unknown(tmp_path: Path) -> None:
    gateway = authority(f"unix://{tmp_path}/nosuch.sock")
    error = unavailable(lambda: gateway.containers.create(CreateSpec("busybox"), "req1"))
    assert error.reason is None


def test_a_create_whose_engine_is_down_is_not_unknown(broken: Broken) -> None:
    down = ContctlError(ErrorCode.UNAVAILABLE, "cannot reach the engine")
    with broken(saying(problem(down))) as server:
        gateway = authority(server.address)
        error = unavailable(lambda: gateway.containers.create(CreateSpec("busybox"), "req1"))
    assert error.message == "cannot reach the engine"


@pytest.mark.parametrize("code", ErrorCode)
def test_every_error_is_the_gateways_own(broken: Broken, code: ErrorCode) -> None:
    told = ContctlError(code, "told", hint="do it", details={"reason": "some"})
    with broken(saying(problem(told))) as server, pytest.raises(ContctlError) as caught:
        authority(server.address).users.unlock("bob")
    error = caught.value
    assert (error.code, error.message, error.hint, error.reason) == (code, "told", "do it", "some")


@pytest.mark.parametrize("text", ["", "a b", "a\r\nX: y", "a\nb", "\u00e4", "\ud800", "x" * 5000])
def test_a_token_that_cannot_be_one_is_not_sent(broken: Broken, text: str) -> None:
    with broken(saying(answer(True))) as server:
        transport = Transport(parse_address(server.address), SHORT)
        gateway = GatewayAuthority(transport, lambda: Secret(text))
        with pytest.raises(ContctlError) as caught:
            gateway.users.check_new("bob")
        assert server.requests == 0
    assert caught.value.code is ErrorCode.NOT_AUTHENTICATED
    assert not text or text not in f"{caught.value.message}{caught.value.hint}"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_socket_that_this_user_may_not_open(tmp_path: Path) -> None:
    script = (
        "import os, sys, json\n"
        "from contctl.backends.gateway.address import parse_address\n"
        "from contctl.backends.gateway.client import GatewayAuthority\n"
        "from contctl.backends.gateway.transport import Transport\n"
        "from contctl.core.errors import ContctlError\n"
        "rules = GatewayAuthority(Transport(parse_address(sys.argv[1])), lambda: None)\n"
        "rules = rules.password_rules\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "try: rules.min_length\n"
        "except ContctlError as error: print(json.dumps([error.code, error.message, error.hint]))\n"
    )
    with BrokenEngine(tmp_path, silent) as server:
        server.path.chmod(0o660)
        for folder in (tmp_path, *list(tmp_path.parents)[:2]):
            folder.chmod(0o755)
        done = subprocess.run(
            [sys.executable, "-c", script, server.address],
            capture_output=True,
            timeout=60,
            check=True,
        )
    code, message, hint = json.loads(done.stdout)
    assert code == "unavailable"
    assert "permission denied" in message
    assert "group contctl" in hint
