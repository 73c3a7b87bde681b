"""What is read without typer is read as typer reads it."""

import io
from collections.abc import Sequence
from typing import Protocol

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contctl.commands.app import App
from contctl.commands.main import run
from contctl.commands.output.terminal import Terminal
from contctl.commands.quick import read_quickly
from contctl.commands.root import run_command_line
from contctl.core.services.embedded import EmbeddedContctl
from tests.commands.harness import Shell

WORDS = ("-c", "--context", "lab", "--no-input", "container", "-a")
FLAGS = (
    *("-a", "--all", "-q", "--quiet", "-aq", "-qs", "-s", "-l", "-la", "--no-trunc", "--json"),
    *("-c", "--context", "lab", "--no-input", "-ac", "--nosuch"),
)


CHANGES = ("start", "stop", "restart")
GRACES = (
    *("web", "done", "nosuch", "-t", "-t0", "--time", "--timeout", "0", "1", "010", "1_0", "+1"),
    *("-c", "lab", "--no-input", "--json", "-a", "--signal"),
)


class Reader(Protocol):
    """Runs a command line; its exit code."""

    def __call__(self, app: App, args: Sequence[str], /) -> int: ...


@pytest.fixture(scope="module")
def shell() -> Shell:
    """The admin is logged in; one container runs, one does not."""
    made = Shell()
    made.init()
    made.container("web")
    for name in ("done", "over"):
        made.done("stop", made.container(name))
    return made


def outcome(shell: Shell, read: Reader, args: Sequence[str]) -> tuple[object, ...]:
    """What came of a command line, and what it set."""
    out, err = io.BytesIO(), io.BytesIO()
    terminal = Terminal(io.BytesIO(), out, err, False, False, False, {})
    app = App(terminal, lambda _: EmbeddedContctl(shell.ports), lambda: shell.client)
    code = read(app, args)
    return code, out.getvalue().decode(), err.getvalue().decode(), app.options


@given(st.lists(st.sampled_from(WORDS), max_size=3), st.lists(st.sampled_from(FLAGS), max_size=4))
def test_both_readings_of_a_list_agree(shell: Shell, before: list[str], after: list[str]) -> None:
    args = [*before, "ps", *after]
    if read_quickly(args) is not None:
        assert outcome(shell, run, args) == outcome(shell, run_command_line, args)


@given(
    st.lists(st.sampled_from(WORDS), max_size=2),
    st.sampled_from(CHANGES),
    st.lists(st.sampled_from(GRACES), max_size=4),
)
def test_both_readings_of_a_change_agree(
    shell: Shell, before: list[str], action: str, after: list[str]
) -> None:
    args = [*before, action, *after]
    if read_quickly(args) is not None:
        assert outcome(shell, run, args) == outcome(shell, run_command_line, args)


@pytest.mark.parametrize(
    "line",
    [
        "ps",
        "ps -aq",
        "container ls -a",
        "-c lab ps -a --no-trunc",
        "ps --json -l -c lab",
        "stop web",
        "stop -t 0 web nosuch",
        "start web done --no-input",
        "container restart web -c lab --time 3",
        "kill over",
    ],
)
def test_everyday_lines_are_read_quickly(shell: Shell, line: str) -> None:
    args = line.split()
    assert read_quickly(args) is not None
    assert outcome(shell, run, args) == outcome(shell, run_command_line, args)


@pytest.mark.parametrize(
    "line",
    [
        *("", "ps web", "-a ps", "container -a ls", "container", "ls", "ps --watch", "ps -z"),
        *("ps -", "ps --", "ps -c", "ps -c -a", "ps --all=false", "ps --help", "ps -f a=b"),
        *("stop -t web", "stop -t -1 web", "stop -t 010 web", "stop -t", "-t 0 stop web"),
        *("start -a web", "start -t 0 web", "kill -s HUP web", "stop web -- -x", "container stop"),
        *("stop -t --no-input 5 web", "rm web", "stop --json web", "restart -t 9999999999 web"),
    ],
)
def test_all_else_is_left_to_typer(line: str) -> None:
    assert read_quickly(line.split()) is None
