"""The database under the commands: empty, garbage, bit-flipped, newer, locked, gone."""

import random
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from contctl.backends.sqlite.connection import LOCK_TIMEOUT
from contctl.core.answers import AuditQuery
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.services.embedded import EmbeddedContctl
from tests.adversarial.homes import credential_file, database, in_process, no_engine
from tests.adversarial.refusals import assert_one_error, assert_refused
from tests.e2e.machine import PASSWORD, SECONDS, Machine

LINE = PASSWORD.encode()
COMMANDS = (
    ("whoami",),
    ("ps",),
    ("refresh",),
    ("user", "ls"),
    ("user", "add", "bob", "--password-stdin"),
    ("login", "ada", "--password-stdin"),
    ("audit", "ls"),
    ("logout",),
)
"""Seconds for which contctl waits for another process' transaction."""
FLIPS = 60
FLIPS_FROM_OUTSIDE = 8
SEED = 20


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A machine on which `ada` is logged in."""
    machine = no_engine(tmp_path_factory.mktemp("database"))
    machine.init()
    machine.done("user", "add", "eve", "--role", "viewer", "--password-stdin", stdin=LINE)
    return machine


@pytest.fixture
def path(target: Machine) -> Iterator[Path]:
    """Its database, which is as it was afterwards, the tokens too."""
    path = database(target)
    good = path.read_bytes()
    tokens = credential_file(target)
    kept = tokens.read_bytes()
    yield path
    put(path, good)
    tokens.touch(0o600)
    tokens.write_bytes(kept)
    assert target.done("whoami") == "ada\n"


def put(path: Path, content: bytes) -> None:
    """`content` as the database, without what a command may have left beside it."""
    path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
    path.write_bytes(content)


@pytest.mark.parametrize(
    "content",
    [b"", b"garbage " * 1000, b"SQLite format 3\0" + b"\0" * 4080],
    ids=["empty", "garbage", "zeros"],
)
def test_an_empty_or_garbage_database(target: Machine, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    for command in COMMANDS:
        assert_refused(target.run(*command, stdin=LINE), 9)
    init = ("init", "--username", "eve", "--password-stdin")
    assert_refused(target.run(*init, stdin=LINE), 9)
    assert path.read_bytes() == content


@pytest.mark.parametrize("part", [0.01, 0.3, 0.6, 0.9])
def test_a_truncated_database(target: Machine, path: Path, part: float) -> None:
    content = path.read_bytes()
    content = content[: int(len(content) * part)]
    path.write_bytes(content)
    for command in (("whoami",), ("user", "ls"), ("refresh",)):
        assert_refused(target.run(*command), 9)
    assert path.read_bytes() == content


def test_a_newer_database(target: Machine, path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 999")
    content = path.read_bytes()
    for command in COMMANDS:
        result = target.run(*command, stdin=LINE)
        assert_refused(result, 9, "is newer than this contctl")
        assert result.err.endswith("hint: upgrade contctl\n")
    assert path.read_bytes() == content


def test_a_vanished_database(target: Machine, path: Path) -> None:
    away = path.with_suffix(".away")
    path.rename(away)
    for command in COMMANDS:
        assert_refused(target.run(*command, stdin=LINE), 9, "has vanished")
    result = target.run("init", "--username", "eve", "--password-stdin", stdin=LINE)
    assert result.code in (6, 9)
    assert_refused(result, result.code)
    assert not path.exists()
    away.rename(path)


USES: tuple[Callable[[EmbeddedContctl], object], ...] = (
    lambda api: api.sessions.status(),
    lambda api: list(api.users.list()),
    lambda api: api.logins.list(None),
    lambda api: list(api.audit.list(AuditQuery())),
    lambda api: api.users.show("eve"),
    lambda api: api.users.set_enabled("eve", enabled=True),
)


def flipped(content: bytes, pick: random.Random) -> bytes:
    """`content` with one bit changed, in a page that is in use."""
    changed = bytearray(content)
    used = [at for at in range(0, len(content), 16) if any(content[at : at + 16])]
    changed[pick.choice(used) + pick.randrange(16)] ^= 1 << pick.randrange(8)
    return bytes(changed)


def test_a_bit_flipped_database(target: Machine, path: Path) -> None:
    """Not every flip can be told from data, but each ends in an answer or in a refusal."""
    content = path.read_bytes()
    pick = random.Random(SEED)
    found: Counter[str] = Counter()
    for _ in range(FLIPS):
        damaged = flipped(content, pick)
        for use in USES:
            put(path, damaged)
            found[_end(target, use)] += 1
    print(f"{FLIPS} flipped bits: {dict(found)}")
    assert found["store"] > 0
    assert set(found) <= {"ok", "store", "not-authenticated", "not-found", "forbidden", "conflict"}


def _end(target: Machine, use: Callable[[EmbeddedContctl], object]) -> str:
    try:
        use(in_process(target))
    except ContctlError as error:
        return str(error.code)
    return "ok"


def test_a_bit_flipped_database_from_outside(target: Machine, path: Path) -> None:
    content = path.read_bytes()
    pick = random.Random(SEED)
    for number in range(FLIPS_FROM_OUTSIDE):
        put(path, flipped(content, pick))
        result = target.run(*COMMANDS[number % len(COMMANDS)], stdin=LINE)
        assert result.code in (0, 4, 7, 9), result.err
        if result.code:
            assert_one_error(result.err)
            assert result.out == ""


def test_locked_for_a_minute(target: Machine, path: Path) -> None:
    """Whoever holds the lock longer than contctl waits might as well hold it for a minute."""
    before = path.read_bytes()
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN EXCLUSIVE")
        began = time.monotonic()
        running = [target.start(*command) for command in COMMANDS]
        for process in running:
            out, err = process.communicate(LINE, timeout=SECONDS)
            assert (process.returncode, out) == (9, b""), err
            assert_one_error(err.decode(), "locked")
        assert LOCK_TIMEOUT - 1 < time.monotonic() - began < 2.5 * LOCK_TIMEOUT
    assert path.read_bytes() == before


def test_locked_by_a_reader_that_stays(target: Machine, path: Path) -> None:
    """A reader that holds its transaction open locks out every writer; nobody waits for ever."""
    with closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN")
        holder.execute("SELECT count(*) FROM users").fetchall()
        assert target.done("whoami") == "ada\n"
        with pytest.raises(ContctlError) as caught:
            in_process(target).users.set_enabled("eve", enabled=True)
    assert caught.value.code is ErrorCode.STORE
    assert caught.value.reason == "locked"
