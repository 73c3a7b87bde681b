"""Engines that are absent, hung, garbage, endless or cut off: UNAVAILABLE, in time, one line."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from contctl.backends.docker.endpoint import Deadlines, Endpoint
from contctl.backends.docker.engine import DockerEngine
from contctl.core.domain.containers import ListQuery
from contctl.core.domain.create import CreateSpec
from contctl.core.domain.streams import AttachSpec, Condition, EventQuery, ExecSpec, LogOptions, Out
from contctl.core.domain.transfers import CommitSpec
from contctl.core.errors import ContctlError, ErrorCode
from tests.bounded import closing_after
from tests.fakes.broken_engines import (
    Behaviour,
    BrokenEngine,
    answering,
    dripping,
    endless,
    saying,
    silent,
)
from tests.fakes.clock import FakeClock

ID = "a" * 64
SHORT = Deadlines(connect=1, answer=0.5, change=0.5)
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"

OPERATIONS: dict[str, Callable[[DockerEngine], object]] = {
    "info": lambda engine: engine.info(),
    "list": lambda engine: engine.list(ListQuery()),
    "inspect": lambda engine: engine.inspect(ID),
    "volume": lambda engine: engine.volume("data"),
    "defaults": lambda engine: engine.defaults(),
    "start": lambda engine: engine.start(ID),
    "stop": lambda engine: engine.stop(ID, 0, None),
    "remove": lambda engine: engine.remove(ID, force=True, volumes=True),
    "create": lambda engine: engine.create(CreateSpec("busybox"), "r"),
    "logs": lambda engine: list(engine.logs(ID, LogOptions())),
    "stats": lambda engine: list(engine.stats(ID)),
    "events": lambda engine: list(engine.events(EventQuery())),
    "wait": lambda engine: list(engine.wait(ID, Condition.NOT_RUNNING)),
    "top": lambda engine: engine.top(ID, ()),
    "changed_files": lambda engine: engine.changed_files(ID),
    "exec": lambda engine: engine.exec(ID, ExecSpec(("true",))),
    "attach": lambda engine: engine.attach(ID, AttachSpec()),
    "stat": lambda engine: engine.stat(ID, "/x"),
    "export": lambda engine: list(engine.export(ID)),
    "commit": lambda engine: engine.commit(ID, CommitSpec()),
    "get_archive": lambda engine: list(engine.get_archive(ID, "/x")),
    "put_archive": lambda engine: engine.put_archive(ID, "/x", iter([b"x"])),
    "pull": lambda engine: list(engine.pull("busybox", None)),
}
ALL = pytest.mark.parametrize("operation", OPERATIONS)


def _answer(document: object) -> bytes:
    content = json.dumps(document).encode()
    return OK + b"Content-Length: %d\r\n\r\n" % len(content) + content


def _engine(address: str, deadlines: Deadlines = SHORT) -> DockerEngine:
    return DockerEngine(Endpoint(address, "a test"), FakeClock(), deadlines)


def _unavailable(attempt: Callable[[], object], seconds: float = 5) -> ContctlError:
    started = time.monotonic()
    with pytest.raises(ContctlError) as caught:
        attempt()
    assert time.monotonic() - started < seconds
    assert caught.value.code is ErrorCode.UNAVAILABLE
    assert "\n" not in f"{caught.value.message}{caught.value.hint}"
    return caught.value


@pytest.fixture
def broken(tmp_path: Path) -> Callable[[Behaviour], BrokenEngine]:
    return lambda behave: BrokenEngine(tmp_path, behave)


@ALL
def test_an_absent_socket(tmp_path: Path, operation: str) -> None:
    engine = _engine(f"unix://{tmp_path}/nosuch.sock")
    error = _unavailable(lambda: OPERATIONS[operation](engine))
    assert "no such socket" in error.message
    assert error.hint is not None
    assert error.reason is None


@ALL
def test_a_socket_that_refuses(tmp_path: Path, operation: str) -> None:
    with BrokenEngine(tmp_path, silent) as server:
        os.link(server.path, tmp_path / "kept.sock")
    engine = _engine(f"unix://{tmp_path}/kept.sock")
    assert "nobody listens" in _unavailable(lambda: OPERATIONS[operation](engine)).message


@ALL
def test_an_engine_that_hangs(broken: Callable[[Behaviour], BrokenEngine], operation: str) -> None:
    with broken(silent) as server:
        engine = _engine(server.address)
        error = _unavailable(lambda: OPERATIONS[operation](engine))
    assert "did not answer in time" in error.message


GARBAGE = {
    "ssh": b"SSH-2.0-OpenSSH_9.2\r\n",
    "nothing": b"",
    "binary": b"\0\xff" * 1000,
    "status": b"HTTP/1.1 banana\r\n\r\n",
    "headers": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
    "no length": b"HTTP/1.1 200 OK\r\n\r\n<html>hello</html>",
    "short": OK + b"Content-Length: 100\r\n\r\n[]",
    "chunk size": CHUNKED + b"banana\r\n",
    "short chunk": CHUNKED + b"5\r\n[]",
    "redirect": b"HTTP/1.1 301 Moved\r\nLocation: http://x/\r\nContent-Length: 0\r\n\r\n",
    "html": OK + b"Content-Length: 5\r\n\r\n<htm>",
    "upgrade": b"HTTP/1.1 101 UPGRADED\r\nContent-Length: 2\r\n\r\n[]",
    "deep": OK + b"Content-Length: 200000\r\n\r\n" + b"[" * 200_000,
    "number": _answer(5),
    "object": _answer({"unexpected": []}),
}
ANY_JSON_WILL_DO = ("start", "stop", "remove", "put_archive")


def _matters(operation: str, answer: str) -> bool:
    """An archive may be any bytes, and of a change the status is all that counts."""
    if operation in ("get_archive", "export"):
        return answer not in ("html", "deep", "number", "object")
    return operation not in ANY_JSON_WILL_DO or answer not in ("number", "object")


@pytest.mark.parametrize(
    ("operation", "answer"),
    [
        (operation, answer)
        for operation in OPERATIONS
        for answer in GARBAGE
        if _matters(operation, answer)
    ],
)
def test_garbage(broken: Callable[[Behaviour], BrokenEngine], operation: str, answer: str) -> None:
    with broken(saying(GARBAGE[answer])) as server:
        _unavailable(lambda: OPERATIONS[operation](_engine(server.address)))


def test_an_answer_in_drops(broken: Callable[[Behaviour], BrokenEngine]) -> None:
    with broken(dripping(0.05)) as server:
        _unavailable(lambda: _engine(server.address).list(ListQuery()), seconds=2)


@pytest.mark.parametrize(
    ("head", "piece"),
    [
        (CHUNKED, b"10000\r\n" + b" " * 65536 + b"\r\n"),
        (OK + b"Content-Length: 99999999999999\r\n\r\n", b"[" * 65536),
        (b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n", b"5\r\nhello\r\n"),
        (OK, b"X-Header: y\r\n" * 1000),
        (b"", b"x" * 65536),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["chunked", "length", "error", "headers", "line", "continue"],
)
@pytest.mark.parametrize("operation", ["list", "start", "events", "create", "exec", "pull"])
def test_an_answer_without_an_end(
    broken: Callable[[Behaviour], BrokenEngine], operation: str, head: bytes, piece: bytes
) -> None:
    with broken(endless(head, piece)) as server:
        _unavailable(lambda: OPERATIONS[operation](_engine(server.address)), seconds=10)


def test_a_create_whose_answer_has_no_end(
    broken: Callable[[Behaviour], BrokenEngine],
) -> None:
    version = _answer({"ApiVersion": "1.41"})
    calls = iter([saying(version), endless(CHUNKED, b"10000\r\n" + b" " * 65536 + b"\r\n")])
    lookup = saying(_answer([]))
    with broken(lambda connection: next(calls, lookup)(connection)) as server:
        deadlines = Deadlines(connect=1, answer=5, change=10)
        error = _unavailable(lambda: OPERATIONS["create"](_engine(server.address, deadlines)), 30)
    assert server.requests == 3
    assert error.reason is None


def test_a_create_that_takes_too_long_may_still_be_going_on(
    broken: Callable[[Behaviour], BrokenEngine],
) -> None:
    calls = iter([saying(_answer({"ApiVersion": "1.41"})), silent, saying(_answer([]))])
    with broken(lambda connection: next(calls)(connection)) as server:
        error = _unavailable(lambda: OPERATIONS["create"](_engine(server.address)))
    assert server.requests == 3
    assert error.reason == "unknown-outcome"


def test_a_create_with_a_damaged_docker_configuration(
    broken: Callable[[Behaviour], BrokenEngine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.json").write_text('{"auths": {"x": 5}}')
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    with (
        broken(saying(_answer({"ApiVersion": "1.41"}))) as server,
        pytest.raises(ContctlError) as caught,
    ):
        OPERATIONS["create"](_engine(server.address))
    assert caught.value.code is ErrorCode.STORE
    assert server.requests == 1


def test_a_create_does_not_wait_for_a_fifo_in_the_configurations_place(
    broken: Callable[[Behaviour], BrokenEngine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "config.json")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    with (
        broken(saying(_answer({"ApiVersion": "1.41"}))) as server,
        pytest.raises(ContctlError) as caught,
    ):
        OPERATIONS["create"](_engine(server.address))
    assert caught.value.code is ErrorCode.STORE
    assert caught.value.message == f"{tmp_path}/config.json: it is not a plain file"


INSPECTED = _answer({"Id": ID, "Config": {"Tty": False}, "State": {"Running": True}})
FRAME = b"\x01\0\0\0\0\0\0\x05hello"


@pytest.mark.parametrize(
    "tail",
    [
        b"d\r\n" + FRAME + b"\r\n",
        b"d\r\n" + FRAME + b"\r\n9\r\n\x01\0\0",
        b"d\r\n" + FRAME + b"\r\n3\r\n\x01\0\0\r\n0\r\n\r\n",
        b"1a\r\n" + FRAME + FRAME[:4],
    ],
    ids=["between chunks", "mid-chunk", "mid-frame", "mid-both"],
)
def test_logs_that_are_cut_do_not_look_complete(
    broken: Callable[[Behaviour], BrokenEngine], tail: bytes
) -> None:
    with broken(answering(INSPECTED, CHUNKED + tail)) as server:
        stream = _engine(server.address).logs(ID, LogOptions(follow=True))
        with closing_after(stream):
            assert next(stream).output == Out(b"hello")
            assert "was cut" in _unavailable(lambda: next(stream)).message
            assert list(stream) == []


def test_events_and_waits_that_are_cut(broken: Callable[[Behaviour], BrokenEngine]) -> None:
    event = b'{"Action":"die","Actor":{"ID":"x","Attributes":{}},"timeNano":1}\n'
    chunk = b"%x\r\n%b\r\n" % (len(event), event)
    with broken(answering(CHUNKED + chunk, CHUNKED)) as server:
        engine = _engine(server.address)
        with closing_after(engine.events(EventQuery())) as events:
            assert next(events).action == "die"
            _unavailable(lambda: next(events))
        with closing_after(engine.wait(ID, Condition.NOT_RUNNING)) as codes:
            _unavailable(lambda: next(codes))


def test_an_exec_that_is_cut(broken: Callable[[Behaviour], BrokenEngine]) -> None:
    upgraded = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
    created = _answer({"Id": "e" * 64})
    with broken(answering(created, upgraded + FRAME + FRAME[:9])) as server:
        duplex = _engine(server.address).exec(ID, ExecSpec(("true",)))
        with closing_after(duplex):
            assert duplex.read() == Out(b"helloh")
            _unavailable(duplex.read)


UPGRADED = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
CUT_HEADS = {
    "before the empty line": -2,
    "in the last line's end": -3,
    "in the last line": -7,
    "after the first line": UPGRADED.index(b"\n") + 1,
}


@pytest.mark.parametrize("at", CUT_HEADS)
def test_an_exec_whose_head_is_cut(broken: Callable[[Behaviour], BrokenEngine], at: str) -> None:
    created = _answer({"Id": "e" * 64})
    ended = _answer({"Running": False, "ExitCode": 0})
    with broken(answering(created, UPGRADED[: CUT_HEADS[at]], ended)) as server:
        error = _unavailable(lambda: _engine(server.address).exec(ID, ExecSpec(("true",))))
    assert "was cut" in error.message


@pytest.mark.parametrize("at", CUT_HEADS)
def test_an_attach_whose_head_is_cut(broken: Callable[[Behaviour], BrokenEngine], at: str) -> None:
    answers = (INSPECTED, CHUNKED, UPGRADED[: CUT_HEADS[at]], INSPECTED)
    with broken(answering(*answers)) as server:
        spec = AttachSpec(until=Condition.NEXT_EXIT)
        error = _unavailable(lambda: _engine(server.address).attach(ID, spec))
    assert "was cut" in error.message


@pytest.mark.parametrize("operation", ["start", "stop", "remove", "put_archive"])
def test_a_change_whose_head_is_cut(
    broken: Callable[[Behaviour], BrokenEngine], operation: str
) -> None:
    """An answer without content, which is good as soon as its head is whole."""
    head = b"HTTP/1.1 204 No Content\r\nServer: Docker\r\n"
    with broken(answering(head)) as server:
        error = _unavailable(lambda: OPERATIONS[operation](_engine(server.address)))
    assert "was cut" in error.message
    with broken(answering(head + b"\r\n")) as server:
        OPERATIONS[operation](_engine(server.address))


@pytest.mark.parametrize("what", ["too new. Maximum", "too old. Minimum"])
def test_an_engine_of_another_api_version(
    broken: Callable[[Behaviour], BrokenEngine], what: str
) -> None:
    content = f'{{"message":"client version 1.41 is {what} supported API version is 1.40"}}'
    head = b"HTTP/1.1 400 Bad Request\r\nContent-Length: %d\r\n\r\n" % len(content)
    refusal = head + content.encode()
    for operation in ("list", "start", "exec"):
        with broken(saying(refusal)) as server, pytest.raises(ContctlError) as caught:
            OPERATIONS[operation](_engine(server.address))
        assert caught.value.code is ErrorCode.UNSUPPORTED
        assert "version" in caught.value.message
    version = _answer({"ApiVersion": "1.41"})
    with broken(answering(version, refusal)) as server, pytest.raises(ContctlError) as caught:
        OPERATIONS["create"](_engine(server.address))
    assert caught.value.code is ErrorCode.UNSUPPORTED


def test_an_engine_that_is_gone_between_two_calls(
    broken: Callable[[Behaviour], BrokenEngine],
) -> None:
    upgraded = b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
    with broken(answering(_answer([]), _answer({"Id": "e" * 64}), upgraded + FRAME)) as server:
        engine = _engine(server.address)
        assert engine.list(ListQuery()) == ()
        duplex = engine.exec(ID, ExecSpec(("true",)))
        server.close()
        with closing_after(duplex):
            assert duplex.read() == Out(b"hello")
            _unavailable(duplex.read)
        assert "no such socket" in _unavailable(lambda: engine.list(ListQuery())).message


def test_a_silent_stream_may_be_silent_but_can_be_closed(
    broken: Callable[[Behaviour], BrokenEngine],
) -> None:
    def quiet(connection: object) -> None:
        saying_head(connection)
        time.sleep(10)

    def saying_head(connection: object) -> None:
        connection.recv(65536)  # type: ignore[attr-defined]
        connection.sendall(CHUNKED)  # type: ignore[attr-defined]

    with broken(quiet) as server:
        stream = _engine(server.address).events(EventQuery())
        started = time.monotonic()
        threading.Timer(1.0, stream.close).start()
        assert list(stream) == []
        assert 0.9 < time.monotonic() - started < 3


def test_engines_errors_in_odd_shapes(broken: Callable[[Behaviour], BrokenEngine]) -> None:
    head = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: %d\r\n\r\n"
    bodies = [b'{"message":"Error response from daemon: one\\ntwo."}', b"plain text\n", b"", b"[5]"]
    answers = [head % len(body) + body for body in bodies]
    messages = []
    with broken(answering(*answers)) as server:
        for _ in bodies:
            with pytest.raises(ContctlError) as caught:
                _engine(server.address).list(ListQuery())
            assert caught.value.code is ErrorCode.FAILED
            messages.append(caught.value.message)
    assert messages == ["one two", "plain text", "no reason given", "[5]"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_socket_that_this_user_may_not_open(tmp_path: Path) -> None:
    script = (
        "import os, sys; os.setgid(65534); os.setuid(65534)\n"
        "from contctl.backends.docker.endpoint import Endpoint\n"
        "from contctl.backends.docker.engine import DockerEngine\n"
        "from contctl.core.errors import ContctlError\n"
        "try: DockerEngine(Endpoint('unix://' + sys.argv[1], 'x'), None).info()\n"
        "except ContctlError as error: print(error.code, error.message, error.hint, sep='|')\n"
    )
    # Imported before the user changes, since that one may not read the checkout.
    script = "import contctl.backends.docker.engine\n" + script
    with BrokenEngine(tmp_path, silent) as server:
        server.path.chmod(0o600)
        for folder in (tmp_path, *list(tmp_path.parents)[:2]):
            folder.chmod(0o755)
        done = subprocess.run(
            [sys.executable, "-c", script, str(server.path)],
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
    code, message, hint = done.stdout.strip().split("|")
    assert code == "unavailable"
    assert message.endswith("permission denied")
    assert "may not open" in hint


def _failure(message: str) -> bytes:
    body = json.dumps({"message": message}).encode()
    head = b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: application/json\r\n"
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


UNHEARD = _failure(
    f"cannot stop container: {ID}: tried to kill container, but did not receive an exit event"
)
STOPPED = b"HTTP/1.1 304 Not Modified\r\n\r\n"


def test_an_engine_that_does_not_hear_of_an_end_is_asked_once_more(tmp_path: Path) -> None:
    with BrokenEngine(tmp_path, answering(UNHEARD, STOPPED)) as broken:
        _engine(broken.address).stop(ID, 0, None)
        assert broken.requests == 2
    with BrokenEngine(tmp_path, answering(UNHEARD, UNHEARD, STOPPED)) as broken:
        with pytest.raises(ContctlError, match="did not receive an exit event"):
            _engine(broken.address).restart(ID, 0, None)
        assert broken.requests == 2


NOT_YET = _failure("Cannot restart container web: id already in use")
"""As libcontainerd says it of a start, in the words of a restart."""


@pytest.mark.parametrize("verb", ["start", "restart"])
def test_a_start_that_comes_too_early_is_asked_for_again(tmp_path: Path, verb: str) -> None:
    def begin(engine: DockerEngine) -> None:
        engine.start(ID) if verb == "start" else engine.restart(ID, 0, None)

    with BrokenEngine(tmp_path, answering(NOT_YET, STOPPED)) as broken:
        begin(_engine(broken.address))
        assert broken.requests == 2
    other = _failure("id already in use by somebody else")
    with BrokenEngine(tmp_path, answering(NOT_YET, other, STOPPED)) as broken:
        with pytest.raises(ContctlError, match="by somebody else"):
            begin(_engine(broken.address))
        assert broken.requests == 2


@pytest.mark.parametrize("said_of", [ID, "b" * 64])
def test_a_container_that_ends_while_it_is_being_stopped(tmp_path: Path, said_of: str) -> None:
    answer = _failure(f"cannot stop container: {ID}: Container {said_of} is not running")
    with BrokenEngine(tmp_path, saying(answer)) as broken:
        engine = DockerEngine(Endpoint(broken.address, "a test"), FakeClock(), SHORT)
        if said_of == ID:
            engine.stop(ID, 0, None)
        else:
            with pytest.raises(ContctlError, match="is not running"):
                engine.stop(ID, 0, None)
