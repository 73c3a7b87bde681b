"""The audit log on the installed command: what a check finds after the database was edited."""

import base64
import hashlib
import hmac
import json
import os
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.e2e.machine import PASSWORD, SECONDS, Machine, Result

LAST, ANCHORED = 14, 12
COLUMNS = (
    *("at", "phase", "action", "uid", "user_id", "user", "session_id", "target", "target_name"),
    *("intent", "result", "detail", "token_id", "mac"),
)


@dataclass(frozen=True)
class Logged:
    """A machine with 14 records: 1 to 9 are in the sealed segment 1, the others in the open one.

    anchor: of record 12.  older: a copy of the database that ends with record 10.
    """

    machine: Machine
    anchor: Path
    older: Path

    @property
    def database(self) -> Path:
        """The database file."""
        return self.machine.home / "contctl" / "contctl.db"

    def edit(self, *statements: str) -> None:
        """Change the database behind contctl's back."""
        with sqlite3.connect(self.database) as connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()

    def verify(self, *args: str) -> Result:
        """Check the log."""
        return self.machine.run("audit", "verify", *args)

    def anchored(self) -> Result:
        """Check the log against the anchor."""
        return self.verify("--anchor", str(self.anchor))


def on(home: Path) -> Logged:
    """The machine whose home is `home`."""
    environ = {
        "CONTCTL_CREDENTIAL_STORE": "file",
        "DOCKER_HOST": f"unix://{home}/no-engine.sock",
    }
    return Logged(Machine(home, environ), home / "anchor", home / "older.db")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a Logged that all tests copy."""
    logged = on(tmp_path_factory.mktemp("logged") / "home")
    logged.machine.home.mkdir(mode=0o700)
    logged.machine.init()
    for _ in range(2):
        logged.machine.done("refresh")
    logged.machine.done("audit", "rotate")
    shutil.copy(logged.database, logged.older)
    user = ("user", "disable", "nobody-of-that-name")
    assert logged.machine.run(*user).code == 3
    logged.machine.done("user", "add", "bob", "--password-stdin", stdin=PASSWORD.encode())
    logged.anchor.write_text(logged.machine.done("audit", "head"))
    logged.machine.done("user", "disable", "bob")
    return logged.machine.home


@pytest.fixture
def logged(prepared: Path, tmp_path: Path) -> Logged:
    """A Logged of the test's own."""
    shutil.copytree(prepared, tmp_path / "home")
    return on(tmp_path / "home")


def found(result: Result, record: int, message: str = "") -> None:
    """Assert exit 1, and that the first bad record is named."""
    assert (result.code, result.out) == (1, "")
    error, hint = result.err.splitlines()
    assert error.startswith("error: the audit log is not as it was written: ")
    assert message in error
    assert re.match(rf"hint: the first bad record is {record}\b", hint)


def test_a_log_that_nobody_changed(logged: Logged) -> None:
    assert logged.verify() == Result(0, "14 records in 2 segments are in order\n", "")
    said = "14 records in 2 segments are in order, and the anchored one is among them\n"
    assert logged.anchored() == Result(0, said, "")
    document = json.loads(logged.machine.done("audit", "verify", "--json"))
    assert document == {
        "in_order": True,
        "records": LAST,
        "segments": 2,
        "older": 0,
        "first_bad_record": None,
        "problem": None,
    }
    assert json.loads(logged.anchor.read_text())["record"] == ANCHORED


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("number", [6, LAST])
def test_a_changed_column(logged: Logged, column: str, number: int) -> None:
    logged.edit(
        f"UPDATE audit SET {column} = coalesce({column}, '') || '1' WHERE number = {number}"
    )
    found(logged.verify(), number, f"record {number} was changed")


@pytest.mark.parametrize("value", ["NULL", "X'00'", "CAST(X'ff80' AS TEXT)"])
def test_a_column_of_another_kind(logged: Logged, value: str) -> None:
    column = "intent" if value == "NULL" else "target_name"
    logged.edit(f"UPDATE audit SET {column} = {value} WHERE number = 6")
    found(logged.verify(), 6, "record 6 was changed")


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("target_name", "CAST(X'ff80' AS TEXT)", 0),
        ("target_name", "X'00'", 9),
        ("at", "'soon'", 9),
        ("at", "1 << 62", 9),
        ("intent", "'first'", 9),
        ("phase", "'maybe'", 9),
    ],
)
def test_reading_a_record_that_was_spoilt(
    logged: Logged, column: str, value: str, code: int
) -> None:
    logged.edit(f"UPDATE audit SET {column} = {value} WHERE number = 6")
    for args in (("ls",), ("tail",), ("export",)):
        result = logged.machine.run("audit", *args)
        assert result.code == code, args
        assert result.err.count("error: ") == (code != 0)
    found(logged.verify(), 6)


