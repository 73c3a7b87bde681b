"""Passwords typed on a real terminal: the rules first, and the echo on again whatever happens."""

import signal
import time

import pexpect
import pytest

from tests.bounded import eventually
from tests.e2e.machine import CONTCTL, PASSWORD, Machine
from tests.e2e.test_terminals import answered

NEW = "another long password"


def asked(machine: Machine, *args: str) -> "pexpect.spawn[str]":
    """`contctl ARGS` on a terminal, waiting for a password with the echo off. What is sent to it
    are bytes, as Latin-1 has them."""
    terminal = pexpect.spawn(
        str(CONTCTL),
        list(args),
        env=machine.environment(),
        timeout=60,
        encoding="latin-1",
        preexec_fn=_with_default_signals,
    )
    terminal.expect_exact("assword: ")
    eventually(lambda: not terminal.getecho(), "the echo is off")
    return terminal


def _with_default_signals() -> None:
    """A test run under nohup ignores hang-ups, and so would its children."""
    for number in (signal.SIGHUP, signal.SIGQUIT, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def ended(terminal: "pexpect.spawn[str]") -> tuple[int | None, str]:
    """Exit code and the last that was shown; the echo has to be on."""
    terminal.expect(pexpect.EOF)
    assert terminal.getecho()
    terminal.close()
    return terminal.exitstatus, (terminal.before or "").replace("\r\n", "\n")


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGQUIT, 131), (signal.SIGHUP, 129), (signal.SIGTERM, 143), (signal.SIGINT, 130)],
)
def test_a_signal_leaves_the_echo_on(bare: Machine, number: int, code: int) -> None:
    terminal = asked(bare, "init", "--username", "ada")
    terminal.kill(number)
    status, shown = ended(terminal)
    assert (status, shown.strip()) == (code, "")


def test_the_quit_key_leaves_the_echo_on(bare: Machine) -> None:
    terminal = asked(bare, "init", "--username", "ada")
    terminal.send("\x1c")
    assert ended(terminal)[0] == 131


def test_a_terminal_that_goes_away_ends_the_command(bare: Machine) -> None:
    terminal = asked(bare, "init", "--username", "ada")
    terminal.close(force=False)
    assert (terminal.exitstatus, terminal.signalstatus) == (129, None)


def test_a_hangup_that_is_ignored_stays_so(bare: Machine) -> None:
    terminal = pexpect.spawn(
        "sh", ["-c", 'trap "" HUP QUIT; exec "$0" init --username ada', str(CONTCTL)],
        env=bare.environment(), timeout=60, encoding="latin-1",
    )  # fmt: skip
    terminal.expect_exact("assword: ")
    eventually(lambda: not terminal.getecho(), "the echo is off")
    terminal.kill(signal.SIGHUP)
    terminal.kill(signal.SIGQUIT)
    time.sleep(0.2)
    terminal.send(f"{PASSWORD}\n")
    terminal.expect_exact("The same again: ")
    eventually(lambda: not terminal.getecho(), "the echo is off")
    terminal.send(f"{PASSWORD}\n")
    assert ended(terminal)[0] == 0


@pytest.mark.parametrize("typed", ["\xff\xfe is no text at all\n", "latin \xe9\xe8\xea word\n"])
def test_what_is_not_utf_8_is_a_usage_error(bare: Machine, typed: str) -> None:
    terminal = asked(bare, "init", "--username", "ada")
    terminal.send(typed)
    assert ended(terminal) == (2, "\nerror: what was typed is not UTF-8\n")


def test_a_line_without_an_end_is_bounded(bare: Machine) -> None:
    terminal = asked(bare, "init", "--username", "ada")
    for _ in range(3):
        terminal.send("x" * 2000 + "\x04")
        time.sleep(0.2)
    status, shown = ended(terminal)
    assert (status, shown) == (2, "error: what was typed is too long\n")


def test_the_rules_are_told_first_and_the_first_typing_is_checked(bare: Machine) -> None:
    (bare.home / "contctl").mkdir(mode=0o700)
    config = bare.home / "contctl" / "config.toml"
    config.write_text("[password]\nmin_length = 17\n")
    code, shown = answered(
        bare.on_terminal("init", "--username", "grace"), ("New password: ", "passwordpassword1")
    )
    assert code == 2
    assert shown.startswith("a new password has at least 17 characters")
    assert "error: the password is on a list of common passwords" in shown
    assert "The same again" not in shown
    assert "passwordpassword" not in shown
    code, shown = answered(
        bare.on_terminal("init", "--username", "grace"), ("New password: ", "too short by one")
    )
    assert (code, "The same again" in shown) == (2, False)
    assert "error: the password is too short: at least 17 characters are needed\n" in shown
    assert not (bare.home / "contctl" / "contctl.db").exists()


def test_the_prompt_is_on_the_terminal_wherever_errors_go(bare: Machine) -> None:
    bare.init()
    terminal = pexpect.spawn(
        "sh", ["-c", '"$0" login ada 2>/dev/null', str(CONTCTL)],
        env=bare.environment(), timeout=60, encoding="utf-8",
    )  # fmt: skip
    code, shown = answered(terminal, ("Password: ", PASSWORD))
    assert (code, shown) == (0, "Password: \n")


def test_recovery_says_first_what_it_does(bare: Machine) -> None:
    bare.init()
    for answer in ("n", "", "maybe"):
        code, shown = answered(bare.on_terminal("store", "recover-admin"), ("[y/N] ", answer))
        assert code == 1
        assert "gives the admin ada a new password and ends all sessions of ada" in shown
        assert shown.endswith("error: nothing was changed\n")
    assert bare.done("whoami") == "ada\n"
    code, shown = answered(
        bare.on_terminal("store", "recover-admin"),
        ("[y/N] ", "y"),
        ("New password: ", NEW),
        ("The same again: ", NEW),
    )
    assert (code, NEW in shown) == (0, False)
    assert bare.run("whoami").code == 4
    bare.done("login", "ada", "--password-stdin", stdin=NEW.encode())
