"""Streams in answers: frames, their last one, back-pressure, peers that leave, limits."""

import json
import socket
import threading
import time
from pathlib import Path

import pytest

from contctl.core.domain.roles import Role
from contctl.core.domain.streams import Chunk, Out
from contctl.core.errors import ContctlError, ErrorCode
from contctl.gateway.limits import Limits
from contctl.wire.frames import ItemReader, Kind
from tests.bounded import eventually
from tests.gateway.pouring import PIECE, Pouring
from tests.gateway.served import Served, read_answer, served

FOLLOW = {"refs": ["web"], "options": {"follow": True}}


SOON = 10.0
"""Seconds: sooner than a stream of the fake ends by itself."""


def head_of(connection: socket.socket) -> bytes:
    """The bytes up to the end of the head, read one by one."""
    found = b""
    while not found.endswith(b"\r\n\r\n"):
        found += connection.recv(1)
    return found


def test_items_are_frames_with_an_end(gateway: Served) -> None:
    gateway.container("one")
    gateway.container("two")
    answer = gateway.admin.call(
        "containers/act", action={"type": "stop", "grace": 0}, refs=["one", "two", "no"]
    )
    assert answer.status == 200
    assert answer.headers["Contctl-Version"]
    kinds = [kind for kind, _ in answer.frames]
    assert kinds == [Kind.ITEM] * 3 + [Kind.END]
    outcomes = {item["ref"]: item for item in (json.loads(raw) for _, raw in answer.frames[:3])}
    assert outcomes["one"]["error"] is None
    assert outcomes["no"]["error"]["code"] == "not-found"


def test_logs_are_raw_bytes(gateway: Served) -> None:
    id_ = gateway.container("one", "echo", "hello")
    gateway.admin.call("containers/wait", refs=["one"], until="not-running")
    answer = gateway.admin.call("containers/logs", refs=["one"], options={})
    reader = ItemReader(Chunk)
    assert list(reader.feed(answer.body)) == [Chunk(id_, Out(b"hello\n"))]
    assert reader.finished


def test_accounts_come_as_a_stream(gateway: Served) -> None:
    gateway.add(Role.VIEWER)
    frames = gateway.admin.call("users/list").frames
    names = [json.loads(raw)["user"]["name"] for kind, raw in frames if kind is Kind.ITEM]
    assert names == ["ada", "viewer"]


def test_what_fails_before_it_is_open_is_a_problem(gateway: Served) -> None:
    viewer = gateway.add(Role.VIEWER)
    assert viewer.call("users/list").is_problem(403, "forbidden")
    missing = gateway.admin.call("containers/logs", refs=["no"], options={})
    assert missing.is_problem(404, "not-found")
    nobody = gateway.nobody.call("containers/logs", refs=["no"], options={})
    assert nobody.is_problem(401, "not-authenticated")
    assert gateway.admin.call("containers/logs", refs=["no"]).is_problem(400, "usage")
    eventually(lambda: len(gateway.app.running) == 0, "no stream is open")


def test_what_fails_later_is_the_last_frame(tmp_path: Path) -> None:
    cut = ContctlError(ErrorCode.UNAVAILABLE, "the engine has gone", hint="start it")
    with served(tmp_path, offer=lambda _: Pouring(3, cut)) as gateway:
        answer = gateway.nobody.call("containers/logs", **FOLLOW)
        assert answer.status == 200
        kinds = [kind for kind, _ in answer.frames]
        assert kinds == [Kind.SOURCE, Kind.OUT, Kind.OUT, Kind.OUT, Kind.ERROR]
        problem = json.loads(answer.frames[-1][1])
        assert (problem["code"], problem["hint"]) == ("unavailable", "start it")


def test_a_bug_is_the_last_frame_and_tells_nothing(tmp_path: Path) -> None:
    with served(tmp_path, offer=lambda _: Pouring(1, KeyError("canary"))) as gateway:
        answer = gateway.nobody.call("containers/logs", **FOLLOW)
        assert answer.frames[-1][0] is Kind.ERROR
        assert json.loads(answer.frames[-1][1])["detail"] == "contctl has a bug"
        assert b"canary" not in answer.body


def test_it_flows_while_it_is_open(gateway: Served) -> None:
    gateway.container("one", "cat")
    with gateway.admin.begin("containers/events", query={}) as connection:
        head_of(connection)
        gateway.ports.engine.stop(gateway.ports.engine.changes[-1][1], 0, None)
        assert b'"action":"die"' in connection.recv(65536)


