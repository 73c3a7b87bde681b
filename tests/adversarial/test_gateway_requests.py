"""What is no request, or none that a gateway takes: refused, and nobody else notices."""

import http.client
import json
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest

from tests.adversarial.gateways import (
    PLENTY,
    QUICK,
    Target,
    Told,
    everything,
    read_answer,
    send,
)
from tests.bounded import SECONDS, eventually
from tests.gateway.test_serve import call

NULL = b'{"user":null}'
IN_CHUNKS = b"d\r\n" + NULL + b"\r\n0\r\n\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
JSON = b"Content-Type: application/json\r\n"
MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """One gateway for all that cannot harm it."""
    target = Target(tmp_path_factory.mktemp("requests"), QUICK + PLENTY)
    with target.running():
        target.token = target.login()
        yield target


@pytest.fixture
def target(shared: Target) -> Iterator[Target]:
    """The gateway, which serves afterwards as it did before and has not failed itself."""
    yield shared
    assert shared.ask("logins/list", shared.token, user=None).status == 200
    assert shared.bugs == []


def listing(
    target: Target,
    body: bytes = NULL,
    framing: bytes | None = None,
    fields: bytes = JSON,
    line: bytes = b"POST /v1/logins/list HTTP/1.1",
) -> bytes:
    """A request of ada's for her logins, but for what is given. framing: the fields that say where
    the body ends."""
    framing = b"Content-Length: %d\r\n" % len(body) if framing is None else framing
    shown = b"Authorization: Bearer " + target.token.encode() + b"\r\n"
    return line + b"\r\nHost: x\r\n" + shown + framing + fields + b"\r\n" + body


def assert_refused(told: Told, target: Target, status: int, words: str = "") -> None:
    """Assert a refusal that does not show the token."""
    assert told.refusal[0] == status, told.body
    assert words in told.json["detail"]
    assert target.token.encode() not in told.body
    assert target.token.rpartition(".")[2].encode() not in told.body


def test_the_request_that_the_others_are_made_of(target: Target) -> None:
    assert target.tell(listing(target)).status == 200
    assert target.tell(listing(target, IN_CHUNKS, CHUNKED)).status == 200


BODIES = {
    "invalid UTF-8": (b'{"user":"\xff"}', "not UTF-8"),
    "an overlong form": (b'{"user":"\xc0\xaf"}', "not UTF-8"),
    "UTF-16": ('{"user":null}'.encode("utf-16"), "not UTF-8"),
    "a byte order mark": (b"\xef\xbb\xbf" + NULL, "not JSON"),
    "nothing": (b"", "not JSON"),
    "two documents": (NULL + NULL, "not JSON"),
    "a comment": (b'{"user":null/**/}', "not JSON"),
    "no object": (b"[]", "not an object"),
    "a duplicated key": (b'{"user":null,"user":"eve"}', "twice"),
    "one written otherwise": (b'{"user":null,"\\u0075ser":"eve"}', "twice"),
    "another case": (b'{"User":null}', "unknown field 'User'"),
    "another case as well": (b'{"user":null,"USER":"eve"}', "unknown field 'USER'"),
    "a homoglyph": ('{"user":null,"u\u0455er":"eve"}'.encode(), "unknown field"),
    "an unknown field": (b'{"user":null,"role":"admin"}', "unknown field 'role'"),
    "a field of steering characters": (b'{"user":null,"\\u001b[2J\\n":1}', "unknown field"),
    "a missing field": (b"{}", "without user"),
    "another type": (b'{"user":1}', "user"),
    "NaN": (b'{"user":NaN}', "NaN"),
    "an endless number": (b'{"user":' + b"9" * 100_000 + b"}", "number"),
    "depth": (b"[" * 100_000, "nested too deeply"),
    "less depth": (b'{"user":' * 50 + b"null" + b"}" * 50, "nested too deeply"),
}


