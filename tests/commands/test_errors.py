"""The error boundary: one line, at most one hint, the right code, nothing on standard output."""

import pytest

from contctl.commands.output.exit_status import ExitStatus, status_of, status_of_all
from contctl.core.errors import ContctlError, ErrorCode
from tests.commands.harness import IMAGE, Shell

CODES = {
    "failed": 1,
    "usage": 2,
    "not-found": 3,
    "not-authenticated": 4,
    "forbidden": 5,
    "conflict": 6,
    "unavailable": 7,
    "unsupported": 8,
    "store": 9,
}


def test_every_kind_of_error_has_its_code() -> None:
    assert {str(code) for code in ErrorCode} == set(CODES)
    for code in ErrorCode:
        error = ContctlError(code, "it failed")
        assert status_of(error, runs_a_process=False) == CODES[code]
        assert status_of(error, runs_a_process=True) == 125


def test_several_targets_share_a_code_or_fail() -> None:
    absent = ContctlError(ErrorCode.NOT_FOUND, "absent")
    busy = ContctlError(ErrorCode.CONFLICT, "busy")
    assert status_of_all([]) is ExitStatus.DONE
    assert status_of_all([absent, absent]) is ExitStatus.NOT_FOUND
    assert status_of_all([absent, busy]) is ExitStatus.FAILED


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--bogus"], "no such option: --bogus"),
        (["stop"], "missing argument 'CONTAINER [CONTAINER...]'"),
        (["stop", "--bogus", "web"], "no such option: --bogus"),
        (["stop", "-t", "soon", "web"], "invalid value for '--timeout'"),
        (["stop", "-t", "9" * 20, "web"], "invalid value for '--timeout'"),
        (["audit", "ls", "-n", "9" * 20], "invalid value for '-n'"),
        (["rnu"], "no such command 'rnu'. Did you mean 'run'?"),
        (["stpo"], "no such command 'stpo'. Did you mean 'stop'"),
        (["user", "grnt"], "no such command 'grnt'"),
        (["audit", "ls", "-n", "0"], "invalid value for '-n'"),
        (["user", "add", "x", "--role", "god"], "invalid value for '--role'"),
        (["--debug"], "missing command"),
    ],
)
def test_usage_errors(shell: Shell, args: list[str], message: str) -> None:
    result = shell.run(*args)
    assert (result.code, result.out) == (2, "")
    error, *rest = [line for line in result.err.splitlines() if not line.startswith(("  ", "N"))]
    assert error.startswith(f"error: {message}") or "--debug" in args
    assert rest == [] or rest[-1].startswith("hint: see 'contctl")


@pytest.mark.parametrize(
    ("args", "code", "begin"),
    [
        (["run", "--bogus", IMAGE], 125, "error[usage]: no such option"),
        (["run", "-d", "no-such-image:1"], 125, "error[not-found]: "),
        (["run", "--network", "", IMAGE], 125, "error[usage]: no name set for network"),
        (["run", "", "true"], 125, "error[usage]: an image is needed"),
        (["exec", "nope", "true"], 125, "error[not-found]: no such container: nope"),
        (["exec", "nope"], 125, "error[usage]: missing argument"),
        (["start", "-a", "nope"], 125, "error[not-found]: no such container: nope"),
    ],
)
def test_commands_that_run_a_process_have_125(
    shell: Shell, args: list[str], code: int, begin: str
) -> None:
    result = shell.run(*args)
    assert (result.code, result.out) == (code, "")
    assert begin in result.err


def test_not_logged_in_is_125_too(shell: Shell) -> None:
    shell.done("logout")
    result = shell.run("run", IMAGE)
    assert result.code == 125
    assert result.err.startswith("error[not-authenticated]: not logged in\n")


def test_global_options_go_anywhere_but_into_a_containers_command(shell: Shell) -> None:
    shell.container("web")
    assert shell.run("--no-input", "ps", "--debug").code == 0
    assert shell.run("ps", "-c", "somewhere").code == 0
    result = shell.run("exec", "web", "echo", "-c", "x", "--debug", "--help")
    assert result.out == "-c x --debug --help\n"


def test_dockers_other_names_of_commands(shell: Shell) -> None:
    shell.container("web")
    for name in ("list", "ps"):
        assert shell.done("container", name) == shell.done("ps")
    assert shell.run("container", "remove", "-l", "web").err.startswith("error: contctl does not")
    assert shell.done("container", "remove", "-f", "web") == "web\n"
    for args in (("remove", "web"), ("list",), ("container", "delete")):
        assert shell.run(*args).err.startswith("error: no such command")


def test_hostile_text_in_an_error_stays_on_one_line(shell: Shell) -> None:
    result = shell.run("stop", "a\nerror: b\x1b]52;c;aGk=\a\u202e")
    assert result.code == 3
    assert result.err == ("error: no such container: a\\nerror: b\\x1b]52;c;aGk=\\x07\\u202e\n")


def test_a_bug_is_one_line_and_70(shell: Shell) -> None:
    shell.ports.engine = None  # type: ignore[assignment]  # what no port would do
    result = shell.run("ps")
    assert (result.code, result.out) == (70, "")
    assert result.err.startswith("error: contctl has a bug: AttributeError\nhint: ")
    result = shell.run("ps", "--debug")
    assert "container_reading.py" in result.err
    assert result.code == 70


def test_debug_shows_where_an_error_arose_and_no_secret(shell: Shell) -> None:
    result = shell.run("--debug", "login", "ada", "--password-stdin", stdin=b"a secret password")
    assert result.code == 4
    assert "sessions.py" in result.err
    assert "a secret password" not in result.err
    assert "\nerror: wrong user name or password\nhint: " in result.err