@pytest.mark.parametrize("number", [1, 6, 9, 10, 13])
def test_a_deleted_record(logged: Logged, number: int) -> None:
    logged.edit(f"DELETE FROM audit WHERE number = {number}")
    found(logged.verify(), number, f"record {number} is missing")


def test_a_log_that_was_wiped(logged: Logged) -> None:
    logged.edit("DELETE FROM audit", "DELETE FROM audit_segments")
    result = logged.verify()
    assert (result.code, result.out) == (1, "")
    assert "not even the first one" in result.err


def test_a_log_that_goes_on_after_its_last_record_was_deleted(logged: Logged) -> None:
    logged.edit(f"DELETE FROM audit WHERE number = {LAST}")
    logged.machine.done("user", "enable", "bob")
    found(logged.verify(), LAST, f"record {LAST} is missing")


def copied(source: int, number: int) -> str:
    """A statement that copies a record to another number."""
    columns = ", ".join(COLUMNS)
    return f"INSERT INTO audit SELECT {number}, {columns} FROM audit WHERE number = {source}"


SWAP = tuple(
    f"UPDATE audit SET number = {new} WHERE number = {old}"
    for new, old in ((99, 6), (6, 7), (7, 99))
)
INSERT = (
    "INSERT INTO audit (at, phase, action, uid, user_id, user, session_id, target, target_name,"
    " result, detail, mac) VALUES (1, 'read', 'x', 0, '', '', '', '', '', '', '', randomblob(32))"
)


@pytest.mark.parametrize(
    ("statements", "record"),
    [
        (SWAP, 6),
        ([copied(LAST, 15)], 15),
        ([copied(3, 15)], 15),
        ([copied(3, 0)], 0),
        ([INSERT], 15),
    ],
    ids=["swapped", "copied", "copied from another segment", "copied to the front", "inserted"],
)
def test_records_in_other_places(logged: Logged, statements: Sequence[str], record: int) -> None:
    logged.edit(*statements)
    found(logged.verify(), record)


@pytest.mark.parametrize(
    ("statement", "record"),
    [
        ("UPDATE audit_segments SET first = 2 WHERE number = 1", 1),
        ("UPDATE audit_segments SET last = 8 WHERE number = 1", 8),
        ("UPDATE audit_segments SET head = randomblob(32) WHERE number = 1", 9),
        ("UPDATE audit_segments SET sealed_at = sealed_at + 1 WHERE number = 1", 9),
        ("UPDATE audit_segments SET seal = randomblob(32) WHERE number = 1", 9),
        ("UPDATE audit_segments SET key_id = 'other' WHERE number = 1", 1),
        ("UPDATE audit_segments SET number = 3 WHERE number = 2", 10),
        ("DELETE FROM audit_segments WHERE number = 1", 1),
        ("DELETE FROM audit_segments WHERE number = 2", 1),
        ("DELETE FROM audit_segments", 1),
    ],
)
def test_a_changed_segment(logged: Logged, statement: str, record: int) -> None:
    logged.edit(statement)
    result = logged.verify()
    assert result.code == 1
    assert re.search(rf"the first bad record is {record}\b", result.err)


def test_a_log_sealed_again_without_the_key(logged: Logged) -> None:
    logged.edit(
        "DELETE FROM audit WHERE number BETWEEN 7 AND 9",
        "UPDATE audit_segments SET last = 6, seal = randomblob(32),"
        " head = (SELECT mac FROM audit WHERE number = 6) WHERE number = 1",
        "UPDATE audit SET number = number - 3 WHERE number > 9",
        "UPDATE audit_segments SET first = 7 WHERE number = 2",
    )
    found(logged.verify(), 6, "the seal of segment 1")


def test_a_chain_made_again_under_another_key(logged: Logged) -> None:
    other = on(logged.machine.home / "other")
    other.machine.home.mkdir(mode=0o700)
    other.machine.init()
    keys = other.database.parent / "keys" / "audit.json"
    shutil.copy(keys, logged.database.parent / "keys" / "audit.json")
    found(logged.verify(), 1, "the key of segment 1")
    refused = logged.machine.run("user", "enable", "bob")
    assert (refused.code, refused.out) == (9, "")


