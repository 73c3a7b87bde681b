"""Connections of slow, greedy, broken and vanished peers, on real sockets."""

import json
import os
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from websockets.sync.client import unix_connect

from contctl.gateway.limits import Limits
from contctl.gateway.listening import Listener
from tests.bounded import eventually
from tests.gateway.small import Small, ask, request, rest, small_server, unix_listener

QUICK = Limits(head_seconds=1, body_seconds=1, idle_seconds=1, write_seconds=1, stop_seconds=1)

GONE = r"Broken pipe|reset"


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Small]:
    """A server whose deadlines are a second."""
    with small_server(QUICK, unix_listener(tmp_path)) as small:
        yield small


@pytest.fixture
def patient(tmp_path: Path) -> Iterator[Small]:
    """A server with the default deadlines."""
    with small_server(Limits(), unix_listener(tmp_path)) as small:
        yield small


def problem(answer: bytes) -> tuple[int, str]:
    """Status and detail of an answer that is a whole problem document and ends the connection."""
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert "Content-Type: application/problem+json" in lines
    assert f"Content-Length: {len(body)}" in lines
    assert "Connection: close" in lines
    document = json.loads(body)
    assert lines[0].startswith(f"HTTP/1.1 {document['status']} ")
    return document["status"], document["detail"]


def trickle(connection: socket.socket, data: bytes, times: int, pause: float = 0.05) -> None:
    """Send it again and again."""
    for _ in range(times):
        connection.sendall(data)
        time.sleep(pause)


def test_the_peer_of_a_unix_socket_is_its_user(small: Small) -> None:
    assert small.ask("/peer") == (200, json.dumps([os.getuid(), "unix"]).encode())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_each_user_is_a_peer_of_its_own() -> None:
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listening.bind(f"\0contctl-test-{os.getpid()}")
    listening.listen()
    limits = replace(Limits(), connections_per_peer=1)
    with small_server(limits, Listener(listening, "unix")) as small, small.connect() as mine:
        assert ask(mine, "/peer") == (200, b'[0, "unix"]')
        os.seteuid(65534)
        try:
            theirs = small.connect()
        finally:
            os.seteuid(0)
        with theirs, small.connect() as one_more:
            assert ask(theirs, "/peer") == (200, b'[65534, "unix"]')
            assert problem(rest(one_more))[0] == 503


def test_several_requests_on_one_connection(small: Small) -> None:
    with small.connect() as connection:
        for index in range(20):
            assert ask(connection, "/echo", b"%d" % index) == (200, b"%d" % index)
            time.sleep(0.1)


def test_pipelined_requests_are_answered_in_turn(small: Small) -> None:
    with small.connect() as connection:
        connection.sendall(request("/echo", b"one") + request("/echo", b"two")[:20])
        time.sleep(0.3)
        connection.sendall(request("/echo", b"two")[20:])
        answer = b""
        while b"two" not in answer:
            answer += connection.recv(65536)
        assert answer.index(b"one") < answer.index(b"two")


@pytest.mark.parametrize("sent", [b"", b"P", request("/echo")[:-2]])
def test_a_head_that_does_not_arrive_in_time(small: Small, sent: bytes) -> None:
    started = time.monotonic()
    with small.connect() as connection:
        connection.sendall(sent)
        answer = rest(connection)
    assert 0.9 < time.monotonic() - started < 5
    if sent:
        assert problem(answer) == (408, "the request's head did not arrive in time")
    else:
        assert answer == b""


def test_a_head_that_arrives_byte_by_byte_forever(small: Small) -> None:
    started = time.monotonic()
    with small.connect() as connection:
        with pytest.raises(OSError, match=GONE):
            trickle(connection, b"x", 200)
        assert time.monotonic() - started < 5
        assert problem(rest(connection))[0] == 408


def test_the_second_head_on_a_connection_has_a_deadline_too(small: Small) -> None:
    with small.connect() as connection:
        assert ask(connection, "/echo", b"1")[0] == 200
        connection.sendall(b"POST /ec")
        assert problem(rest(connection))[0] == 408


