"""store check, store backup, doctor --repair-modes: what they print and how they end."""

import json
from pathlib import Path

from contctl.core.errors import ContctlError, ErrorCode
from tests.commands.harness import Shell


def test_a_check_prints_a_line_each(empty_shell: Shell) -> None:
    empty_shell.init()
    empty_shell.done("logout")
    assert empty_shell.done("store", "check").splitlines() == [
        "ok    integrity    sound",
        "ok    keys         one that signs, 0 older that verify still",
        "ok    files        private to this user",
    ]
    document = json.loads(empty_shell.done("store", "check", "--json"))
    assert [check["name"] for check in document["checks"]] == ["integrity", "keys", "files"]


def test_a_failed_check_ends_with_9(shell: Shell) -> None:
    shell.ports.store.content.broken = ContctlError(
        ErrorCode.STORE, "the store is da\x1bmaged", hint="restore a backup"
    )
    shell.ports.modes.found = ("file is refused: it is a link",)
    result = shell.run("store", "check", tty=True)
    assert (result.code, result.err) == (9, "")
    assert result.out.splitlines() == [
        "FAIL  integrity    the store is da\\x1bmaged",
        "                   hint: restore a backup",
        "ok    keys         one that signs, 0 older that verify still",
        "FAIL  files        file is refused: it is a link",
        "                   hint: 'contctl doctor --repair-modes' takes other users' access away;"
        " links are yours to remove",
    ]
    result = shell.run("store", "check", "--json")
    assert result.code == 9
    assert [check["level"] for check in json.loads(result.out)["checks"]] == [
        "failed",
        "ok",
        "failed",
    ]


def test_an_older_store_is_migrated_when_asked(shell: Shell) -> None:
    shell.ports.store.content.older = True
    assert shell.run("ps").code == 9
    result = shell.run("store", "check")
    assert result.code == 9
    assert "hint: run 'contctl store check --migrate'" in result.out
    result = shell.run("store", "check", "--migrate")
    assert result.code == 0
    assert result.err == (
        "migrated the store from version 1 to 2\nthe store as it was is in the copy\n"
    )
    assert result.out.startswith("ok    integrity")
    again = shell.run("store", "check", "--migrate")
    assert (again.code, again.err) == (0, "")
    assert shell.run("ps").code == 0


def test_a_backup_says_what_is_in_it_and_what_is_not(shell: Shell, tmp_path: Path) -> None:
    place = tmp_path / "backup"
    result = shell.run("store", "backup", str(place))
    assert (result.code, result.out) == (0, "")
    assert result.err.startswith(f"wrote {place}: ")
    assert "password hashes" in result.err
    assert "the signing keys in keys/ are not in it" in result.err
    assert shell.ports.store.backups == [place]
    result = shell.run("store", "backup", str(place))
    assert (result.code, result.out) == (6, "")
    assert shell.run("store", "backup").code == 2


def test_modes_are_repaired_before_the_diagnosis(shell: Shell) -> None:
    shell.ports.modes.found = ("one", "two")
    result = shell.run("doctor", "--repair-modes")
    assert result.err == "repaired: one\nrepaired: two\n"
    assert "ok    files        private to this user\n" in result.out
    shell.ports.modes.found = ("one",)
    result = shell.run("doctor", "--repair-modes", "--json")
    assert json.loads(result.out)["checks"]
    shell.ports.modes.found = ("one",)
    assert "FAIL  files        one\n" in shell.run("doctor").out
