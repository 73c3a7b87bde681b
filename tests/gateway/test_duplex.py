"""Processes over a WebSocket: what is said and heard, half-closing, sizes, errors, leaving."""

import json
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection

from contctl import __version__
from contctl.core.domain.roles import Role
from contctl.core.errors import ContctlError, ErrorCode
from contctl.gateway.limits import Limits
from contctl.wire.frames import MAX_PAYLOAD, Kind, pack
from tests.bounded import SECONDS, eventually
from tests.gateway.pouring import PIECE, Pouring, Process
from tests.gateway.served import Served, served

ATTACH = {"ref": "web", "spec": {"stdin": True}}
BEGUN = (Kind.ITEM, b"null")


SOON = 10.0
"""Seconds: sooner than a stream of the fake ends by itself."""


def process_of(authority: Pouring) -> Process:
    eventually(lambda: len(authority.talks) == 1, "the process has begun")
    (process,) = authority.talks
    assert isinstance(process, Process)
    return process


def test_a_process_speaks_and_exits(gateway: Served) -> None:
    gateway.container("web")
    spec = {"argv": ["sh", "-c", "echo out; echo err >&2; exit 3"]}
    with gateway.admin.talk("containers/exec", ref="web", spec=spec) as talk:
        assert talk.connection.response is not None
        assert talk.connection.response.headers["Contctl-Version"] == __version__
        assert talk.read() == BEGUN
        assert talk.rest() == [(Kind.OUT, b"out\n"), (Kind.ERR, b"err\n"), (Kind.EXIT, b"3")]
        talk.connection.close()
        assert talk.connection.close_code == 1000


def test_it_hears_up_to_the_end_of_its_input(gateway: Served) -> None:
    gateway.container("web")
    spec = {"argv": ["cat"], "stdin": True}
    with gateway.admin.talk("containers/exec", ref="web", spec=spec) as talk:
        assert talk.read() == BEGUN
        talk.send(Kind.IN, b"hello")
        assert talk.read() == (Kind.OUT, b"hello")
        talk.send(Kind.CLOSE_WRITE)
        assert talk.rest() == [(Kind.EXIT, b"0")]


def test_several_frames_in_one_message(tmp_path: Path) -> None:
    authority = Pouring()
    with (
        served(tmp_path, offer=lambda _: authority) as gateway,
        gateway.nobody.talk("containers/attach", **ATTACH) as talk,
    ):
        size = pack(Kind.RESIZE, b"[80,24]")
        talk.connection.send(size + pack(Kind.RESIZE, b"[100,30]") + pack(Kind.CLOSE_WRITE))
        process = process_of(authority)
        assert process.input_closed.wait(SOON)
        assert process.sizes == [(80, 24), (100, 30)]


def test_more_than_a_frame_holds_is_split(tmp_path: Path) -> None:
    authority = Pouring()
    authority.exits = 7
    with (
        served(tmp_path, offer=lambda _: authority) as gateway,
        gateway.nobody.talk("containers/attach", **ATTACH) as talk,
    ):
        assert talk.read() == BEGUN
        *said, last = talk.rest()
        assert last == (Kind.EXIT, b"7")
        assert [len(payload) for _, payload in said] == [MAX_PAYLOAD] * 3
        assert authority.talks[0].closed.wait(SOON)


def test_a_refusal_comes_instead_of_the_beginning(gateway: Served) -> None:
    gateway.container("web")
    spec = {"argv": ["true"]}
    with gateway.add(Role.VIEWER).talk("containers/exec", ref="web", spec=spec) as talk:
        assert talk.error()["code"] == "forbidden"
    with gateway.nobody.talk("containers/exec", ref="web", spec=spec) as talk:
        assert talk.error()["code"] == "not-authenticated"
    with gateway.admin.talk("containers/exec", ref="no", spec=spec) as talk:
        assert talk.error()["code"] == "not-found"
    with gateway.admin.talk("containers/exec", ref="web", spec={"argv": []}) as talk:
        assert talk.error()["detail"] == "a command to run is needed"
    with gateway.admin.talk("containers/exec", ref="web") as talk:
        assert talk.error()["code"] == "usage"
    assert not [change for change in gateway.ports.engine.changes if change[0] == "exec"]
    eventually(lambda: len(gateway.app.running) == 0, "no stream is open")


def test_no_such_operation(gateway: Served) -> None:
    with (
        pytest.raises(InvalidStatus) as caught,
        gateway.admin.talk("containers/run"),
    ):
        pass
    assert caught.value.response.status_code == 404
    assert caught.value.response.headers["Contctl-Version"] == __version__
    assert json.loads(caught.value.response.body)["details"] == {"reason": "no-such-operation"}