def test_an_idle_connection_ends(small: Small) -> None:
    with small.connect() as connection:
        assert ask(connection, "/echo", b"1")[0] == 200
        started = time.monotonic()
        assert rest(connection) == b""
        assert 0.5 < time.monotonic() - started < 5


def test_a_running_answer_is_no_idle_connection(small: Small) -> None:
    with small.connect() as connection:
        connection.sendall(request("/frames"))
        time.sleep(3)
        small.app.ended.set()
        assert b"ended" in connection.recv(65536) + connection.recv(65536)


def test_the_rest_of_a_body_that_was_answered_early(small: Small) -> None:
    with small.connect() as connection:
        connection.sendall(b"POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
        assert b"413" in connection.recv(65536)
        with pytest.raises(OSError, match=GONE):
            trickle(connection, b"x", 200)


def test_an_answer_that_nobody_reads(small: Small) -> None:
    with small.connect() as connection:
        connection.sendall(request("/size/10000000"))
        time.sleep(4)
        assert len(rest(connection)) < 10_000_000


def test_a_slow_reader_of_an_answer_gets_all_of_it(patient: Small) -> None:
    with patient.connect() as connection:
        connection.sendall(request("/size/3000000"))
        found = b""
        while len(found) < 3_000_000:
            found += connection.recv(100_000)
            time.sleep(0.01)


@pytest.mark.parametrize(
    ("sent", "status", "detail"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "not valid HTTP"),
        (b"POST /echo\r\n\r\n", 400, "not valid HTTP"),
        (b"POST /echo HTTP/1.1\r\nHost: x\r\nA: \xff\x00\r\n\r\n", 400, "not valid HTTP"),
        (b"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400, "not valid HTTP"),
        (
            b"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            400,
            "not valid HTTP",
        ),
        (b"POST /" + b"x" * 33_000, 431, "head is too large"),
        (b"POST / HTTP/1.1\r\n" + b"A: b\r\n" * 6000, 431, "head is too large"),
    ],
)
def test_what_is_not_http(small: Small, sent: bytes, status: int, detail: str) -> None:
    with small.connect() as connection:
        connection.sendall(sent)
        answer = problem(rest(connection))
    assert answer[0] == status
    assert detail in answer[1]
    assert small.ask("/echo", b"still there") == (200, b"still there")


def test_one_peer_gets_no_more_than_its_connections(tmp_path: Path) -> None:
    limits = replace(Limits(), connections_per_peer=3)
    with small_server(limits, unix_listener(tmp_path)) as small:
        open_ones = [small.connect() for _ in range(3)]
        for connection in open_ones:
            assert ask(connection, "/echo", b"1")[0] == 200
        with small.connect() as one_more:
            status, detail = problem(rest(one_more))
        assert (status, detail) == (503, "the gateway has no connection left for you")
        open_ones.pop().close()
        eventually(lambda: _served(small), "a place is free again")
        for connection in open_ones:
            assert ask(connection, "/echo", b"2") == (200, b"2")
            connection.close()


def _served(small: Small) -> bool:
    with small.connect() as connection:
        try:
            return ask(connection, "/echo", b"1")[0] == 200
        except OSError:
            return False


def test_all_peers_get_no_more_than_all_connections(tmp_path: Path) -> None:
    limits = replace(Limits(), connections=2)
    with small_server(limits, unix_listener(tmp_path)) as small:
        open_ones = [small.connect() for _ in range(2)]
        with small.connect() as one_more:
            assert problem(rest(one_more))[0] == 503
        for connection in open_ones:
            connection.close()
        eventually(lambda: _served(small), "a place is free again")


def test_many_connections_that_come_and_go_leave_nothing(tmp_path: Path) -> None:
    limits = replace(Limits(), connections_per_peer=8)
    with small_server(limits, unix_listener(tmp_path)) as small:
        for index in range(300):
            connection = small.connect()
            if index % 3 == 0:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            elif index % 3 == 1:
                connection.sendall(b"nonsense\r\n\r\n")
            connection.close()
            if index % 6 == 5:
                eventually(lambda: _served(small), "a place is free again")


def test_a_peer_that_vanishes_ends_its_stream(small: Small) -> None:
    with small.connect() as connection:
        connection.sendall(request("/frames"))
        assert connection.recv(65536)
    eventually(lambda: small.app.gone == ["/frames"], "the stream has ended")


def test_a_peer_that_vanishes_with_more_requests_waiting_ends_its_stream(small: Small) -> None:
    with small.connect() as connection:
        connection.sendall(request("/frames") + request("/echo") * 1000)
        assert connection.recv(65536)
    eventually(lambda: small.app.gone == ["/frames"], "the stream has ended")


def test_messages_of_a_websocket(patient: Small) -> None:
    with unix_connect(patient.address, "ws://x/echo", compression=None, max_size=None) as sock:
        for message in (b"", b"1", b"x" * 1024 * 1024):
            sock.send(message)
            assert sock.recv(20) == message
    eventually(lambda: patient.app.gone == ["/echo"], "it has ended")


def test_a_message_that_is_too_long(patient: Small) -> None:
    with upgraded(patient, "/echo") as connection:
        connection.sendall(b"\x82\xff" + (1024 * 1024 + 6).to_bytes(8) + b"\0\0\0\0")
        answer = rest(connection)
    assert answer[:1] == b"\x88"
    assert answer[2:4] == (1009).to_bytes(2)
    eventually(lambda: patient.app.gone == ["/echo"], "it has ended")


def test_a_message_of_too_many_fragments(patient: Small) -> None:
    with upgraded(patient, "/echo") as connection:
        connection.sendall(b"\x02\x80\0\0\0\0" + b"\x00\x80\0\0\0\0" * 1025)
        assert rest(connection)[:4] == b"\x88\x14\x03\xf1"  # close, 1009


def upgraded(small: Small, path: str) -> socket.socket:
    """A connection that is a WebSocket already, to be misused."""
    connection = small.connect()
    connection.sendall(
        f"GET {path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    assert b" 101 " in connection.recv(65536)
    return connection


def test_pings_whose_answers_nobody_reads(patient: Small) -> None:
    ping = b"\x89\xfd" + b"\0\0\0\0" + b"p" * 125
    with upgraded(patient, "/echo") as connection, pytest.raises(OSError, match=GONE):
        trickle(connection, ping * 1000, 2000, pause=0)
    eventually(lambda: patient.app.gone == ["/echo"], "it has ended")


def test_frames_that_are_not_masked(patient: Small) -> None:
    with upgraded(patient, "/echo") as connection:
        connection.sendall(b"\x82\x01x")
        assert rest(connection).startswith(b"\x88")
    eventually(lambda: patient.app.gone == ["/echo"], "it has ended")


def test_a_websocket_counts_as_one_connection(tmp_path: Path) -> None:
    limits = replace(Limits(), connections_per_peer=1)
    with small_server(limits, unix_listener(tmp_path)) as small:
        with upgraded(small, "/echo"), small.connect() as one_more:
            assert problem(rest(one_more))[0] == 503
        eventually(lambda: _served(small), "a place is free again")


def test_a_stop_lets_an_answer_end(tmp_path: Path) -> None:
    serving = small_server(Limits(), unix_listener(tmp_path))
    with serving as small, small.connect() as connection, small.connect() as idle:
        connection.sendall(request("/echo", b"12")[:-1])
        assert ask(idle, "/echo", b"1") == (200, b"1")
        small.server.stop()
        assert rest(idle) == b""
        connection.sendall(b"2")
        assert rest(connection).endswith(b"12")
    assert small.code == 0
    assert small.errors == []


def test_a_stop_ends_streams_with_an_error_after_a_while(small: Small) -> None:
    with small.connect() as connection:
        connection.sendall(request("/frames"))
        assert connection.recv(65536)
        started = time.monotonic()
        small.server.stop()
        assert b"ended" in rest(connection)
        assert 0.9 < time.monotonic() - started < 5
    eventually(lambda: small.code == 0, "the server has stopped")
    assert [error.message for error in small.errors] == ["the gateway is stopping"]
