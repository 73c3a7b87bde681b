"""init, login, refresh, logout, whoami, auth status: what they print and how they end."""

import json

import pytest

from contctl.core.errors import ContctlError, ErrorCode
from tests.commands.harness import PASSWORD, Shell

LINE = f"{PASSWORD}\n".encode()


def test_the_first_steps(empty_shell: Shell) -> None:
    result = empty_shell.run("init", "--username", "ada", "--password-stdin", stdin=LINE)
    assert (result.code, result.out) == (0, "")
    assert result.err == (
        "made the user database with its first admin, ada\nhint: run 'contctl login ada'\n"
    )
    result = empty_shell.run("login", "ada", "--password-stdin", stdin=LINE)
    assert (result.code, result.out) == (0, "")
    assert result.err.startswith("logged in as ada; the access token is good until ")
    assert empty_shell.run("whoami").out == "ada\n"


def test_init_takes_the_name_of_the_systems_user(empty_shell: Shell) -> None:
    empty_shell.done("init", "--password-stdin", stdin=LINE)
    empty_shell.login("root")


def test_a_second_init_asks_nothing_and_ends_with_6(shell: Shell) -> None:
    result = shell.run("init")
    assert (result.code, result.out) == (6, "")
    assert result.err.startswith("error: contctl is initialised here already\nhint: ")


@pytest.mark.parametrize("command", ["ps", "whoami", "auth status", "user ls", "stop web"])
def test_without_a_store_or_a_session_the_code_is_4(empty_shell: Shell, command: str) -> None:
    result = empty_shell.run(*command.split())
    assert (result.code, result.out) == (4, "")
    assert "hint: run 'contctl init'" in result.err
    empty_shell.init()
    empty_shell.done("logout")
    result = empty_shell.run(*command.split())
    assert (result.code, result.out) == (4, "")
    assert result.err == "error: not logged in\nhint: run 'contctl login'\n"


@pytest.mark.parametrize(
    "args", [("init",), ("login", "ada"), ("login",), ("user", "add", "bob"), ("user", "passwd")]
)
def test_a_password_is_never_waited_for_without_a_terminal(shell: Shell, args: tuple[str]) -> None:
    fresh = Shell() if args == ("init",) else shell
    result = fresh.run(*args, stdin=LINE)
    assert (result.code, result.out) == (2, "")
    assert result.err.endswith("hint: use --password-stdin\n")


@pytest.mark.parametrize(
    ("stdin", "message"),
    [
        (b"", "standard input holds no password"),
        (b"\n", "standard input holds no password"),
        (b"one\ntwo\n", "standard input holds more than one line"),
        (b"one\n\n", "standard input holds more than one line"),
        (b"\xff\xfe long enough for all\n", "the password on standard input is not UTF-8"),
    ],
)
def test_standard_input_holds_one_line(shell: Shell, stdin: bytes, message: str) -> None:
    result = shell.run("user", "add", "bob", "--password-stdin", stdin=stdin)
    assert (result.code, result.err) == (2, f"error: {message}\n")


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_one_line_ending_is_stripped(shell: Shell, end: bytes) -> None:
    shell.done("login", "ada", "--password-stdin", stdin=PASSWORD.encode() + end)


def test_a_wrong_password_ends_with_4_and_keeps_the_session(shell: Shell) -> None:
    for name in ("ada", "nobody"):
        result = shell.run("login", name, "--password-stdin", stdin=b"a wrong long password")
        assert (result.code, result.out) == (4, "")
        assert result.err == (
            "error: wrong user name or password\n"
            "hint: after several failures logins have to wait, up to 15 minutes;"
            " an admin can run 'contctl user unlock NAME'\n"
        )
    assert shell.run("whoami").code == 0


