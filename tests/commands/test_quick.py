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
from contctl.commands.quick import read_listing
from contctl.commands.root import run_command_line
from contctl.core.services.embedded import EmbeddedContctl
from tests.commands.harness import Shell

WORDS = ("-c", "--context", "lab", "--no-input", "container", "-a")
FLAGS = (
    *("-a", "--all", "-q", "--quiet", "-aq", "-qs", "-s", "-l", "-la", "--no-trunc", "--json"),
    *("-c", "--context", "lab", "--no-input", "-ac", "--nosuch"),
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
    made.done("stop", made.container("done"))
    return made


def outcome(shell: Shell, read: Reader, args: Sequence[str]) -> tuple[object, ...]:
    """What came of a command line, and what it set."""
    out = io.BytesIO()
    terminal = Terminal(io.BytesIO(), out, io.BytesIO(), False, False, False, {})
    app = App(terminal, lambda _: EmbeddedContctl(shell.ports), lambda: shell.client)
    code = read(app, args)
    return code, out.getvalue().decode(), app.options


@given(st.lists(st.sampled_from(WORDS), max_size=3), st.lists(st.sampled_from(FLAGS), max_size=4))
def test_both_readings_agree(shell: Shell, before: list[str], after: list[str]) -> None:
    args = [*before, "ps", *after]
    if read_listing(args) is not None:
        assert outcome(shell, run, args) == outcome(shell, run_command_line, args)


@pytest.mark.parametrize(
    "line",
    [
        "ps",
        "ps -aq",
        "container ls -a",
        "-c lab ps -a --no-trunc",
        "ps --json -l -c lab",
    ],
)
def test_everyday_lines_are_read_quickly(shell: Shell, line: str) -> None:
    args = line.split()
    assert read_listing(args) is not None
    assert outcome(shell, run, args) == outcome(shell, run_command_line, args)


@pytest.mark.parametrize(
    "line",
    [
        *("", "ps web", "-a ps", "container -a ls", "container", "ls", "ps --watch", "ps -z"),
        *("ps -", "ps --", "ps -c", "ps -c -a", "ps --all=false", "ps --help", "ps -f a=b", "stop"),
    ],
)
def test_all_else_is_left_to_typer(line: str) -> None:
    assert read_listing(line.split()) is None
