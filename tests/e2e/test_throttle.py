"""Failed logins slow down further ones, and the ways out."""

import os
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

from contctl.core.domain.throttle import delay_after
from tests.e2e.machine import PASSWORD, Machine, Result
from tests.requirements import unavailable
from tests.sqlite.processes import NOBODY

NEW = b"another long password\n"
SIDE_BY_SIDE = 12


def login(machine: Machine, password: str, name: str = "ada") -> Result:
    return machine.run("login", name, "--password-stdin", stdin=password.encode())


def wrong(machine: Machine, name: str = "ada") -> Result:
    """A login that has to fail."""
    result = login(machine, "a wrong long password", name)
    assert (result.code, result.out) == (4, "")
    return result


def lock(machine: Machine) -> Result:
    """Fail until the next login has to wait for half a minute at least; the last failure."""
    for _ in range(10):
        result = wrong(machine)
        with closing(sqlite3.connect(machine.home / "contctl" / "contctl.db")) as connection:
            row = connection.execute("SELECT failures, last_at FROM login_failures").fetchone()
        if row[1] + delay_after(row[0]) > time.time() + 5:
            return result
        time.sleep(max(0, row[1] + delay_after(row[0]) - time.time()))
    raise AssertionError("it is never locked")


def test_wrong_logins_in_parallel_and_the_way_out(bare: Machine) -> None:
    bare.init()
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        results = set(pool.map(lambda _: wrong(bare), range(SIDE_BY_SIDE)))
    lock(bare)
    results.add(login(bare, PASSWORD))
    results.add(wrong(bare, "nobody"))
    assert len(results) == 1
    assert "throttled" in bare.done("audit", "ls", "-n", "10")
    assert bare.run("user", "unlock", "ada").err == "unlocked ada\n"
    assert login(bare, PASSWORD).code == 0


def test_the_last_admin_comes_in_again(bare: Machine) -> None:
    bare.init()
    lock(bare)
    result = bare.run("store", "recover-admin", "--password-stdin", stdin=NEW)
    assert (result.code, result.out) == (0, "")
    assert result.err == (
        "reset the password of ada; all sessions of ada ended\nhint: run 'contctl login ada'\n"
    )
    ended = bare.run("whoami")
    assert (ended.code, ended.out) == (4, "")
    bare.done("login", "ada", "--password-stdin", stdin=NEW)
    assert "store:recover-admin" in bare.done("audit", "ls")
    assert login(bare, PASSWORD).code == 4


def test_recovery_needs_a_store(bare: Machine) -> None:
    for args in ((), ("ada",)):
        result = bare.run("store", "recover-admin", *args, "--password-stdin", stdin=NEW)
        assert (result.code, result.out) == (9, "")
        assert "hint: run 'contctl init' to make one\n" in result.err


def test_recovery_is_for_the_stores_own_user(bare: Machine) -> None:
    if os.geteuid() != 0:
        unavailable("only root may give files away")
    bare.init()
    folder = bare.home / "contctl"
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY)
    result = bare.run("store", "recover-admin", "--password-stdin", stdin=NEW)
    assert (result.code, result.out) == (9, "")
    assert f"it belongs to uid {NOBODY}" in result.err
    for path in (folder, *folder.rglob("*")):
        os.chown(path, 0, 0)
    assert login(bare, PASSWORD).code == 0
