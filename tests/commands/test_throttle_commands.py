"""Throttled logins, `user unlock`, `store recover-admin`: what they print and how they end."""

import pytest

from contctl.core.domain.roles import Role
from tests.commands.harness import PASSWORD, Result, Shell

LINE = f"{PASSWORD}\n".encode()
NEW = b"another long password\n"


def login(shell: Shell, name: str, line: bytes) -> Result:
    return shell.run("login", name, "--password-stdin", stdin=line)


def lock(shell: Shell, name: str) -> Result:
    """Fail until logins have to wait; the last failure."""
    return [login(shell, name, b"a wrong long password") for _ in range(4)][-1]


def test_a_throttled_login_looks_like_a_wrong_password(shell: Shell) -> None:
    wrong = lock(shell, "ada")
    assert (wrong.code, wrong.out) == (4, "")
    assert login(shell, "ada", LINE) == wrong
    assert lock(shell, "nobody") == wrong
    assert login(shell, "nobody", LINE) == wrong
    shell.clock.advance(2)
    assert login(shell, "ada", LINE).code == 0


def test_unlock(shell: Shell) -> None:
    lock(shell, "ada")
    result = shell.run("user", "unlock", "ada")
    assert (result.code, result.out, result.err) == (0, "", "unlocked ada\n")
    assert login(shell, "ada", LINE).code == 0
    result = shell.run("user", "unlock", "nobody")
    assert (result.code, result.out, result.err) == (3, "", "error: no such user: nobody\n")
    shell.login_as(Role.DEVELOPER)
    result = shell.run("user", "unlock", "ada")
    assert (result.code, result.out) == (5, "")
    assert "lacks user:manage" in result.err


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"passwordpassword", "is on a list of common passwords, or one of them padded"),
        (b"qwertyuiop1234567", "is a short pattern repeated, or a row of neighbouring keys"),
        (b"x" * 20, "is a short pattern repeated, or a row of neighbouring keys"),
        (b"contctl contctl", "is little more than the user's name or 'contctl'"),
    ],
)
def test_a_guessable_password_is_refused_in_one_line(
    shell: Shell, line: bytes, message: str
) -> None:
    result = shell.run("user", "add", "bob", "--password-stdin", stdin=line)
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        f"error: the password {message}\n"
        "hint: a few unrelated words make a long password that is easy to keep\n"
    )
    assert shell.run("user", "show", "bob").code == 3


def test_recover_admin(shell: Shell) -> None:
    lock(shell, "ada")
    result = shell.run("store", "recover-admin", "--password-stdin", stdin=NEW)
    assert (result.code, result.out) == (0, "")
    assert result.err == (
        "reset the password of ada; all sessions of ada ended\nhint: run 'contctl login ada'\n"
    )
    assert shell.run("whoami").code == 4
    assert login(shell, "ada", LINE).code == 4
    assert login(shell, "ada", NEW).code == 0


def test_recover_admin_names_whom_it_can_help(shell: Shell) -> None:
    shell.done("user", "add", "bob", "--role", "admin", "--password-stdin", stdin=LINE)
    shell.done("user", "add", "eve", "--role", "viewer", "--password-stdin", stdin=LINE)
    recover = ("store", "recover-admin", "--password-stdin")
    result = shell.run(*recover, stdin=NEW)
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "error: there are 2 enabled admins: say whose password to reset\n"
        "hint: name one of ada, bob\n"
    )
    assert shell.run(*recover, "bob", stdin=NEW).code == 0
    for name, code in (("eve", 6), ("nobody", 3)):
        result = shell.run(*recover, name, stdin=NEW)
        assert (result.code, result.out) == (code, "")
    assert shell.run("whoami").out == "ada\n"


def test_recover_admin_keeps_everything_where_the_password_is_no_good(shell: Shell) -> None:
    for line in (b"short", b"passwordpassword", b"", b"\xff" * 20, b"two\nlines of them\n"):
        result = shell.run("store", "recover-admin", "--password-stdin", stdin=line)
        assert (result.code, result.out) == (2, "")
    assert shell.run("whoami").out == "ada\n"
    assert login(shell, "ada", LINE).code == 0


def test_recover_admin_without_a_terminal(shell: Shell) -> None:
    result = shell.run("store", "recover-admin", stdin=NEW)
    assert (result.code, result.out) == (2, "")
    assert result.err.endswith("hint: use --password-stdin\n")
