"""Tokens, passwords and crowds, over HTTP: one answer for all that is worthless, and no peer is
locked out by another."""

import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from contctl.backends.clock import SystemClock
from contctl.backends.signing_keys import SigningKeyFile
from contctl.core.domain.throttle import FREE_ATTEMPTS
from contctl.core.domain.tokens import TokenKind
from tests.adversarial.forger import parts
from tests.adversarial.gateways import PLENTY, Target, posted, read_answer, send
from tests.e2e.machine import PASSWORD
from tests.gateway.test_serve import call
from tests.requirements import unavailable
from tests.tokens.forge import compact, kind_key, segment, signed

NOBODY = 65534
CLAIMS = ("iss", "aud", "sub", "sid", "jti", "gen", "iat", "nbf", "exp")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """One gateway for all that cannot harm it."""
    target = Target(tmp_path_factory.mktemp("accounts"), PLENTY)
    with target.running():
        target.token = target.login()
        yield target


@pytest.fixture
def target(shared: Target) -> Iterator[Target]:
    """The gateway, which serves afterwards as it did before and has not failed itself."""
    yield shared
    assert shared.ask("logins/list", shared.token, user=None).status == 200
    assert shared.bugs == []


def issued(target: Target) -> dict[str, str]:
    """The tokens of a new session."""
    told = target.ask("session/login", username="ada", password=PASSWORD)
    tokens: dict[str, str] = told.json["tokens"]
    return tokens


def forgeries(target: Target, kind: TokenKind, token: str) -> Iterator[str]:
    """Whatever is no token of `kind`, made on the pattern of `token` by whoever has the keys."""
    keys = SigningKeyFile(target.data / "keys", SystemClock()).load()
    key = kind_key(kind, keys.current, keys)
    header, claims = parts(token)
    for algorithm in ("none", "nOnE", "", None, "HS384", "HS512", "RS256"):
        changed = compact({**header, "alg": algorithm})
        yield signed(changed, compact(claims), key)
        yield f"{segment(changed)}.{segment(compact(claims))}."
    for key_id in ("/dev/null", "../contctl.db", "' OR '1'='1", "", None, ["a"]):
        changed = compact({**header, "kid": key_id})
        yield signed(changed, compact(claims), key)
        yield signed(changed, compact(claims), b"\0")
    embedded = {"jwk": {"kty": "oct", "k": segment(b"k" * 32)}}
    yield signed(compact({**header, **embedded}), compact(claims), b"k" * 32)
    for name in CLAIMS:
        values: tuple[object, ...] = (None, "x", -1, [], {}, True)
        for value in values:
            yield signed(compact(header), compact({**claims, name: value}), key)
        yield signed(compact(header), compact({**claims, name: None}).replace(b"null", b""), key)
    yield signed(compact(header), compact({**claims, "exp": 1}), key)
    yield signed(compact(header), b"[" * 3000, key)
    yield signed(compact(header), b'{"a":"\xff"}', key)
    yield from (token[:end] for end in range(1, len(token), 5))
    yield from (f"{token}=", f"{token}.", f".{token}", f"{token}A", "a" * 4097, "a" * 20_000)


def assert_worthless(answers: set[bytes], *more: str) -> None:
    """Assert that all are 401 and say the same, or `more` of what only its signer can have made."""
    problems = [json.loads(each) for each in answers]
    assert {each["status"] for each in problems} == {401}
    assert {each["detail"] for each in problems} <= {"the token is not valid", *more}


def test_tokens(target: Target) -> None:
    """All alike: 401, the same text, and never the token."""
    tokens = issued(target)
    worthless = [*forgeries(target, TokenKind.ACCESS, tokens["access"]), tokens["refresh"]]
    answers = {target.ask("users/show", each, name=None).body for each in worthless}
    assert_worthless(answers, "the access token has expired", "the session has ended")
    assert target.ask("users/show", tokens["access"], name=None).status == 200


def test_refresh_tokens(target: Target) -> None:
    tokens = issued(target)
    worthless = [*forgeries(target, TokenKind.REFRESH, tokens["refresh"]), tokens["access"]]
    worthless += ["a\0b", "\ud800", "", " ", "\u00e4", "a\r\nb"]
    answers = {target.tell(posted("session/refresh", {"token": each})).body for each in worthless}
    assert_worthless(answers, "the session has ended", "the session has expired")
    good = posted("session/refresh", {"token": tokens["refresh"]})
    assert target.tell(good).status == 200


HEADERS = (
    b"Authorization: Bearer a\0b",
    b"Authorization: Bearer \xff",
    b"Authorization: Bearer a b",
    b"Authorization: Bearer",
    b"Authorization: Basic YWRhOnB3",
    b"Authorization: ",
    b"Authorization: Bearer x\r\nAuthorization: Bearer y",
)


@pytest.mark.parametrize("header", HEADERS)
def test_what_is_no_bearer_token(target: Target, header: bytes) -> None:
    whole = call("users/show", name=None)
    head, _, rest = whole.partition(b"\r\n\r\n")
    told = target.tell(head + b"\r\n" + header + b"\r\n\r\n" + rest)
    assert told.refusal in ((401, "not-authenticated"), (400, "usage"))


def test_a_copied_token_after_logout(target: Target) -> None:
    tokens = issued(target)
    leaving = {"token": tokens["refresh"], "everywhere": False}
    assert target.tell(posted("session/logout", leaving)).status == 200
    assert target.ask("users/show", tokens["access"], name=None).status == 401
    assert target.tell(posted("session/refresh", {"token": tokens["refresh"]})).status == 401