@pytest.mark.parametrize("body", BODIES)
def test_bodies(target: Target, body: str) -> None:
    content, words = BODIES[body]
    assert_refused(target.tell(listing(target, content)), target, 400, words)


@pytest.mark.parametrize(
    "text", ["\\ud800", "a\\u0000b", "\\u001b[2J", "' OR 1=1 --", "x" * 90_000]
)
def test_text_that_is_nobodys_name(target: Target, text: str) -> None:
    """Whatever an operation makes of it, it is no failure of the gateway's own."""
    for operation, rest in (
        ("logins/list", ""),
        ("users/show", ""),
        ("users/unlock", ""),
        ("users/add", ',"password":"a long enough password","role":null'),
        ("ci_tokens/create", ',"role":"viewer","scope":{},"lifetime":3600'),
        ("containers/create", ',"request":"r"'),
        ("containers/pull", f',"auth":"{text}"'),
    ):
        key = {"logins/list": "user", "containers/create": "spec", "containers/pull": "image"}.get(
            operation, "name"
        )
        value = f'{{"image":"{text}"}}' if key == "spec" else f'"{text}"'
        line = f"POST /v1/{operation} HTTP/1.1".encode()
        body = f'{{"{key}":{value}{rest}}}'.encode()
        told = target.tell(listing(target, body, line=line))
        assert told.status in (400, 404, 503), (operation, told.body)
        assert told.json["detail"].isprintable() or "\\" in told.body.decode()


TYPES = {
    "none": b"",
    "text": b"Content-Type: text/plain\r\n",
    "a form": b"Content-Type: application/x-www-form-urlencoded\r\n",
    "another encoding": b"Content-Type: application/json; charset=latin-1\r\n",
    "two": JSON + b"Content-Type: text/plain\r\n",
    "two in one": b"Content-Type: application/json, text/plain\r\n",
    "frames": b"Content-Type: application/vnd.contctl.frames\r\n",
}


@pytest.mark.parametrize("kind", TYPES)
def test_content_types(target: Target, kind: str) -> None:
    told = target.tell(listing(target, fields=TYPES[kind]))
    assert_refused(told, target, 415, "application/json")


FRAMINGS = {
    "a length and chunks": (IN_CHUNKS, b"Content-Length: 6\r\n" + CHUNKED),
    "chunks and a length": (IN_CHUNKS, CHUNKED + b"Content-Length: 6\r\n"),
    "two lengths": (NULL, b"Content-Length: 13\r\nContent-Length: 12\r\n"),
    "a signed length": (NULL, b"Content-Length: +13\r\n"),
    "a length in hexadecimal": (NULL, b"Content-Length: 0xd\r\n"),
    "a length of other digits": (NULL, "Content-Length: \u0663\r\n".encode()),
    "an endless length": (NULL, b"Content-Length: " + b"9" * 5000 + b"\r\n"),
    "another coding": (IN_CHUNKS, b"Transfer-Encoding: identity\r\n"),
    "two codings": (IN_CHUNKS, b"Transfer-Encoding: gzip, chunked\r\n"),
    "chunked twice": (IN_CHUNKS, CHUNKED * 2),
    "almost chunked": (IN_CHUNKS, b"Transfer-Encoding: xchunked\r\n"),
    "a space before the colon": (IN_CHUNKS, b"Transfer-Encoding : chunked\r\n"),
    "a negative chunk": (b"-1\r\n" + NULL + b"\r\n0\r\n\r\n", CHUNKED),
    "a chunk longer than it says": (b"c\r\n" + NULL + b"\r\n0\r\n\r\n", CHUNKED),
    "a NUL in a field": (NULL, b"Content-Length: 13\r\nX: a\0b\r\n"),
    "two hosts": (NULL, b"Content-Length: 13\r\nHost: y\r\n"),
}


