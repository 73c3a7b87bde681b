"""Failed logins in the database: at once, and how much of them is kept."""

import sqlite3
from contextlib import closing
from pathlib import Path

from contctl.core.domain.throttle import FORGOTTEN_AFTER, FREE_ATTEMPTS
from tests.contracts.login_throttle import ODD_NAMES
from tests.contracts.stores import NOW
from tests.sqlite.processes import run_at_once
from tests.sqlite.stores import SqliteStores, created

PATIENT = 30.0


def rows(stores: SqliteStores) -> list[tuple[str, str, int]]:
    """Account, peer and count of each row."""
    with closing(sqlite3.connect(stores.database.path)) as connection:
        return connection.execute(
            "SELECT account, peer, failures FROM login_failures ORDER BY account"
        ).fetchall()


def test_of_many_attempts_at_once_only_the_free_ones_are_judged(folder: Path) -> None:
    stores = created(folder)

    def attempt(_: int) -> bool:
        return SqliteStores(folder, PATIENT).throttle.attempt("ada", "uid 0", NOW)

    assert sum(run_at_once(50, attempt)) == FREE_ATTEMPTS
    assert rows(stores) == [("ada", "uid 0", FREE_ATTEMPTS)]


def test_rows_go_after_a_day(folder: Path) -> None:
    stores = created(folder)
    for number in range(20):
        stores.throttle.attempt(f"name-{number}", "uid 0", NOW + number)
    stores.throttle.attempt("last", "uid 0", NOW + FORGOTTEN_AFTER + 17)
    assert [account for account, _, _ in rows(stores)] == ["last", "name-18", "name-19"]


def test_odd_names_are_kept_short(folder: Path) -> None:
    stores = created(folder)
    for name in ODD_NAMES:
        stores.throttle.attempt(name, name, NOW)
    kept = rows(stores)
    assert len(kept) == len(ODD_NAMES)
    assert all(len(text) <= 71 for account, peer, _ in kept for text in (account, peer))


def test_a_refused_attempt_is_written_like_any_other(folder: Path) -> None:
    """SQLite counts the changes of the file in its header (https://sqlite.org/fileformat.html,
    section 1.3.7)."""
    stores = created(folder)
    counts = []
    for _ in range(7):
        stores.throttle.attempt("ada", "uid 0", NOW)
        counts.append(int.from_bytes(stores.database.path.read_bytes()[24:28], "big"))
    assert counts == list(range(counts[0], counts[0] + 7))