def test_an_expired_token_names_the_command_that_helps(shell: Shell) -> None:
    shell.clock.advance(600)
    result = shell.run("ps")
    assert (result.code, result.out) == (4, "")
    assert result.err == "error: the access token has expired\nhint: run 'contctl refresh'\n"
    result = shell.run("refresh")
    assert (result.code, result.out) == (0, "")
    assert result.err.startswith("renewed; the access token is good until ")
    assert shell.run("ps").code == 0


def test_auth_status_says_whether_an_expired_token_can_be_renewed(shell: Shell) -> None:
    shell.clock.advance(600)
    result = shell.run("auth", "status")
    assert (result.code, result.out) == (4, "")
    assert result.err == (
        "error: the access token has expired; it can still be renewed\n"
        "hint: run 'contctl refresh'\n"
    )
    shell.clock.advance(7 * 86400)
    result = shell.run("auth", "status", "--json")
    assert (result.code, result.out) == (4, "")
    assert result.err == (
        "error: the access token has expired, and it is too late to renew it\n"
        "hint: run 'contctl login'\n"
    )


def test_refresh_if_expiring(shell: Shell) -> None:
    assert shell.run("refresh", "--if-expiring", "2m").err.startswith("not renewed yet; ")
    shell.clock.advance(500)
    assert shell.run("refresh", "--if-expiring", "2m").err.startswith("renewed; ")
    result = shell.run("refresh", "--if-expiring", "soon")
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        "error: not a duration: 'soon'\nhint: durations are written 90s, 10m, 12h or 7d\n"
    )


def test_logout_twice(shell: Shell) -> None:
    assert shell.run("logout").err == "logged out ada\n"
    again = shell.run("logout")
    assert (again.code, again.err) == (0, "nobody was logged in\n")


def test_status_in_words_and_as_json(shell: Shell) -> None:
    out = shell.done("auth", "status")
    assert "user:           ada\n" in out
    assert "roles:          admin\n" in out
    document = json.loads(shell.done("auth", "status", "--json"))
    assert document == json.loads(shell.done("whoami", "--json"))
    assert sorted(document) == [
        "access_expires_at",
        "authority",
        "ci_token",
        "credential_store",
        "refresh_expires_at",
        "roles",
        "session_ends_at",
        "session_id",
        "user",
        "user_id",
    ]
    assert document["access_expires_at"] == "2023-11-14T22:23:20Z"


def test_login_with_the_explicit_file_store(shell: Shell) -> None:
    shell.done("login", "ada", "--password-stdin", "--store", "file", stdin=LINE)
    assert shell.ports.stores.file.texts
    result = shell.run("login", "ada", "--password-stdin", "--store", "drawer", stdin=LINE)
    assert result.code == 2
    assert result.err.startswith("error: invalid value for '--store'")


def test_a_login_tells_what_it_had_to_leave_behind(shell: Shell) -> None:
    shell.ports.stores.keyring.broken = ContctlError(ErrorCode.STORE, "locked")
    result = shell.run("login", "ada", "--password-stdin", "--store", "file", stdin=LINE)
    assert (result.code, result.out) == (0, "")
    assert result.err.splitlines()[1:] == [
        "warning: the fake keyring cannot be used; the session that it holds goes on",
        "hint: 'contctl session ls' shows it, 'contctl session revoke' ends it",
    ]


def test_sessions_are_listed_and_ended(shell: Shell) -> None:
    (session,) = json.loads(shell.done("session", "ls", "--json"))["sessions"]
    assert sorted(session) == [
        "created_at", "current", "ends_at", "id", "renewed_at", "user", "user_id",
    ]  # fmt: skip
    assert shell.done("session", "ls", "-q") == f"{session['id']}\n"
    assert shell.done("session", "ls").splitlines()[1].startswith(session["id"])
    result = shell.run("session", "revoke", "nope", session["id"])
    assert (result.code, result.out) == (3, f"{session['id']}\n")
    assert result.err == "error: no such session: nope\n"
    assert shell.run("session", "ls").code == 4
