"""The store as a whole with the installed command: upgrade, check, backup, modes."""

import json
import random
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest

from contctl.backends.argon2 import Argon2Hasher
from contctl.backends.clock import SystemClock
from contctl.backends.signing_keys import SigningKeyFile
from contctl.core.domain.secret import Secret
from tests.adversarial.homes import no_engine
from tests.adversarial.refusals import assert_refused
from tests.e2e.machine import CONTCTL, PASSWORD, SECONDS, Machine, Result
from tests.e2e.unprivileged import Unprivileged
from tests.sqlite.first_version import first_version

LINE = PASSWORD.encode()
RECORDS = 3000
PASSWORD_HASH = Argon2Hasher().hash(Secret(PASSWORD))


def database(machine: Machine) -> Path:
    """The path of its database."""
    return machine.home / "contctl" / "contctl.db"


def version(machine: Machine) -> int:
    """The version that its database says it has."""
    with closing(sqlite3.connect(database(machine), timeout=SECONDS)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def make_older(machine: Machine) -> None:
    """Make the store of the first contctl, with the admin `root` and a long audit log."""
    folder = machine.home / "contctl"
    first_version(folder, RECORDS)
    SigningKeyFile(folder / "keys", SystemClock()).ensure()
    with closing(sqlite3.connect(folder / "contctl.db", isolation_level=None)) as connection:
        connection.execute("UPDATE users SET password_hash = ?", (PASSWORD_HASH,))


@pytest.fixture
def older(bare: Machine) -> Machine:
    """A machine with the store of the first contctl."""
    make_older(bare)
    return bare


def test_everyday_commands_refuse_an_older_store(older: Machine) -> None:
    before = database(older).read_bytes()
    for args in (("ps",), ("stop", "web"), ("auth", "can-i", "stop"), ("rm", "-f", "web")):
        result = older.run(*args)
        assert_refused(result, 9, "is older than this contctl: its version is 1, and 2 is needed")
        assert result.err.splitlines()[1] == (
            "hint: run 'contctl store check --migrate'"
            " (or any account command such as 'contctl login')"
        )
    assert database(older).read_bytes() == before


def test_a_check_tells_of_an_older_store_and_leaves_it(older: Machine) -> None:
    before = database(older).read_bytes()
    result = older.run("store", "check")
    assert (result.code, result.err) == (9, "")
    assert "\nFAIL  version      the store" in result.out
    assert database(older).read_bytes() == before
    assert "FAIL  store" in older.run("doctor").out


def test_a_login_migrates_it(older: Machine) -> None:
    older.login("root")
    assert version(older) == 2
    records = json.loads(older.done("audit", "ls", "-n", "10", "--json"))["records"]
    recorded = [entry for entry in records if entry["action"] == "store:migrate"]
    assert [entry["detail"] for entry in recorded] == ["version 1 to 2", "version 1 to 2"]
    assert older.done("whoami") == "root\n"
    assert older.run("ps").code == 7
    assert (older.home / "contctl" / "contctl.db.v1-backup").stat().st_mode & 0o7777 == 0o600
    assert "FAIL" not in older.done("store", "check")


def test_a_check_migrates_it_when_asked(older: Machine) -> None:
    result = older.run("store", "check", "--migrate")
    assert result.code == 0, result.out
    assert result.err.startswith("migrated the store from version 1 to 2\n")
    assert "FAIL" not in result.out
    again = older.run("store", "check", "--migrate", "--json")
    assert (again.code, again.err) == (0, "")
    assert {check["level"] for check in json.loads(again.out)["checks"]} == {"ok"}


def test_many_at_once_migrate_it_once(older: Machine) -> None:
    processes = [
        older.start("store", "check", "--migrate", stdin=subprocess.DEVNULL) for _ in range(6)
    ]
    ends = [(*process.communicate(timeout=2 * SECONDS), process.returncode)
            for process in processes]  # fmt: skip
    assert [code for _, _, code in ends] == [0] * 6, ends
    assert sum(err != b"" for _, err, _ in ends) == 1
    older.login("root")


def test_a_killed_migration_is_completed_by_the_next(tmp_path: Path) -> None:
    pick = random.Random(20)
    left = []
    for attempt in range(10):
        machine = no_engine(tmp_path / str(attempt))
        machine.home.mkdir(mode=0o700)
        make_older(machine)
        process = machine.start("store", "check", "--migrate", stdin=subprocess.DEVNULL)
        time.sleep(pick.uniform(0.5, 1.8))
        process.kill()
        process.communicate(timeout=SECONDS)
        left.append(version(machine))
        assert machine.run("store", "check", "--migrate").code == 0
        machine.login("root")
        assert version(machine) == 2
    assert set(left) <= {1, 2}


def test_an_older_store_that_no_copy_can_be_made_of_stays_as_it_was(older: Machine) -> None:
    before = database(older).read_bytes()
    limited = 'ulimit -f 100; trap "" XFSZ; exec "$@"'
    for args in (("store", "check", "--migrate"), ("login", "root", "--password-stdin")):
        done = subprocess.run(
            ["/bin/sh", "-c", limited, "sh", str(CONTCTL), *args],
            env=older.environment(),
            input=LINE,
            capture_output=True,
            check=False,
            timeout=SECONDS,
        )
        assert_refused(
            Result(done.returncode, done.stdout.decode(), done.stderr.decode()), 9, "the copy "
        )
        assert database(older).read_bytes() == before
    older.login("root")


def test_a_restored_backup_goes_on(bare: Machine) -> None:
    bare.init()
    bare.done("user", "add", "bob", "--password-stdin", stdin=LINE)
    backup = bare.home / "backup"
    result = bare.run("store", "backup", str(backup))
    assert (result.code, result.out) == (0, ""), result.err
    assert "the signing keys in keys/ are not in it" in result.err
    assert backup.stat().st_mode & 0o7777 == 0o600
    bare.done("refresh")
    assert bare.done("whoami") == "ada\n"
    bare.done("user", "rm", "bob")
    backup.replace(database(bare))
    assert "FAIL" not in bare.done("store", "check")
    for command in ("whoami", "refresh", "ps"):
        result = bare.run(command)
        assert (result.code, result.out) == (4, ""), result.err
    with closing(sqlite3.connect(database(bare))) as connection:
        assert connection.execute("SELECT revoked_at FROM sessions").fetchall() == [(None,)]
    bare.login("ada")
    assert "bob" in bare.done("user", "ls")
    assert bare.run("ps").code == 7


def test_a_backup_replaces_nothing_and_follows_nothing(bare: Machine) -> None:
    bare.init()
    place = bare.home / "backup"
    place.symlink_to(bare.home / "elsewhere")
    result = bare.run("store", "backup", str(place))
    assert (result.code, result.out) == (6, "")
    assert result.err.startswith(f"error: there is a file {place} already\nhint: ")
    assert not (bare.home / "elsewhere").exists()
    assert_refused(bare.run("store", "backup", str(bare.home / "nowhere" / "backup")), 9)


def test_a_backup_into_a_folder_that_is_gone(bare: Machine) -> None:
    bare.init()
    place = bare.home / "gone"
    place.mkdir()
    done = subprocess.run(
        ["/bin/sh", "-c", 'rmdir "$PWD"; exec "$@"', "sh", str(CONTCTL), "store", "backup", "file"],
        cwd=place,
        env=bare.environment(),
        capture_output=True,
        check=False,
        timeout=SECONDS,
    )
    assert (done.returncode, done.stdout) == (2, b"")
    assert done.stderr == b"error: the working folder is not there any more\n"


def test_backups_while_others_write(bare: Machine) -> None:
    bare.init()
    writers = [bare.start("refresh", stdin=subprocess.DEVNULL) for _ in range(6)]
    backups = [
        bare.start("store", "backup", str(bare.home / f"backup-{number}"), stdin=subprocess.DEVNULL)
        for number in range(3)
    ]
    for process in (*writers, *backups):
        _, err = process.communicate(timeout=2 * SECONDS)
        assert process.returncode == 0, err
    for number in range(3):
        with closing(sqlite3.connect(bare.home / f"backup-{number}")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_modes_are_repaired(unprivileged: Unprivileged) -> None:
    home = unprivileged.home / "contctl"
    paths = [home, *home.rglob("*")]
    for path in paths:
        path.chmod(0o777 if path.is_dir() else 0o666)
    assert_refused(unprivileged.run("whoami"), 9, "other users have access to it")
    result = unprivileged.run("doctor", "--repair-modes")
    for path in paths:
        assert f"{path}: took other users' access away" in result.err
        assert path.lstat().st_mode & 0o077 == 0
    assert "ok    files        private to this user\n" in result.out
    assert unprivileged.done("whoami") == "ada\n"