def test_a_slow_reader_holds_the_engine_back(tmp_path: Path) -> None:
    authority = Pouring(10_000)
    with served(tmp_path, offer=lambda _: authority) as gateway:
        with gateway.nobody.begin("containers/logs", **FOLLOW) as connection:
            head_of(connection)
            stream = authority.opened[0]
            held = -1
            while held != stream.taken:
                held = stream.taken
                time.sleep(0.3)
            assert held * len(PIECE) < 2 * 1024 * 1024
            for _ in range(100):
                connection.recv(65536)
            eventually(lambda: stream.taken > held, "the engine is read again")
        assert stream.closed.wait(SOON)


@pytest.mark.parametrize("count", [0, 10_000], ids=["silent", "unread"])
def test_a_peer_that_leaves_ends_it(tmp_path: Path, count: int) -> None:
    authority = Pouring(count)
    with served(tmp_path, offer=lambda _: authority) as gateway:
        with gateway.nobody.begin("containers/logs", **FOLLOW) as connection:
            head_of(connection)
        assert authority.opened[0].closed.wait(SOON)
        eventually(lambda: len(gateway.app.running) == 0, "its thread has ended")


def test_a_peer_that_leaves_while_it_is_opened_ends_it(tmp_path: Path) -> None:
    authority = Pouring()
    authority.slow_opening.clear()
    with served(tmp_path, offer=lambda _: authority) as gateway:
        with gateway.nobody.begin("containers/logs", **FOLLOW):
            eventually(lambda: len(gateway.app.running) == 1, "it is being opened")
        time.sleep(0.1)
        authority.slow_opening.set()
        eventually(lambda: len(authority.opened) == 1, "it was opened")
        assert authority.opened[0].closed.wait(SOON)
        eventually(lambda: len(gateway.app.running) == 0, "its thread has ended")


def test_so_many_at_once(tmp_path: Path) -> None:
    authority = Pouring()
    with served(tmp_path, Limits(streams=2), lambda _: authority) as gateway:
        first, second = (gateway.nobody.begin("containers/logs", **FOLLOW) for _ in range(2))
        head_of(first)
        head_of(second)
        refused = gateway.nobody.call("containers/logs", **FOLLOW)
        assert refused.is_problem(503, "unavailable", "busy")
        assert refused.json["hint"]
        first.close()
        eventually(lambda: len(gateway.app.running) == 1, "one has ended")
        with gateway.nobody.begin("containers/logs", **FOLLOW) as third:
            assert b"200 OK" in head_of(third)
        second.close()


def test_so_many_of_one_account(tmp_path: Path) -> None:
    with served(tmp_path, Limits(streams_per_account=2)) as gateway:
        gateway.container("web")
        viewer = gateway.add(Role.VIEWER)
        again = gateway.login("viewer")
        open_ = [peer.begin("containers/logs", **FOLLOW) for peer in (viewer, again)]
        for connection in open_:
            assert b"200 OK" in head_of(connection)
        refused = viewer.call("containers/logs", **FOLLOW)
        assert refused.is_problem(503, "unavailable", "busy")
        with gateway.admin.begin("containers/logs", **FOLLOW) as other:
            assert b"200 OK" in head_of(other)
        open_[0].close()
        eventually(lambda: len(gateway.app.running) == 1, "the others have ended")
        with viewer.begin("containers/logs", **FOLLOW) as once_more:
            assert b"200 OK" in head_of(once_more)
        open_[1].close()


def test_each_account_may_ask_only_so_often(tmp_path: Path) -> None:
    limits = Limits(request_burst=30, requests_per_second=1)
    with served(tmp_path, limits) as gateway:
        answers = [gateway.admin.call("logins/list", user=None).status for _ in range(40)]
        assert 200 in answers
        assert answers[-1] == 429


def test_the_gateway_ends_all_of_them(tmp_path: Path) -> None:
    authority = Pouring(1)
    with served(tmp_path, offer=lambda _: authority) as gateway:
        with gateway.nobody.begin("containers/logs", **FOLLOW) as connection:
            eventually(lambda: len(authority.opened) == 1, "it is open")
            threading.Timer(
                0.2,
                gateway.app.running.end,
                [ContctlError(ErrorCode.UNAVAILABLE, "the gateway is stopping")],
            ).start()
            answer = read_answer(connection)
        kind, payload = answer.frames[-1]
        assert kind is Kind.ERROR
        assert json.loads(payload)["detail"] == "the gateway is stopping"
        assert authority.opened[0].closed.is_set()
