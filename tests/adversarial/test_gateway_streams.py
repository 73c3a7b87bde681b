"""Streams whose peer vanishes, reads slowly or is stopped, and whose engine dies."""

import json
import os
import secrets
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from contctl.wire.frames import Kind, pack
from devtools import images
from devtools.engine import PrivateEngine
from tests.adversarial.gateways import PLENTY, QUICK, Target
from tests.adversarial.test_gateway_websockets import HANDSHAKE, message
from tests.bounded import SECONDS, eventually
from tests.e2e.machine import IMAGE, PASSWORD, Machine
from tests.e2e.side_by_side import DockerCli
from tests.gateway.test_serve import call

pytestmark = pytest.mark.docker
MEBIBYTE = 1024 * 1024
FOLLOW = {"follow": True}
LINES = "yes 0123456789012345678901234567890123456789 | head -n"
ENDLESS = f"{LINES} 200000; while {LINES} 1000; do sleep 0.1; done"
"""More than anybody's buffers hold at first, and then for ever what leaves others a processor."""


@pytest.fixture
def engine() -> Iterator[PrivateEngine]:
    """An engine of the test's own, to be killed."""
    with PrivateEngine() as engine:
        yield engine


@pytest.fixture(scope="module")
def target(
    docker_engine: PrivateEngine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Target]:
    """A gateway on a real engine."""
    target = Target(tmp_path_factory.mktemp("streams"), QUICK + PLENTY, docker_engine.host)
    with target.running():
        target.token = target.login()
        yield target
    assert target.bugs == []


@pytest.fixture(scope="module")
def docker(docker_engine: PrivateEngine, tmp_path_factory: pytest.TempPathFactory) -> DockerCli:
    """Docker's own client of the same engine."""
    return DockerCli(docker_engine.host, tmp_path_factory.mktemp("docker"))


@contextmanager
def container(docker: DockerCli, *command: str) -> Iterator[str]:
    """A running container."""
    name = f"hostile-{secrets.token_hex(4)}"
    docker.done("run", "-d", "--name", name, IMAGE, *(command or ("sleep", "600")))
    try:
        yield name
    finally:
        docker.run("rm", "-f", name)


@pytest.fixture(scope="module")
def web(docker: DockerCli) -> Iterator[str]:
    """A container that sleeps."""
    with container(docker) as name:
        yield name


@pytest.fixture(scope="module")
def chatty(docker: DockerCli) -> Iterator[str]:
    """A container that says more than anybody reads."""
    with container(docker, "sh", "-c", ENDLESS) as name:
        yield name


def begin(target: Target, operation: str, **arguments: object) -> socket.socket:
    """A stream that has begun."""
    connection = target.connect()
    connection.sendall(call(operation, target.token, **arguments))
    assert b" 200 " in connection.recv(4096)
    return connection


def executed(target: Target, name: str, *argv: str) -> socket.socket:
    """A process that has begun, over a WebSocket."""
    spec = {"ref": name, "spec": {"argv": argv, "stdin": True}}
    shown = b"Authorization: Bearer " + target.token.encode() + b"\r\n\r\n"
    connection = target.connect()
    arguments = pack(Kind.ARGUMENTS, json.dumps(spec).encode())
    connection.sendall(HANDSHAKE + shown)
    answer = connection.recv(65536)
    assert answer.endswith(b"\r\n\r\n"), answer
    connection.sendall(message(arguments))
    while pack(Kind.ITEM, b"null") not in answer:
        received = connection.recv(65536)
        assert received, answer
        answer += received
    return connection


def processes(docker: DockerCli, name: str) -> str:
    """The command lines of what runs in a container."""
    return docker.done("top", name, "-o", "pid,args")