@pytest.mark.parametrize(
    "frame",
    [
        pack(Kind.OUT, b"x"),
        pack(Kind.CLOSE_WRITE, b"x"),
        pack(Kind.RESIZE, b"[1]"),
        pack(Kind.RESIZE, b"[-1,5]"),
        pack(Kind.RESIZE, b"[1,70000]"),
        pack(Kind.RESIZE, b"[true,1]"),
        pack(Kind.CLOSE_WRITE) + pack(Kind.IN, b"late"),
        b"\xff\x00\x00\x00\x00",
        b"\x00\xff\xff\xff\xff",
    ],
)
def test_a_frame_that_is_none_ends_it(tmp_path: Path, frame: bytes) -> None:
    authority = Pouring()
    with (
        served(tmp_path, offer=lambda _: authority) as gateway,
        gateway.nobody.talk("containers/attach", **ATTACH) as talk,
    ):
        assert talk.read() == BEGUN
        talk.connection.send(frame)
        assert talk.error()["code"] == "usage"
        assert process_of(authority).output.closed.wait(SOON)
        eventually(lambda: len(gateway.app.running) == 0, "its thread has ended")


def test_a_message_of_text_is_refused(gateway: Served) -> None:
    with gateway.admin.talk("containers/exec") as talk:
        talk.connection.send("{}")
        assert talk.error()["details"] == {"reason": "bad-frame"}


def test_the_first_frame_has_to_be_the_arguments(gateway: Served) -> None:
    with gateway.admin.talk("containers/exec") as talk:
        talk.send(Kind.IN, b"x")
        assert talk.error()["details"] == {"reason": "bad-frame"}


def test_the_arguments_have_to_come(tmp_path: Path) -> None:
    with (
        served(tmp_path, Limits(body_seconds=1)) as gateway,
        gateway.admin.talk("containers/exec") as talk,
    ):
        assert talk.error()["details"] == {"reason": "too-slow"}


@pytest.mark.parametrize("count", [0, 10_000], ids=["silent", "unread"])
def test_a_peer_that_leaves_ends_it(tmp_path: Path, count: int) -> None:
    authority = Pouring(count)
    with served(tmp_path, offer=lambda _: authority) as gateway:
        with gateway.nobody.talk("containers/attach", **ATTACH) as talk:
            assert talk.read() == BEGUN
            talk.connection.socket.shutdown(2)
        assert process_of(authority).output.closed.wait(SOON)
        eventually(lambda: len(gateway.app.running) == 0, "its thread has ended")


def test_a_peer_that_leaves_while_its_input_waits_ends_it(tmp_path: Path) -> None:
    authority = Pouring()
    with served(tmp_path, offer=lambda _: authority) as gateway:
        with gateway.nobody.talk("containers/attach", **ATTACH) as talk:
            assert talk.read() == BEGUN
            process = process_of(authority)
            sender = threading.Thread(target=_flood, args=(talk.connection,), daemon=True)
            sender.start()
            time.sleep(1)
            assert sender.is_alive()
            talk.connection.socket.shutdown(2)
        assert process.output.closed.wait(SOON)
        eventually(lambda: len(gateway.app.running) == 0, "its thread has ended")


def _flood(connection: ClientConnection) -> None:
    with suppress(ConnectionClosed):
        for _ in range(1000):
            connection.send(pack(Kind.IN, PIECE))


def test_a_process_that_reads_slowly_holds_the_peer_back(tmp_path: Path) -> None:
    authority = Pouring()
    with (
        served(tmp_path, offer=lambda _: authority) as gateway,
        gateway.nobody.talk("containers/attach", **ATTACH) as talk,
    ):
        assert talk.read() == BEGUN
        sent = 0

        def send() -> None:
            nonlocal sent
            for _ in range(200):
                talk.send(Kind.IN, PIECE)
                sent += 1

        sender = threading.Thread(target=send, daemon=True)
        sender.start()
        held = -1
        while held != sent:
            held = sent
            time.sleep(0.3)
        assert held * len(PIECE) < 4 * 1024 * 1024
        process = process_of(authority)
        for _ in range(200):
            process.swallowing.release()
        sender.join(SECONDS)
        eventually(lambda: process.written == 200 * len(PIECE), "all was written")


def test_a_peer_that_reads_slowly_holds_the_process_back(tmp_path: Path) -> None:
    authority = Pouring(10_000)
    with (
        served(tmp_path, offer=lambda _: authority) as gateway,
        gateway.nobody.talk("containers/attach", **ATTACH) as talk,
    ):
        assert talk.read() == BEGUN
        output = process_of(authority).output
        held = -1
        while held != output.taken:
            held = output.taken
            time.sleep(0.3)
        assert held * len(PIECE) < 8 * 1024 * 1024
        for _ in range(150):
            talk.read()
        eventually(lambda: output.taken > held, "the process is read again")


def test_the_gateway_ends_all_of_them(tmp_path: Path) -> None:
    authority = Pouring()
    with (
        served(tmp_path, offer=lambda _: authority) as gateway,
        gateway.nobody.talk("containers/attach", **ATTACH) as talk,
    ):
        assert talk.read() == BEGUN
        stopping = ContctlError(ErrorCode.UNAVAILABLE, "the gateway is stopping")
        gateway.app.running.end(stopping)
        assert talk.error()["detail"] == "the gateway is stopping"


def test_so_many_at_once(tmp_path: Path) -> None:
    authority = Pouring()
    with (
        served(tmp_path, Limits(streams=1), lambda _: authority) as gateway,
        gateway.nobody.talk("containers/attach", **ATTACH) as first,
    ):
        assert first.read() == BEGUN
        with gateway.nobody.talk("containers/attach", **ATTACH) as second:
            assert second.error()["details"] == {"reason": "busy"}