def test_enumeration(target: Target) -> None:
    """Nothing tells an unknown user from a disabled one, or from one with another password."""
    for name in ("eve", "mallory"):
        target.ask("users/add", target.token, name=name, password=PASSWORD, role="viewer")
    target.ask("users/set_enabled", target.token, name="mallory", enabled=False)
    told = [
        target.ask("session/login", username=name, password=password)
        for name in ("eve", "mallory", "nobody", "Eve", "eve\u200b", "' OR 1=1 --", "", "e" * 5000)
        for password in ("not the password at all", "\0", "")
        if (name, password) != ("eve", PASSWORD)
    ]
    told.append(target.ask("session/login", username="mallory", password=PASSWORD))
    assert {(each.status, each.body) for each in told} == {(told[0].status, told[0].body)}
    names = {tuple(sorted(name.lower() for name in each.headers)) for each in told}
    assert len(names) == 1
    assert told[0].status == 401
    # Who shows no token learns of no user either, by any operation.
    for name in ("eve", "nobody"):
        assert target.ask("users/show", name=name).refusal == (401, "not-authenticated")


def test_fifty_logins_at_once(target: Target) -> None:
    told: list[int] = []

    def log_in() -> None:
        with target.connect() as connection:
            connection.settimeout(60)
            send(connection, call("session/login", username="ada", password=PASSWORD))
            told.append(read_answer(connection).status)

    before = target.memory()
    threads = [threading.Thread(target=log_in) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    # What finds no room is told so; each hash takes 64 MiB, and four are computed at once.
    assert set(told) <= {200, 503}
    assert told.count(200) >= 36
    assert target.memory() < before + 5 * 64 * 1024 * 1024


CLIENT = """
import os, socket, sys
path, uid = sys.argv[1], int(sys.argv[2])
os.setgroups([]); os.setgid(uid); os.setuid(uid)
data = sys.stdin.buffer.read()
with socket.socket(socket.AF_UNIX) as connection:
    connection.settimeout(20)
    connection.connect(path)
    connection.sendall(data)
    while received := connection.recv(65536):
        sys.stdout.buffer.write(received)
"""


def as_nobody(target: Target, data: bytes) -> tuple[int, Any]:
    """What another user is answered: status and JSON."""
    if os.geteuid() != 0:
        unavailable("only root can become another user")
    done = subprocess.run(
        [sys.executable, "-c", CLIENT, str(target.socket), str(NOBODY)],
        input=data.replace(b"\r\n", b"\r\nConnection: close\r\n", 1),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    head, _, body = done.stdout.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


@pytest.fixture
def open_to_all(request: pytest.FixtureRequest) -> Iterator[Target]:
    """A gateway whose socket any user may reach; its parameter: lines with its limits."""
    with tempfile.TemporaryDirectory() as made:
        target = Target(Path(made), getattr(request, "param", "connections_per_peer = 20\n"))
        with target.running():
            Path(made).chmod(0o711)
            target.socket.chmod(0o666)
            yield target
        assert target.bugs == []


@pytest.mark.parametrize("open_to_all", [PLENTY], indirect=True, ids=[""])
def test_brute_force_from_one_user_locks_no_other_out(open_to_all: Target) -> None:
    target = open_to_all

    def guess(number: int) -> int:
        guessed = f"guess number {number}"
        return target.ask("session/login", username="ada", password=guessed).status

    right = call("session/login", username="ada", password=PASSWORD)
    statuses = [guess(each) for each in range(30)]
    assert set(statuses) <= {401, 429}
    # The guesser has to wait even with the right password, unless that is over; nobody else has.
    for attempt in range(10):
        guess(attempt)
        if target.tell(right).status in (401, 429):
            break
        for number in range(FREE_ATTEMPTS):
            guess(number)
    else:
        pytest.fail("the guesser never had to wait")
    assert as_nobody(target, right)[0] == 200


def test_a_flood_of_connections_of_one_user_locks_no_other_out(open_to_all: Target) -> None:
    target = open_to_all
    held = [target.connect() for _ in range(100)]
    with target.connect() as one_more:
        one_more.sendall(call("session/status"))
        # Its refusal may be lost: the connection is closed while it asks.
        with suppress(OSError, http.client.HTTPException):
            assert read_answer(one_more).status == 503
    status, answer = as_nobody(target, call("session/status"))
    assert (status, answer["code"]) == (401, "not-authenticated")
    for connection in held:
        connection.close()


# A rate that no machine is too slow to pass.
@pytest.mark.parametrize(
    "open_to_all", ["requests_per_second = 2\nrequest_burst = 100\n"], indirect=True, ids=[""]
)
def test_a_flood_of_requests_of_one_user_locks_no_other_out(open_to_all: Target) -> None:
    target = open_to_all
    statuses = {target.ask("session/status").status for _ in range(600)}
    assert 429 in statuses
    assert as_nobody(target, call("session/status"))[0] == 401


def test_the_process_shows_no_secret(open_to_all: Target) -> None:
    """Neither in its log, nor in what any user may read of a process."""
    target = open_to_all
    token = target.login()
    target.ask("session/login", username="ada", password="canary-guess-0123456789")
    target.ask("users/set_password", token, name="ada", password="canary-new-0123456789")
    target.ask("users/show", "canary-token-0123456789", name=None)
    target.tell(call("users/show", token, name="canary-name-0123456789"))
    target.tell(b"POST /v1/canary-path HTTP/1.1\r\nHost: x\r\nCanary: canary-field\r\n\r\n")
    seen = (target.folder / "log").read_bytes()
    for name in ("cmdline", "environ"):
        seen += Path(f"/proc/{target.process.pid}/{name}").read_bytes()
    assert b'"event":"request"' in seen
    for secret in (PASSWORD.encode(), token.encode(), token.rpartition(".")[2].encode(), b"canary"):
        assert secret not in seen