@pytest.mark.parametrize(
    ("script", "goes_on"),
    [("exec sleep 4321", True), ("cat; exec sleep 4322", True), ("exec cat -u", False)],
    ids=["one that does not read", "one that reads on", "one that only reads"],
)
def test_a_peer_that_vanishes_in_an_exec(
    target: Target, docker: DockerCli, web: str, script: str, goes_on: bool
) -> None:
    """The process goes on where docker's goes on, and ends where that ends."""
    marks = {"docker": f"d{secrets.token_hex(3)}", "contctl": f"c{secrets.token_hex(3)}"}
    own = docker.start("exec", "-i", web, "sh", "-c", f"{script} #", marks["docker"])
    connection = executed(target, web, "sh", "-c", f"{script} #", marks["contctl"])
    eventually(lambda: _running(docker, web) >= 2, "both run")
    own.kill()
    own.communicate(timeout=SECONDS)
    connection.close()
    expected = 2 if goes_on else 0
    time.sleep(1)
    eventually(lambda: _running(docker, web) == expected, "both have met the same end")
    docker.run("exec", web, "sh", "-c", "kill -9 $(pidof cat sleep | tr ' ' '\\n' | grep -v '^1$')")
    eventually(lambda: _running(docker, web) == 0, "nothing is left")


def _running(docker: DockerCli, name: str) -> int:
    lines = processes(docker, name).splitlines()[1:]
    return sum("sleep 600" not in line for line in lines)


def logs(target: Target, chatty: str, web: str) -> socket.socket:
    del web
    return begin(target, "containers/logs", refs=[chatty], options=FOLLOW)


def quiet_logs(target: Target, chatty: str, web: str) -> socket.socket:
    del chatty
    return begin(target, "containers/logs", refs=[web], options=FOLLOW)


def events(target: Target, chatty: str, web: str) -> socket.socket:
    del chatty, web
    return begin(target, "containers/events", query={})


def wait(target: Target, chatty: str, web: str) -> socket.socket:
    del chatty
    return begin(target, "containers/wait", refs=[web], until="not-running")


def audit(target: Target, chatty: str, web: str) -> socket.socket:
    del chatty, web
    return begin(target, "audit/follow", query={"wanted": {}})


def upload(target: Target, chatty: str, web: str) -> socket.socket:
    del chatty
    arguments = pack(Kind.ARGUMENTS, json.dumps({"ref": web, "path": "/tmp"}).encode())
    body = arguments + pack(Kind.IN, b"x" * 100_000)
    connection = target.connect()
    connection.sendall(
        b"POST /v1/containers/put_archive HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
        b"Content-Type: application/vnd.contctl.frames\r\nAuthorization: Bearer "
        + target.token.encode()
        + b"\r\n\r\n%x\r\n%s\r\n" % (len(body), body)
    )
    time.sleep(0.05)
    return connection


def process(target: Target, chatty: str, web: str) -> socket.socket:
    del chatty
    return executed(target, web, "cat")


@pytest.mark.parametrize(
    "open_one",
    [logs, quiet_logs, events, wait, audit, upload, process],
    ids=lambda each: each.__name__,
)
def test_fifty_peers_that_vanish(
    target: Target, chatty: str, web: str, open_one: Callable[[Target, str, str], socket.socket]
) -> None:
    """Their threads end, and their connections, the engine's among them, are closed."""
    open_one(target, chatty, web).close()
    time.sleep(1)
    threads, descriptors = target.held()
    held = []
    for _ in range(5):
        held = [open_one(target, chatty, web) for _ in range(10)]
        assert target.held()[1] >= descriptors + 10
        for connection in held:
            connection.close()
    eventually(lambda: target.held()[1] <= descriptors + 1, "all connections are closed", 30)
    eventually(lambda: target.held()[0] <= threads + 1, "all threads have ended", 30)


def test_slow_readers_of_logs(target: Target, chatty: str, web: str) -> None:
    """They hold little memory, and nobody else waits for them."""
    logs(target, chatty, web).close()
    time.sleep(1)
    before = target.memory()
    held = [logs(target, chatty, web) for _ in range(20)]
    time.sleep(3)
    grown = target.memory() - before
    time.sleep(3)
    assert target.memory() < before + 20 * 3 * MEBIBYTE
    assert target.memory() - before < grown + 16 * MEBIBYTE
    told = target.ask("containers/list", target.token, query={"all": True})
    assert told.status == 200
    with logs(target, chatty, web) as quick:
        assert len(quick.recv(65536)) > 0
    for connection in held:
        connection.close()


