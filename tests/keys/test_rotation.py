"""Rotating the keys while others sign with them."""

import json
import random
from pathlib import Path

from contctl.backends.clock import SystemClock
from contctl.backends.jwt import JwtCodec
from contctl.backends.signing_keys import SigningKeyFile
from contctl.core.domain.tokens import TokenKind, TokenPair
from contctl.core.errors import ContctlError
from contctl.core.services.authority import Authority
from contctl.core.services.tokens import SessionTokens
from tests.contracts.stores import ADMIN, LIFETIMES
from tests.fakes.clock import FakeClock
from tests.sqlite.processes import kill_during, run_at_once
from tests.sqlite.stores import SqliteStores, created

REFRESHING = 50
ROTATING = 4
PATIENT = 60.0


def keys_in(folder: Path) -> SigningKeyFile:
    """The keys of the store in `folder`."""
    return SigningKeyFile(folder / "keys", SystemClock())


def authority_in(folder: Path) -> tuple[Authority, SessionTokens]:
    """The real authority of the store in `folder`, as a process of its own has it."""
    stores = SqliteStores(folder, PATIENT)
    codec = JwtCodec(keys_in(folder).load, SystemClock())
    authority = Authority(stores.identity(), codec, stores.identities, SystemClock())
    return authority, SessionTokens(authority, stores.sessions, LIFETIMES)


def test_no_session_is_lost_while_keys_rotate(tmp_path: Path) -> None:
    folder = tmp_path / "contctl"
    created(folder)
    keys_in(folder).ensure()
    _, tokens = authority_in(folder)
    pairs = [tokens.begin(ADMIN)[1] for _ in range(REFRESHING)]

    def work(number: int) -> str:
        if number >= REFRESHING:
            for _ in range(3):
                keys_in(folder).rotate(lambda _: True)
            return "rotated"
        return _refreshed_twice(folder, pairs[number])

    results = run_at_once(REFRESHING + ROTATING, work)
    assert results == ["refreshed"] * REFRESHING + ["rotated"] * ROTATING
    assert len(keys_in(folder).load().keys) == 1 + 3 * ROTATING


def _refreshed_twice(folder: Path, pair: TokenPair) -> str:
    authority, tokens = authority_in(folder)
    try:
        for _ in range(2):
            claims = authority.codec.decode(pair.refresh, TokenKind.REFRESH, authority.issuer)
            pair = tokens.rotate(claims)
            authority.accept_access(pair.access)
    except ContctlError as error:
        return error.message
    return "refreshed"


def test_a_killed_rotation_leaves_the_old_keys_or_the_new_ones(tmp_path: Path) -> None:
    pick = random.Random(20)
    keys = SigningKeyFile(tmp_path / "keys", SystemClock())
    before = keys.ensure()
    changed = 0
    for _ in range(60):
        kill_during(lambda: keys.rotate(lambda _: True), pick.uniform(0, 0.01))
        after = keys.load()
        assert before.keys.items() <= after.keys.items()
        assert len(after.keys) - len(before.keys) == (after.current != before.current)
        changed += after.current != before.current
        before = after
    assert 0 < changed < 60


def test_the_file_says_when_a_key_was_retired(tmp_path: Path) -> None:
    clock = FakeClock(1000)
    keys = SigningKeyFile(tmp_path / "keys", clock, name="other.json")
    first = keys.ensure().current
    clock.advance(5)
    second = keys.rotate(lambda _: True).current
    path = tmp_path / "keys" / "other.json"
    document = json.loads(path.read_text())
    assert {each: sorted(key) for each, key in document["keys"].items()} == {
        first: ["created_at", "retired_at", "secret"],
        second: ["created_at", "secret"],
    }
    assert document["keys"][first]["retired_at"] == 1005
    assert path.stat().st_mode & 0o7777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["other.json"]