@pytest.mark.parametrize("framing", FRAMINGS)
def test_a_body_that_ends_here_for_one_and_there_for_another(target: Target, framing: str) -> None:
    """After any doubt about where a request ends, nothing that follows it is read."""
    body, fields = FRAMINGS[framing]
    smuggled = listing(target, line=b"POST /v1/users/list HTTP/1.1")
    with target.connect() as connection:
        send(connection, listing(target, body, fields) + smuggled)
        told = read_answer(connection)
        assert_refused(told, target, 400)
        assert told.headers["Connection"] == "close"
        assert everything(connection) == b""


def test_trailers_are_no_fields(target: Target) -> None:
    body = b"d\r\n" + NULL + b"\r\n0\r\nAuthorization: Bearer x\r\nContent-Length: 3\r\n\r\n"
    assert target.tell(listing(target, body, CHUNKED)).status == 200


def test_pipelining(target: Target) -> None:
    """Answered in turn; a bad one ends the connection, and what follows is not done."""
    good, bad = listing(target), listing(target, fields=b"")
    with target.connect() as connection:
        send(connection, good * 3 + bad + good)
        heads = everything(connection).split(b"HTTP/1.1 ")[1:]
    assert [head[:3] for head in heads] == [b"200", b"200", b"200", b"415"]


LINES = {
    "a lower-case method": (b"post /v1/logins/list HTTP/1.1", 405),
    "TRACE": (b"TRACE /v1/logins/list HTTP/1.1", 405),
    "CONNECT": (b"CONNECT x:1 HTTP/1.1", 404),
    "another case": (b"POST /V1/Logins/List HTTP/1.1", 404),
    "a NUL": (b"POST /v1/logins/list%00 HTTP/1.1", 404),
    "no UTF-8": (b"POST /v1/%ff%fe HTTP/1.1", 404),
    "dots": (b"POST /v1/x/../logins/list HTTP/1.1", 404),
    "two slashes": (b"POST //v1/logins/list HTTP/1.1", 404),
    "an operation of tomorrow": (b"POST /v1/containers/teleport HTTP/1.1", 404),
    "what is not offered": (b"POST /v1/session/identity HTTP/1.1", 404),
    "a special method": (b"POST /v1/users/__init__ HTTP/1.1", 404),
    "bytes": (b"POST /v1/\xff HTTP/1.1", 400),
    "a space in front": (b" POST /v1/logins/list HTTP/1.1", 400),
}


@pytest.mark.parametrize("line", LINES)
def test_request_lines(target: Target, line: str) -> None:
    content, status = LINES[line]
    assert_refused(target.tell(listing(target, line=content)), target, status)


HEADS = {
    "one field": b"X: " + b"a" * 40_000 + b"\r\n",
    "many fields": b"A: b\r\n" * 9_000,
    "a token": b"Authorization: Bearer " + b"a" * 40_000 + b"\r\n",
}