def test_text_that_no_engine_can_be_told(target: Target, web: str) -> None:
    for path in ("/tmp/\ud800", "/tmp/a\0b"):
        told = target.ask("containers/get_archive", target.token, ref=web, path=path)
        assert told.status in (400, 404, 422), told.body


def test_an_engine_that_dies_under_running_streams(engine: PrivateEngine, tmp_path: Path) -> None:
    """Each ends with one error line and exit code 7; what needs no engine goes on."""
    images.import_image(engine.host, IMAGE)
    docker = DockerCli(engine.host, tmp_path)
    docker.done("run", "-d", "--name", "web", IMAGE, "sh", "-c", "echo up; exec sleep 600")
    folder = tmp_path / "gateway"
    folder.mkdir()
    target = Target(folder, QUICK + PLENTY, engine.host)
    with target.running():
        client = client_of(target, tmp_path)
        commands = (("logs", "-f", "web"), ("exec", "web", "sleep", "600"))
        running = [client.start(*command) for command in commands]
        eventually(
            lambda: docker.done("top", "web", "-o", "pid,args").count("sleep 600") == 2, "both run"
        )
        time.sleep(1)
        os.kill(engine.pid, signal.SIGKILL)
        for process, code in zip(running, (7, 125), strict=True):
            out, err = process.communicate(timeout=60)
            lines = err.decode().splitlines()
            assert process.returncode == code, err
            assert lines[0].startswith(("error: ", "error[unavailable]: ")), err
            assert len(lines) <= 2
            assert b"Traceback" not in err
            assert out in (b"", b"up\n")
        result = client.run("ps")
        assert (result.code, result.out) == (7, "")
        assert client.done("whoami") == "ada\n"
        assert target.bugs == []


def client_of(target: Target, home: Path) -> Machine:
    """A machine that is logged in at the gateway."""
    machine = Machine(home, {"CONTCTL_CREDENTIAL_STORE": "file", "CONTCTL_CONTEXT": "gw"})
    machine.done("context", "create", "gw", "--gateway", f"unix://{target.socket}")
    machine.done("login", "ada", "--password-stdin", stdin=PASSWORD.encode())
    return machine


def test_a_gateway_that_is_stopped_or_killed_under_streams(
    docker_engine: PrivateEngine, tmp_path: Path, chatty: str, web: str
) -> None:
    """SIGTERM tells the streams why, SIGKILL cuts them; the client says either in one line, and the
    next gateway on the same socket has forgotten nobody."""
    folder = tmp_path / "gateway"
    folder.mkdir()
    target = Target(folder, QUICK + PLENTY + 'stop_grace = "1s"\n', docker_engine.host)
    with target.running():
        client = client_of(target, tmp_path)
    for number, words in ((signal.SIGTERM, "the gateway is stopping"), (signal.SIGKILL, "was cut")):
        with target.running() as gateway:
            assert client.done("whoami") == "ada\n"
            running = [
                client.start("logs", "-f", web),
                client.start("exec", "-i", web, "cat"),
                client.start("logs", "-f", "-n", "1", chatty),
            ]
            eventually(lambda: target.held()[0] >= 6, "they run")
            time.sleep(2)
            gateway.send_signal(number)
            for process, code in zip(running, (7, 125, 7), strict=True):
                _, err = process.communicate(timeout=60)
                assert process.returncode == code, (number, err)
                assert words in err.decode().splitlines()[0]
                assert len(err.splitlines()) <= 2
            gateway.wait(SECONDS)
    with target.running():
        assert client.done("whoami") == "ada\n"
        assert web in client.done("ps")
    assert target.bugs == []