def test_a_cut_tail_shows_against_the_anchor(logged: Logged) -> None:
    logged.edit("DELETE FROM audit WHERE number > 11")
    assert logged.verify().out == "11 records in 2 segments are in order\n"
    found(logged.anchored(), 12, "the log was cut or replaced: it ends at record 11")


def test_an_older_copy_shows_against_the_anchor(logged: Logged) -> None:
    shutil.copy(logged.older, logged.database)
    assert logged.verify().out == "10 records in 2 segments are in order\n"
    found(logged.anchored(), 11, "the log was cut or replaced: it ends at record 10")
    for _ in range(2):
        logged.machine.done("refresh")
    assert logged.verify().code == 0
    found(logged.anchored(), ANCHORED, "the log was replaced: record 12 is not the anchored one")


def test_a_chain_that_was_taken_off_shows_against_the_anchor(logged: Logged) -> None:
    logged.edit("DELETE FROM audit_segments", "UPDATE audit SET mac = NULL")
    result = logged.verify()
    assert "14 records older than the chain, unprotected" in result.out
    found(logged.anchored(), ANCHORED, "older than the chain")


@pytest.mark.parametrize("kind", ["absent", "a folder", "text", "empty", "endless", "other store"])
def test_an_anchor_that_is_none(logged: Logged, kind: str) -> None:
    path = logged.machine.home / "bad"
    if kind == "a folder":
        path.mkdir()
    elif kind == "endless":
        path = Path("/dev/zero")
    elif kind == "other store":
        anchor = json.loads(logged.anchor.read_text()) | {"authority": "another"}
        path.write_text(json.dumps(anchor))
    elif kind != "absent":
        path.write_text("record 12" if kind == "text" else "")
    result = logged.verify("--anchor", str(path))
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith("error: the anchor ")


def test_a_store_of_an_older_version(logged: Logged) -> None:
    """Its records have no MACs, and it has no audit key."""
    logged.edit("DELETE FROM audit_segments", "UPDATE audit SET mac = NULL")
    key = logged.database.parent / "keys" / "audit.json"
    key.unlink()
    assert logged.verify().out == (
        "0 records in 0 segments are in order; 14 records older than the chain, unprotected\n"
    )
    assert logged.machine.run("audit", "head").code == 6
    logged.machine.done("user", "enable", "bob")
    assert key.stat().st_mode & 0o777 == 0o600
    assert logged.verify().out == (
        "2 records in 1 segment are in order; 14 records older than the chain, unprotected\n"
    )


@pytest.mark.parametrize("damage", ["missing", "garbage", "open to others"])
def test_without_its_key_nothing_is_changed_and_the_log_is_read(
    logged: Logged, damage: str
) -> None:
    key = logged.database.parent / "keys" / "audit.json"
    content = key.read_bytes()
    if damage == "missing":
        key.unlink()
    elif damage == "garbage":
        key.write_bytes(b"{}")
    else:
        key.chmod(0o644)
    for args in (("user", "enable", "bob"), ("audit", "rotate"), ("refresh",)):
        result = logged.machine.run(*args)
        assert (result.code, result.out) == (9, ""), args
        error, hint = result.err.splitlines()
        assert error.startswith("error: nothing can be recorded in the audit log: ")
        assert "audit.json" in hint
    assert len(logged.machine.done("audit", "ls").splitlines()) == LAST + 1
    refused = logged.verify()
    assert refused.code == 9
    assert refused.err.startswith("error: the audit log cannot be checked: ")
    key.unlink(missing_ok=True)
    key.touch(0o600)
    key.write_bytes(content)
    logged.machine.done("user", "enable", "bob")
    assert logged.verify().code == 0


def test_the_export_can_be_checked_by_whoever_has_the_key(logged: Logged) -> None:
    """With the standard library alone, by the rule as it is written down."""
    lines = logged.machine.done("audit", "export").splitlines()
    store = json.loads(logged.anchor.read_text())["authority"]
    kept = json.loads((logged.database.parent / "keys" / "audit.json").read_text())
    key_id = kept["current"]
    key = base64.urlsafe_b64decode(kept["keys"][key_id]["secret"] + "=")
    mac, segment = bytes(32), 0

    def follow(values: list[object]) -> bytes:
        text = json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode()
        return hmac.new(key, mac + text, hashlib.sha256).digest()

    fields = ["number", "at_ms", *COLUMNS[1:-1]]
    for line in lines:
        record = json.loads(line)
        if record["segment"] != segment:
            segment = record["segment"]
            mac = follow(["segment", store, segment, key_id, record["number"]])
        mac = follow(["record", *(record[field] for field in fields)])
        assert record["mac"] == mac.hex()
    assert [json.loads(line)["number"] for line in lines] == list(range(1, LAST + 1))


