"""Engines that are down, hung, talk garbage, never end, break off or lose an answer."""

import json
import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools.engine import PrivateEngine
from tests.adversarial.homes import no_engine, rows
from tests.adversarial.refusals import assert_one_error, assert_refused
from tests.e2e.machine import IMAGE, PASSWORD, Machine, Result
from tests.fakes.broken_engines import (
    Behaviour,
    BrokenEngine,
    LossyProxy,
    ScriptedEngine,
    endless,
    saying,
    silent,
)

LINE = PASSWORD.encode()
ID = "a" * 64
ANSWER_SECONDS = 20
"""For which contctl waits for an engine's answer."""
COMMANDS = (
    ("ps",),
    ("inspect", "web"),
    ("logs", "web"),
    ("stop", "web"),
    ("rm", "-f", "web"),
    ("run", "busybox", "true"),
    ("exec", "web", "true"),
)
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def told(document: object) -> bytes:
    """An answer of JSON."""
    content = json.dumps(document).encode()
    return OK + b"Content-Length: %d\r\n\r\n" % len(content) + content


LISTED = told(
    [
        {
            "Id": ID, "Names": ["/web"], "Image": "busybox", "ImageID": "sha256:" + "b" * 64,
            "Command": "sleep 600", "Created": 0, "State": "running", "Status": "Up", "Labels": {},
            "Ports": [],
        }
    ]
)  # fmt: skip
INSPECTED = told({"Id": ID, "Name": "/web", "Config": {"Tty": False}, "State": {"Running": True}})
FRAME = b"\x01\0\0\0\0\0\0\x05hello"


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A machine on which `ada` is logged in."""
    machine = no_engine(tmp_path_factory.mktemp("engine"))
    machine.init()
    return machine


@pytest.fixture(autouse=True)
def nothing_is_lost(target: Machine) -> Iterator[None]:
    """Whatever the engine did, the session goes on."""
    yield
    assert target.done("whoami") == "ada\n"


def on(target: Machine, host: str, *commands: tuple[str, ...]) -> list[Result]:
    """How `commands` end, all at once, with the engine at `host`."""
    running = [target.start(*command, environ={"DOCKER_HOST": host}) for command in commands]
    ends = []
    for process in running:
        out, err = process.communicate(timeout=120)
        ends.append(Result(process.returncode, out.decode(), err.decode()))
    return ends


def assert_all_unavailable(target: Machine, host: str, message: str = "") -> None:
    """Assert that every command says that the engine is unavailable."""
    for command, result in zip(COMMANDS, on(target, host, *COMMANDS), strict=True):
        runs_a_process = command[0] in ("run", "exec")
        assert_refused(result, 125 if runs_a_process else 7, message)
        assert result.err.startswith("error[unavailable]: " if runs_a_process else "error: ")


def broken(target: Machine, tmp_path: Path, behave: Behaviour, message: str = "") -> None:
    """Assert that an engine of this behaviour is unavailable to every command."""
    with BrokenEngine(tmp_path, behave) as engine:
        assert_all_unavailable(target, engine.address, message)


def test_an_engine_that_is_down(target: Machine, tmp_path: Path) -> None:
    assert_all_unavailable(target, f"unix://{tmp_path}/absent.sock", "no such socket")


def test_an_engine_that_refuses(target: Machine, tmp_path: Path) -> None:
    with BrokenEngine(tmp_path, silent) as engine:
        (tmp_path / "kept.sock").hardlink_to(engine.path)
    assert_all_unavailable(target, f"unix://{tmp_path}/kept.sock", "nobody listens")


def test_an_engine_that_hangs(target: Machine, tmp_path: Path) -> None:
    began = time.monotonic()
    broken(target, tmp_path, silent, "did not answer in time")
    assert ANSWER_SECONDS - 1 < time.monotonic() - began < 3 * ANSWER_SECONDS


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"",
        b"\0\xff" * 1000,
        OK + b"Content-Length: 100\r\n\r\n[]",
        OK + b"Content-Length: 200000\r\n\r\n" + b"[" * 200_000,
        told({"\x1b[31mId\u202e": "\ud800"}),
    ],
    ids=["ssh", "nothing", "binary", "short", "deep", "hostile"],
)
def test_an_engine_that_talks_garbage(target: Machine, tmp_path: Path, answer: bytes) -> None:
    broken(target, tmp_path, saying(answer))


@pytest.mark.parametrize(
    ("head", "piece"),
    [(CHUNKED, b"10000\r\n" + b" " * 65536 + b"\r\n"), (OK, b"X-Header: y\r\n" * 1000)],
    ids=["content", "headers"],
)
def test_an_answer_that_is_endless(
    target: Machine, tmp_path: Path, head: bytes, piece: bytes
) -> None:
    with BrokenEngine(tmp_path, endless(head, piece)) as engine:
        began = time.monotonic()
        for result in on(target, engine.address, ("ps",), ("stop", "web")):
            assert_refused(result, 7)
        assert time.monotonic() - began < 3 * ANSWER_SECONDS


def test_a_stream_cut_midway(target: Machine, tmp_path: Path) -> None:
    """What came is shown, and it does not look complete."""
    logs = CHUNKED + b"1a\r\n" + FRAME + FRAME[:4]
    answers = {b"/logs": logs, b"/containers/json": LISTED, b"/json": INSPECTED}
    with ScriptedEngine(tmp_path, answers) as engine:
        (result,) = on(target, engine.address, ("logs", "web"))
    assert (result.code, result.out) == (7, "hello")
    assert_one_error(result.err, "was cut")
    assert engine.changes == []


def test_an_engine_gone_between_two_calls(target: Machine, tmp_path: Path) -> None:
    """The list is answered and the change is not; it is on record as one that failed."""
    for args in (("stop", "web"), ("kill", "web"), ("rm", "-f", "web")):
        answers = {b"GET /containers/json": LISTED, b"/json ": INSPECTED}
        with ScriptedEngine(tmp_path, answers) as engine:
            (result,) = on(target, engine.address, args)
            assert_refused(result, 7)
        assert len(engine.changes) == 1, engine.asked
        last = "SELECT phase, result FROM audit ORDER BY number DESC LIMIT 1"
        assert rows(target, last) == [("outcome", "unavailable")]


def test_a_refused_command_makes_no_changing_call(target: Machine, tmp_path: Path) -> None:
    target.done("user", "add", "eve", "--role", "viewer", "--password-stdin", stdin=LINE)
    target.login("eve")
    changes = (
        ("stop", "web"), ("start", "web"), ("kill", "web"), ("restart", "web"), ("rm", "-f", "web"),
        ("stop", ID), ("stop", "nope"), ("run", "busybox"), ("exec", "web", "true"),
    )  # fmt: skip
    with ScriptedEngine(tmp_path, {b"/containers/json": LISTED, b"/json": INSPECTED}) as engine:
        for args in changes:
            result = target.run(*args, environ={"DOCKER_HOST": engine.address})
            assert_refused(result, 125 if args[0] in ("run", "exec") else 5, "eve lacks container:")
        assert engine.changes == []
        target.login("ada")
        target.run("stop", "web", environ={"DOCKER_HOST": engine.address})
        assert len(engine.changes) == 1


@pytest.mark.docker
class TestLostCreates:
    """A create whose answer is lost on its way."""

    @pytest.fixture
    def run(self) -> tuple[str, ...]:
        """A run that makes a container of a name of its own."""
        name = f"lost-{secrets.token_hex(4)}"
        return ("run", "-d", "--name", name, IMAGE, "sleep", "600")

    def _made(self, target: Machine, host: str, run: tuple[str, ...]) -> list[str]:
        """The containers that a run made, which are removed."""
        names = ("ps", "-aq", "--no-trunc", "--filter", f"name={run[3]}")
        made = target.run(*names, environ={"DOCKER_HOST": host}).out.split()
        target.run("rm", "-f", *made, environ={"DOCKER_HOST": host})
        return made

    def test_a_create_whose_answer_is_lost(
        self, target: Machine, tmp_path: Path, docker_engine: PrivateEngine, run: tuple[str, ...]
    ) -> None:
        with LossyProxy(tmp_path, docker_engine.host, b"/containers/create") as proxy:
            result = target.run(*run, environ={"DOCKER_HOST": proxy.address})
        assert (result.code, proxy.lost) == (0, 1), result.err
        assert self._made(target, docker_engine.host, run) == [result.out.strip()]

    def test_a_create_whose_outcome_is_unknown(
        self, target: Machine, tmp_path: Path, docker_engine: PrivateEngine, run: tuple[str, ...]
    ) -> None:
        host = docker_engine.host
        with LossyProxy(tmp_path, host, b"/containers/create", then_down=True) as proxy:
            result = target.run(*run, environ={"DOCKER_HOST": proxy.address})
        assert_refused(result, 125)
        assert result.err.startswith("error[unavailable]: ")
        assert "contctl ps -a --filter label=contctl.request=" in result.err
        assert proxy.lost == 1
        assert len(self._made(target, host, run)) == 1

    def test_a_create_that_never_arrived(
        self, target: Machine, tmp_path: Path, docker_engine: PrivateEngine, run: tuple[str, ...]
    ) -> None:
        host = docker_engine.host
        with LossyProxy(tmp_path, host, b"/containers/create", swallow=True) as proxy:
            result = target.run(*run, environ={"DOCKER_HOST": proxy.address})
        assert_refused(result, 125, "no container was made")
        assert proxy.lost == 1
        assert self._made(target, host, run) == []
