"""WebSockets that are none, never begin, or carry what no process should be sent."""

import json
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from contctl.wire.frames import FrameReader, Kind, pack
from tests.adversarial.gateways import PLENTY, QUICK, Target, everything, read_answer, send
from tests.bounded import SECONDS, eventually

HANDSHAKE = (
    b"GET /v1/containers/exec HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
TEXT, BINARY, CLOSE, PING, MORE = 1, 2, 8, 9, 0
LAST, COMPRESSED = 0x80, 0x40
NORMAL_CLOSE = b"\x88\x02\x03\xe8"
MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """One gateway for all that cannot harm it."""
    target = Target(tmp_path_factory.mktemp("websockets"), QUICK + PLENTY)
    with target.running():
        target.token = target.login()
        yield target


@pytest.fixture
def target(shared: Target) -> Iterator[Target]:
    """The gateway, which serves afterwards as it did before and has not failed itself."""
    yield shared
    assert shared.ask("logins/list", shared.token, user=None).status == 200
    assert shared.bugs == []


def message(payload: bytes, kind: int = BINARY, flags: int = LAST) -> bytes:
    """One frame of a WebSocket, masked with zeros (RFC 6455, section 5.2)."""
    size = len(payload)
    if size < 126:
        length = bytes([0x80 | size])
    elif size < 65536:
        length = b"\xfe" + struct.pack("!H", size)
    else:
        length = b"\xff" + struct.pack("!Q", size)
    return bytes([flags | kind]) + length + b"\0\0\0\0" + payload


def spoken(target: Target, *data: bytes, token: bool = True) -> bytes:
    """All that a WebSocket answers to `data`."""
    shown = b"Authorization: Bearer " + target.token.encode() + b"\r\n" if token else b""
    with target.connect() as connection:
        connection.sendall(HANDSHAKE + shown + b"\r\n")
        assert b" 101 " in connection.recv(65536)
        for piece in data:
            send(connection, piece)
        answer = b""
        with suppress(ConnectionResetError):
            while not answer.endswith(NORMAL_CLOSE) and (received := connection.recv(65536)):
                answer += received
        return answer


def problem(answer: bytes) -> dict[str, Any]:
    """The problem in an answer that is an ERROR frame and a close."""
    assert answer[0] == LAST | BINARY
    start = 2 if answer[1] < 126 else 4
    length = answer[1] if answer[1] < 126 else struct.unpack("!H", answer[2:4])[0]
    ((kind, payload),) = FrameReader().feed(answer[start : start + length])
    assert kind is Kind.ERROR
    assert answer[start + length :][:1] == bytes([LAST | CLOSE])
    found: dict[str, Any] = json.loads(payload)
    assert found["detail"].isprintable()
    return found


HANDSHAKES = {
    "POST": HANDSHAKE.replace(b"GET", b"POST"),
    "POST with a body": HANDSHAKE.replace(b"GET", b"POST") + b"Content-Length: 2\r\n\r\n{}",
    "on an operation that answers": HANDSHAKE.replace(b"/exec", b"/list"),
    "on no operation": HANDSHAKE.replace(b"/exec", b"/nosuch"),
    "another version": HANDSHAKE.replace(b"13", b"12"),
    "a short key": HANDSHAKE.replace(b"dGhlIHNhbXBsZSBub25jZQ==", b"eA=="),
    "no key": HANDSHAKE.partition(b"Sec-WebSocket-Key")[0],
    "many fields": HANDSHAKE + b"A: b\r\n" * 200,
    "a long field": HANDSHAKE + b"A: " + b"b" * 9000 + b"\r\n",
    "a length": HANDSHAKE + b"Content-Length: 5\r\n",
    "chunks": HANDSHAKE + b"Transfer-Encoding: chunked\r\n",
}


@pytest.mark.parametrize("handshake", HANDSHAKES)
def test_handshakes(target: Target, handshake: str) -> None:
    """Each has an answer, and its connection an end."""
    data = HANDSHAKES[handshake]
    with target.connect() as connection:
        send(connection, data if data.endswith(b"{}") else data + b"\r\n")
        assert read_answer(connection).status in (400, 404, 405)
        assert everything(connection) == b""


def test_a_plain_request_where_a_websocket_is_spoken(target: Target) -> None:
    told = target.tell(b"GET /v1/containers/exec HTTP/1.1\r\nHost: x\r\n\r\n")
    assert told.refusal == (426, "usage")


def test_arguments_that_never_come(target: Target) -> None:
    """Pings do not put it off."""
    assert problem(spoken(target))["status"] == 408
    over = threading.Event()
    shown = HANDSHAKE + b"\r\n"
    with target.connect() as connection:
        connection.sendall(shown)
        assert b" 101 " in connection.recv(65536)

        def ping() -> None:
            with suppress(OSError):
                while not over.wait(0.1):
                    connection.sendall(message(b"", PING))

        thread = threading.Thread(target=ping, daemon=True)
        thread.start()
        answer = b""
        while not answer.endswith(NORMAL_CLOSE) and (received := connection.recv(65536)):
            answer += received
        over.set()
        thread.join(SECONDS)
    assert b"did not come within 1 seconds" in answer


def test_arguments_in_pieces_that_never_end(target: Target) -> None:
    arguments = pack(Kind.ARGUMENTS, b'{"ref":"web"}')
    first, rest = arguments[:4], arguments[4:-1]
    pieces = [message(bytes([byte]), MORE, 0) for byte in rest]
    assert problem(spoken(target, message(first, BINARY, 0), *pieces))["status"] == 408
    pieces = [message(bytes([byte])) for byte in rest]
    assert problem(spoken(target, message(first), *pieces))["status"] == 408


FRAMES = {
    "IN first": (pack(Kind.IN, b"x"), "the first frame is not the arguments"),
    "EXIT first": (pack(Kind.EXIT, b"0"), "the first frame is not the arguments"),
    "an unknown kind": (b"\xff\0\0\0\0", "a frame of an unknown kind"),
    "a length of 4 GiB": (b"\x09\xff\xff\xff\xff", "a frame too long"),
    "no JSON": (pack(Kind.ARGUMENTS, b"{"), "not JSON"),
    "invalid UTF-8": (pack(Kind.ARGUMENTS, b'{"ref":"\xff"}'), "not UTF-8"),
    "a duplicated key": (pack(Kind.ARGUMENTS, b'{"ref":"a","ref":"b"}'), "twice"),
    "another case": (pack(Kind.ARGUMENTS, b'{"Ref":"a"}'), "unknown field 'Ref'"),
    "an unknown field": (
        pack(Kind.ARGUMENTS, b'{"ref":"a","spec":{"argv":["x"],"cap_add":true}}'),
        "unknown field",
    ),
    "many empty frames": (pack(Kind.IN) * 200_000, "the first frame is not the arguments"),
}


@pytest.mark.parametrize("frame", FRAMES)
def test_frames(target: Target, frame: str) -> None:
    content, words = FRAMES[frame]
    found = problem(spoken(target, message(content)))
    assert found["code"] == "usage"
    assert words in found["detail"]


def test_a_text_message(target: Target) -> None:
    for payload in (b"hello", b"\xff\xfe", b""):
        found = problem(spoken(target, message(payload, TEXT)))
        assert found["detail"] == "a message that is not binary"
    in_pieces = (message(b"\xc3", TEXT, 0), message(b"\x28", MORE))
    assert problem(spoken(target, *in_pieces))["detail"] == "a message that is not binary"


MESSAGES = {
    "too long": (message(b"x" * (2 * MEBIBYTE)), 1009),
    "of an endless length": (b"\x82\xff" + struct.pack("!Q", 1 << 62) + b"\0\0\0\0", 1009),
    "too long in pieces": (
        message(b"x" * MEBIBYTE, BINARY, 0) + message(b"x" * MEBIBYTE, MORE, 0),
        1009,
    ),
    "of endless empty pieces": (message(b"", BINARY, 0) + message(b"", MORE, 0) * 5000, 1009),
    "compressed": (message(b"x", BINARY, LAST | COMPRESSED), 1002),
    "unmasked": (b"\x82\x01x", 1002),
    "of an unknown kind": (message(b"", 3), 1002),
    "a piece of nothing": (message(b"x", MORE), 1002),
    "a long ping": (message(b"x" * 200, PING), 1002),
    "a ping in pieces": (message(b"x", PING, 0), 1002),
    "a short close": (message(b"\0", CLOSE), 1002),
    "a close of bad text": (message(b"\x03\xe8\xff", CLOSE), 1007),
    "a close of no code": (message(b"\0\1", CLOSE), 1002),
}


@pytest.mark.parametrize("kind", MESSAGES)
def test_messages(target: Target, kind: str) -> None:
    """Closed with the code that RFC 6455, section 7.4.1 has for it."""
    content, code = MESSAGES[kind]
    before = target.memory()
    answer = spoken(target, content)
    assert target.memory() < before + 32 * MEBIBYTE
    if not answer:
        # What is not read any more resets the connection, now and then before the close arrives.
        assert kind.startswith("too long")
        return
    assert answer[0] == LAST | CLOSE
    assert struct.unpack("!H", answer[2:4])[0] == code


def test_compression_is_not_agreed_on(target: Target) -> None:
    wish = b"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n"
    with target.connect() as connection:
        connection.sendall(HANDSHAKE + wish)
        answer = connection.recv(65536)
    assert b" 101 " in answer
    assert b"deflate" not in answer


def test_a_flood_of_pings_whose_answers_nobody_reads(target: Target) -> None:
    before = target.memory()
    flood = message(b"p" * 125, PING) * 1000
    with target.connect() as connection:
        connection.sendall(HANDSHAKE + b"\r\n")
        with pytest.raises(OSError, match=r"Broken pipe|reset"):
            _pour(connection, flood)
    assert target.memory() < before + 32 * MEBIBYTE


def test_nothing_stays_of_websockets_that_broke_off(target: Target) -> None:
    arguments = pack(Kind.ARGUMENTS, b'{"ref":"web","spec":{"argv":["true"]}}')
    shown = b"Authorization: Bearer " + target.token.encode() + b"\r\n\r\n"
    whole = HANDSHAKE + shown + message(arguments)
    threads, descriptors = target.held()
    for end in range(0, len(whole), 7):
        with target.connect() as connection:
            send(connection, whole[:end])
    eventually(lambda: target.held()[1] <= descriptors + 1, "all descriptors are free again")
    eventually(lambda: target.held()[0] <= threads + 2, "all threads have ended")


def _pour(connection: socket.socket, data: bytes) -> None:
    for _ in range(2000):
        connection.sendall(data)