@pytest.mark.parametrize("head", HEADS)
@pytest.mark.parametrize("pieces", [1, 7])
def test_huge_heads(target: Target, head: str, pieces: int) -> None:
    data = listing(target, fields=JSON + HEADS[head])
    with target.connect() as connection:
        for start in range(0, len(data), len(data) // pieces + 1):
            send(connection, data[start : start + len(data) // pieces + 1])
            time.sleep(0.05 if pieces > 1 else 0)
        assert_refused(read_answer(connection), target, 431, "too large")


def test_huge_bodies(target: Target) -> None:
    huge = b'{"user":"' + b"x" * MEBIBYTE + b'"}'
    assert_refused(target.tell(listing(target, huge)), target, 413, "1048576 bytes")
    in_chunks = b"%x\r\n" % len(huge) + huge + b"\r\n0\r\n\r\n"
    assert_refused(target.tell(listing(target, in_chunks, CHUNKED)), target, 413)
    before = target.memory()
    endless = (b"%x\r\n" % MEBIBYTE + b"x" * MEBIBYTE + b"\r\n") * 200
    assert_refused(target.tell(listing(target, endless, CHUNKED)), target, 413)
    assert target.memory() < before + 32 * MEBIBYTE


def test_half_open_connections_and_slow_heads(target: Target) -> None:
    """They end, and meanwhile hinder nobody."""
    with suppress(http.client.HTTPException):
        held = [target.connect() for _ in range(60)]
    for number, connection in enumerate(held):
        send(connection, (b"", b"P", listing(target)[:-30])[number % 3])
    assert target.ask("logins/list", target.token, user=None).status == 200
    for number, connection in enumerate(held):
        answer = everything(connection)
        assert answer == b"" if number % 3 == 0 else b" 408 " in answer[:20], answer
        connection.close()


@pytest.mark.parametrize("name", ["logins/list", "containers/logs", "containers/put_archive"])
def test_slow_bodies(target: Target, name: str) -> None:
    kind = b"Content-Type: application/vnd.contctl.frames\r\n" if "put" in name else JSON
    line = f"POST /v1/{name} HTTP/1.1".encode()
    whole = listing(target, b"x" * 100, fields=kind, line=line)
    with target.connect() as connection:
        send(connection, whole[:-100])
        # The head of a frame of 32 bytes, or the beginning of a text.
        send(connection, b"\x09\0\0\0\x20" if "put" in name else b"{")
        for _ in range(30):
            send(connection, b" ")
            time.sleep(0.05)
        assert_refused(read_answer(connection), target, 408)


def test_slow_readers_of_answers(target: Target) -> None:
    """A peer that asks on and on and reads nothing is left; the memory it costs is bounded."""
    before, (_, descriptors) = target.memory(), target.held()
    with target.connect() as connection:
        connection.settimeout(0.5)
        with suppress(TimeoutError, OSError):
            for _ in range(3000):
                connection.sendall(b"GET /v1/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n")
        assert target.memory() < before + 32 * MEBIBYTE
        eventually(lambda: target.held()[1] <= descriptors, "it is left")


def latency(target: Target) -> float:
    """Seconds that a small request usually takes."""
    times = []
    for _ in range(30):
        begun = time.monotonic()
        assert target.ask("session/status", target.token).status == 200
        times.append(time.monotonic() - begun)
    return statistics.median(times)


FLOODS: dict[str, bytes] = {
    "many texts": json.dumps({"refs": ["x"] * 200_000}).encode(),
    "many objects": b'{"refs":[' + b"{}," * 340_000 + b"{}]}",
}


@pytest.mark.parametrize("flood", FLOODS)
def test_a_flood_of_expensive_bodies(target: Target, flood: str) -> None:
    """Nobody who shows no token makes the others wait: they are parsed beside everything else."""
    body = FLOODS[flood]
    data = (
        b"POST /v1/containers/inspect HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
        b"Content-Length: %d\r\n" % len(body) + JSON + b"\r\n" + body
    )
    quiet = latency(target)
    over = threading.Event()

    def pour() -> None:
        while not over.is_set():
            with suppress(OSError), target.connect() as connection:
                send(connection, data)
                everything(connection)

    with Flood(pour, over):
        loud = latency(target)
    # Parsed on the event loop it was 400 times as long.
    assert loud < quiet * 60 + 0.05, (quiet, loud)


class Flood:
    """A context in which four threads pour."""

    def __init__(self, pour: Callable[[], None], over: threading.Event) -> None:
        self._over = over
        self._threads = [threading.Thread(target=pour, daemon=True) for _ in range(4)]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()
        time.sleep(0.5)

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(SECONDS)


def test_nothing_stays_of_connections_that_broke_off(target: Target) -> None:
    whole = call("logins/list", target.token, user=None)
    target.ask("logins/list", target.token, user=None)
    threads, descriptors = target.held()
    for end in range(0, len(whole), 3):
        with target.connect() as connection:
            send(connection, whole[:end])
    eventually(lambda: target.held()[1] <= descriptors + 1, "all descriptors are free again")
    # The pool of the calls may have grown to its size meanwhile.
    assert target.held()[0] <= threads + 33