def test_export_and_list_from_a_time_on(logged: Logged) -> None:
    logged.edit("UPDATE audit SET at = 1700000000000 + number * 1000")
    bounds = ("--since", "2023-11-14T22:13:25Z", "--until", "1700000008")
    exported = logged.machine.done("audit", "export", *bounds).splitlines()
    assert [json.loads(line)["number"] for line in exported] == [5, 6, 7]
    listed = json.loads(logged.machine.done("audit", "ls", "--json", *bounds))["records"]
    assert [record["number"] for record in listed] == [5, 6, 7]


def test_an_action_whose_end_is_not_known(logged: Logged) -> None:
    logged.edit(f"DELETE FROM audit WHERE number = {LAST}")
    newest = logged.machine.done("audit", "ls", "--action", "user:", "-n", "1").splitlines()[1]
    assert newest.split()[2:] == ["ada", "user:disable", "bob", "intent", "unknown"]
    document = json.loads(logged.machine.done("audit", "tail", "-n", "3", "--json"))
    assert [record["result"] for record in document["records"]] == ["", "ok", "unknown"]


def followed(logged: Logged, *args: str) -> "subprocess.Popen[bytes]":
    """`audit tail -f` that has shown the newest record."""
    process = logged.machine.start("audit", "tail", "-f", "-n", "1", *args)
    assert process.stdout is not None
    assert b"user:disable" in process.stdout.readline()
    return process


def test_following_the_log(logged: Logged) -> None:
    process = followed(
        logged, "--action", "user:", "--format", "{{.Number}} {{.Phase}} {{.Action}}"
    )
    assert process.stdout is not None
    logged.machine.done("refresh")
    logged.machine.done("user", "enable", "bob")
    assert process.stdout.readline() == b"17 intent user:enable\n"
    assert process.stdout.readline() == b"18 outcome user:enable\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=SECONDS)
    assert (process.returncode, out, err) == (130, b"", b"")


def test_following_holds_nobody_up(logged: Logged) -> None:
    process = followed(logged)
    try:
        for _ in range(3):
            logged.machine.done("user", "disable", "bob")
    finally:
        process.terminate()
        process.communicate(timeout=SECONDS)
    assert process.returncode == 143


def test_a_reader_that_leaves_ends_it(logged: Logged) -> None:
    process = followed(logged)
    assert process.stdout is not None
    process.stdout.close()
    logged.machine.done("user", "enable", "bob")
    assert process.wait(SECONDS) == 141
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()


def test_records_are_copied_to_syslog(logged: Logged) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(logged.machine.home / "log"))
        receiver.settimeout(SECONDS)
        config = logged.database.parent / "config.toml"
        config.write_text(f'[audit]\nsyslog = "{receiver.getsockname()}"\n')
        logged.machine.done("user", "enable", "bob")
        copies = [receiver.recv(65536) for _ in range(2)]
    texts = [copy.partition(b": ")[2] for copy in copies]
    assert [json.loads(text)["number"] for text in texts] == [LAST + 1, LAST + 2]
    assert all(copy.startswith(b"<86>contctl[") for copy in copies)
    os.remove(logged.machine.home / "log")
    began = time.monotonic()
    result = logged.machine.run("user", "disable", "bob")
    assert (result.code, result.err.count("error")) == (0, 0)
    assert time.monotonic() - began < SECONDS / 2


@pytest.mark.docker
@pytest.mark.keyring
def test_what_was_done_to_a_container(machine: Machine, web: str) -> None:
    machine.done("stop", "-t", "0", web)
    machine.done("start", web)
    (container_id,) = machine.done("ps", "-q", "--no-trunc", "--filter", f"name={web}").split()
    listed = ("audit", "ls", "--format", "{{.Action}} {{.Phase}} {{.TargetID}}")
    created, *acts = machine.done(*listed, "--container", web).splitlines()
    assert created.startswith("container:create intent")
    for ref in (container_id, container_id[:12]):
        assert machine.done(*listed, "--container", ref).splitlines()[-4:] == acts[-4:]
    assert acts[-4:] == [
        f"container:{action} {phase} {container_id}"
        for action in ("stop", "start")
        for phase in ("intent", "outcome")
    ]
    assert machine.run("audit", "verify").code == 0
