"""Turns at a database, and what many threads commit together."""

import random
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from contctl.backends.sqlite.connection import Database
from contctl.backends.sqlite.group_commit import GroupCommit
from contctl.backends.sqlite.turns import Turns
from contctl.core.domain.audit import AuditEntry, Phase
from contctl.core.errors import ContctlError, ErrorCode
from tests.bounded import SECONDS, eventually
from tests.sqlite.stores import created

THREADS = 16


def _may_read(turns: Turns) -> bool:
    try:
        with turns.take(0, alone=False):
            return True
    except TimeoutError:
        return False


def test_readers_are_side_by_side_and_writers_alone() -> None:
    turns = Turns()
    inside: list[bool] = []
    together: list[tuple[bool, ...]] = []

    def visit(number: int) -> None:
        alone = number % 3 == 0
        for _ in range(50):
            with turns.take(SECONDS, alone=alone):
                inside.append(alone)
                together.append(tuple(inside))
                time.sleep(random.random() / 1000)
                inside.remove(alone)

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(visit, range(THREADS)))
    assert len(together) == THREADS * 50
    assert max(map(len, together)) > 1
    assert all(len(found) == 1 for found in together if any(found))


def test_a_writer_is_not_overtaken() -> None:
    turns = Turns()
    written = threading.Event()

    def write() -> None:
        with turns.take(SECONDS, alone=True):
            written.set()

    with turns.take(0, alone=False):
        assert _may_read(turns)
        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        eventually(lambda: not _may_read(turns), "a reader waits behind the writer")
        assert not written.is_set()
    assert written.wait(SECONDS)
    writer.join(SECONDS)
    assert _may_read(turns)


def test_whoever_waits_too_long_leaves_the_others_their_turns() -> None:
    turns = Turns()
    with turns.take(0, alone=False):
        with pytest.raises(TimeoutError), turns.take(0, alone=True):
            raise AssertionError
        assert _may_read(turns)
    with turns.take(0, alone=True):
        assert not _may_read(turns)
    with pytest.raises(KeyError), turns.take(0, alone=True):
        raise KeyError
    assert _may_read(turns)


def test_a_database_that_another_thread_keeps_is_locked(folder: Path) -> None:
    database = Database(created(folder).database.folder, lock_timeout=0.01)
    with ThreadPoolExecutor(1) as pool, database.writing():

        def read() -> None:
            with database.reading():
                raise AssertionError

        error = pool.submit(read).exception(SECONDS)
    assert isinstance(error, ContctlError)
    assert (error.code, error.reason) == (ErrorCode.STORE, "locked")


class Disk:
    """Takes what is written, the first time only once `free` is set."""

    def __init__(self) -> None:
        self.free = threading.Event()
        self.groups: list[list[str]] = []
        self.tried = 0

    def write(self, values: Sequence[str]) -> list[int]:
        """Numbers by the order of writing."""
        self.tried += 1
        assert self.free.wait(SECONDS)
        if "bad" in values:
            raise ContctlError(ErrorCode.FAILED, "a bad value")
        if "locked" in values:
            raise ContctlError(ErrorCode.STORE, "locked", details={"reason": "locked"})
        first = sum(map(len, self.groups)) + 1
        self.groups.append(list(values))
        return list(range(first, first + len(values)))


def _appended(*values: str) -> tuple[Disk, list[int | BaseException]]:
    """What becomes of values that come while a first one is being written."""
    disk = Disk()
    commits = GroupCommit(disk.write)
    with ThreadPoolExecutor(len(values) + 1) as pool:
        first = pool.submit(commits.append, "first", SECONDS)
        eventually(lambda: disk.tried == 1, "the first is being written")
        others = [pool.submit(commits.append, value, SECONDS) for value in values]
        eventually(lambda: len(commits) == len(values) + 1, "the others wait")
        disk.free.set()
        assert first.result(SECONDS) == 1
        return disk, [each.exception(SECONDS) or each.result() for each in others]


def test_what_comes_meanwhile_is_written_together() -> None:
    disk, numbers = _appended("a", "b", "c")
    assert numbers == [2 + disk.groups[1].index(value) for value in "abc"]
    assert [sorted(group) for group in disk.groups] == [["first"], ["a", "b", "c"]]


def test_only_whose_value_is_bad_hears_of_it() -> None:
    _, found = _appended("a", "bad", "b")
    assert {type(each) for each in found} == {int, ContctlError}
    assert isinstance(found[1], ContctlError)
    assert len({found[0], found[2]}) == 2


def test_a_locked_disk_is_not_tried_twice_by_one() -> None:
    disk, found = _appended("locked")
    assert isinstance(found[0], ContctlError)
    assert disk.tried == 2


def test_whoever_waits_too_long_for_the_disk_is_told() -> None:
    disk = Disk()
    commits = GroupCommit(disk.write)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(commits.append, "first", SECONDS)
        eventually(lambda: disk.tried == 1, "the first is being written")
        with pytest.raises(TimeoutError):
            commits.append("late", 0.01)
        disk.free.set()
        assert first.result(SECONDS) == 1
    assert commits.append("next", 0.01) == 2
    assert disk.groups == [["first"], ["next"]]


def test_the_audit_log_keeps_all_that_threads_append_at_once(folder: Path) -> None:
    stores = created(folder)

    def append(number: int) -> dict[int, str]:
        entry = AuditEntry(1, Phase.READ, "container:logs", 0, target=f"{number}")
        return {stores.audit.append(entry): f"{number}"}

    with ThreadPoolExecutor(THREADS) as pool:
        numbers = list(pool.map(append, range(100)))
    kept = {record.number: record.entry.target for record in stores.audit.page(0, 1000)}
    assert kept == {number: target for each in numbers for number, target in each.items()}
    assert sorted(kept) == list(range(1, 101))
    assert sorted(kept.values(), key=int) == [f"{number}" for number in range(100)]
