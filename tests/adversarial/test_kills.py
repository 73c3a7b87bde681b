"""kill -9 anywhere: no session is lost, and no row.

A refresh commits the next generation and then writes the tokens. What a kill between the two leaves
can be seen afterwards: the database is ahead of the tokens by one. Most kills are aimed there, by
watching the database for the commit; the others fall anywhere.
"""

import random
import signal
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.adversarial.homes import database, generations, in_process, no_engine, rows
from tests.e2e.machine import PASSWORD, SECONDS, Machine

KILLS = 200
SHARE = 0.3
"""How many of them have to fall between commit and write."""
WINDOW = 0.04
"""Seconds after the commit over which aimed kills are spread; the write comes about then."""
SEED = 20
LINE = PASSWORD.encode()
KEYS = {"users": "id", "grants": "id", "sessions": "id", "audit": "number"}
"""The tables whose rows are counted, and what tells these apart."""
BETWEEN = "between commit and write"


class Victims:
    """Commands on one machine that are killed, and what must be there afterwards."""

    def __init__(self, home: Path, seed: int) -> None:
        home.mkdir()
        self.machine = no_engine(home)
        self.machine.init()
        self.pick = random.Random(seed)
        self.seconds = self._seconds_of_a_refresh()
        self._ids = self._rows()
        self._written_at = 0

    def kill(self, args: tuple[str, ...], *, aimed: bool, watched: str, stdin: bytes = b"") -> bool:
        """Kill `contctl ARGS` soon after the answer to `watched` changes, or anywhere; whether it
        was killed rather than done."""
        before = rows(self.machine, watched)
        process = self.machine.start(*args)
        assert process.stdin is not None
        process.stdin.write(stdin)
        process.stdin.close()
        process.stdin = None
        if aimed:
            while process.poll() is None and not self._has_changed(watched, before):
                time.sleep(0.001)
            time.sleep(self.pick.uniform(0, WINDOW))
        else:
            time.sleep(self.pick.uniform(0, self.seconds))
        process.kill()
        process.communicate(timeout=SECONDS)
        assert process.returncode in (0, -signal.SIGKILL)
        return process.returncode != 0

    def _has_changed(self, watched: str, before: list[tuple[object, ...]]) -> bool:
        written_at = database(self.machine).stat().st_mtime_ns
        if written_at == self._written_at:
            return False
        self._written_at = written_at
        return rows(self.machine, watched) != before

    def assert_nothing_is_lost(self) -> None:
        """Assert that the database is whole and every row that was ever seen is there."""
        assert rows(self.machine, "PRAGMA integrity_check") == [("ok",)]
        now = self._rows()
        for table, ids in self._ids.items():
            assert ids <= now[table], table
        self._ids = now

    def assert_the_session_goes_on(self) -> None:
        """Assert that the next refresh works, and then the next command."""
        in_process(self.machine).sessions.refresh(None)
        assert in_process(self.machine).sessions.status().user.name == "ada"

    def _rows(self) -> dict[str, set[object]]:
        return {
            table: {row[0] for row in rows(self.machine, f"SELECT {key} FROM {table}")}
            for table, key in KEYS.items()
        }

    def _seconds_of_a_refresh(self) -> float:
        times = []
        for _ in range(3):
            began = time.monotonic()
            self.machine.done("refresh")
            times.append(time.monotonic() - began)
        return min(times)


def killed_refreshes(home: Path, seed: int, kills: int) -> Counter[str]:
    """Where `kills` kills of a refresh fell, each on its own checked to lose nothing."""
    victims = Victims(home, seed)
    found: Counter[str] = Counter()
    while found.total() < kills:
        aimed = victims.pick.random() < 0.6
        watched = "SELECT sum(generation) FROM sessions"
        if not victims.kill(("refresh",), aimed=aimed, watched=watched):
            continue
        kept, stored = generations(victims.machine)
        assert kept - stored in (0, 1)
        found[BETWEEN if kept > stored else "before or after"] += 1
        victims.assert_nothing_is_lost()
        victims.assert_the_session_goes_on()
        kept, stored = generations(victims.machine)
        assert kept == stored
    assert victims.machine.done("whoami") == "ada\n"
    victims.machine.done("refresh")
    assert not list((home / "contctl" / "credentials").glob("*.new"))
    return found


@pytest.mark.timeout(900)
def test_kill_9_anywhere_in_a_refresh(tmp_path: Path) -> None:
    homes = [tmp_path / "one", tmp_path / "two"]
    with ThreadPoolExecutor() as pool:
        runs = [
            pool.submit(killed_refreshes, home, SEED + number, KILLS // len(homes))
            for number, home in enumerate(homes)
        ]
        found = sum((run.result() for run in runs), Counter())
    share = found[BETWEEN] / found.total()
    print(f"{found.total()} kills of a refresh, {share:.0%} {BETWEEN}: {dict(found)}")
    assert found.total() >= KILLS
    assert share >= SHARE


def test_a_refresh_cut_off_between_commit_and_write(bare: Machine) -> None:
    """What a kill there leaves, made without luck."""
    bare.init()
    (path,) = (bare.home / "contctl" / "credentials").glob("*.json")
    for _ in range(2):
        before = path.read_bytes()
        bare.done("refresh")
        path.write_bytes(before)
        kept, stored = generations(bare)
        assert kept == stored + 1
    assert bare.done("whoami") == "ada\n"
    bare.done("refresh")
    assert len(set(generations(bare))) == 1
    assert bare.done("whoami") == "ada\n"


@pytest.mark.parametrize(
    ("args", "watched"),
    [
        (("login", "ada", "--password-stdin"), "SELECT count(*) FROM sessions"),
        (("user", "add", "bob{}", "--password-stdin"), "SELECT count(*) FROM users"),
    ],
    ids=["login", "user add"],
)
def test_kill_9_anywhere_in(tmp_path: Path, args: tuple[str, ...], watched: str) -> None:
    victims = Victims(tmp_path / "home", SEED)
    found: Counter[str] = Counter()
    for number in range(8):
        command = tuple(arg.format(number) for arg in args)
        killed = victims.kill(command, aimed=number % 2 == 0, watched=watched, stdin=LINE)
        found["killed" if killed else "done"] += 1
        victims.assert_nothing_is_lost()
        assert victims.machine.done("whoami") == "ada\n"
        victims.assert_the_session_goes_on()
    print(f"{' '.join(args)}: {dict(found)}")
    assert found["killed"] > 2


def test_kill_9_anywhere_in_an_init(tmp_path: Path) -> None:
    """It leaves no store, or a whole one."""
    pick = random.Random(SEED)
    machine = no_engine(tmp_path)
    init = ("init", "--username", "ada", "--password-stdin")
    for _ in range(6):
        process = machine.start(*init)
        assert process.stdin is not None
        process.stdin.write(LINE)
        process.stdin.close()
        process.stdin = None
        time.sleep(pick.uniform(0.1, 0.6))
        process.kill()
        process.communicate(timeout=SECONDS)
        if machine.run("login", "ada", "--password-stdin", stdin=LINE).code == 0:
            break
    assert machine.run(*init, stdin=LINE).code in (0, 6)
    machine.login("ada")
    assert machine.done("whoami") == "ada\n"
    assert rows(machine, "SELECT name FROM users") == [("ada",)]
