"""Nothing of an engine, a container, the store, the audit log or the caller steers a terminal."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperOption

import contctl.commands
from contctl.commands.app import App
from contctl.commands.catalog import SECTIONS
from contctl.commands.lazy import Entry, Group
from contctl.commands.main import run
from contctl.commands.output.progress import show_pull
from contctl.commands.output.terminal import Terminal
from contctl.core.domain.places import Contexts, Gateway
from contctl.core.domain.streams import Progress
from tests.commands.harness import FakeClient, Result
from tests.fakes.clock import FakeClock
from tests.fakes.hostile_api import HOSTILE, HostileContctl

STYLE = re.compile(r"\x1b\[(?:[0-9;]*m|\?(?:1049|25)[hl]|[HJK])")
"""contctl's own: colours, and the screen of the live view."""
# What an argument of a process can hold of it (os.fsdecode).
WORD = HOSTILE.replace("\0", "").replace("\ud800", "\udc80")
TEMPLATES = ("json", "{{.}}", "{{json .}}", "a\t{{.}}", "table {{json .}}", HOSTILE)


def _commands() -> Iterator[tuple[str, Entry]]:
    for section in SECTIONS.values():
        for part in section:
            if isinstance(part, Group):
                yield from ((f"{part.name} {entry.name}", entry) for entry in part.entries)
            else:
                yield part.name, part


COMMANDS = dict(_commands())
every_command = pytest.mark.parametrize("name", COMMANDS)


def _required(entry: Entry) -> list[str]:
    """Hostile words for what the command must be given; a valid one where it has a choice."""
    words: list[str] = []
    for param in entry.load().params:
        if "--password-stdin" in param.opts:
            words.insert(0, "--password-stdin")
        elif param.required:
            value = next(iter(getattr(param.type, "choices", [WORD])))
            words += [param.opts[0], str(value)] if isinstance(param, TyperOption) else [str(value)]
    return words


def _variants(entry: Entry) -> Iterator[list[str]]:
    """Command lines of all ways to show what it answers."""
    required = _required(entry)
    yield required
    options = {opt for param in entry.load().params for opt in param.opts}
    for option in ("--json", "--quiet", "--no-trunc", "--size", "--list", "--detach"):
        if option in options:
            yield [option, *required]
    if "--format" in options:
        for template in TEMPLATES:
            yield ["--format", template, *required]
    yield [f"--{HOSTILE.replace('=', '')}", *required]
    if all(param.nargs == 1 for param in entry.load().params):
        yield [*required, HOSTILE, HOSTILE]


def _run(
    name: str, args: list[str], environ: dict[str, str], failing: bool = False, asked: bool = False
) -> Result:
    out, err = io.BytesIO(), io.BytesIO()
    terminal = Terminal(
        stdin=io.BytesIO(b"a long enough password\n"),
        stdout=out,
        stderr=err,
        stdin_is_tty=asked,
        stdout_is_tty=True,
        stderr_is_tty=True,
        environ=environ,
    )
    api: Any = HostileContctl(failing=failing)
    client = FakeClient(FakeClock())
    client.own.contexts = Contexts({HOSTILE: Gateway(HOSTILE, HOSTILE)}, HOSTILE)
    client.docker.engines = {f"docker{HOSTILE}": HOSTILE}
    code = run(App(terminal, lambda _: api, lambda: client), [*name.split(), *args])
    return Result(code, out.getvalue().decode(), err.getvalue().decode())


def assert_harmless(result: Result) -> None:
    """Assert that no control character but contctl's own is there, and that markup was shown."""
    assert result.code != 70, result.err
    for text in (result.out, result.err):
        plain = STYLE.sub("", text)
        assert [each for each in plain if not each.isprintable() and each not in "\n\t"] == []
        assert plain.count("EVIL") == plain.count("[red]EVIL[/red]")


@every_command
def test_what_a_command_answers(name: str) -> None:
    shown = ""
    for args in _variants(COMMANDS[name]):
        for environ in ({}, {"TERM": "dumb"}, {"NO_COLOR": "1"}):
            result = _run(name, args, environ)
            assert_harmless(result)
            shown += result.out + result.err
    # Some of it is shown by every command, so that this test cannot pass by showing nothing.
    assert "EVIL" in shown


@every_command
def test_the_errors_of_a_command(name: str) -> None:
    shown = ""
    for args in _variants(COMMANDS[name]):
        result = _run(name, args, {}, failing=True)
        assert_harmless(result)
        assert len(result.err.splitlines()) <= 2
        assert_harmless(_run(name, ["--debug", *args], {}, failing=True))
        shown += result.out + result.err
    assert "EVIL" in shown


def test_a_question() -> None:
    result = _run("user rm", [HOSTILE], {}, asked=True)
    assert_harmless(result)
    assert "EVIL[/red], its grants and sessions? [y/N] " in result.err


def test_a_pull() -> None:
    for environ in ({}, {"TERM": "dumb"}):
        err = io.BytesIO()
        terminal = Terminal(io.BytesIO(), io.BytesIO(), err, False, True, True, environ)
        steps = [
            Progress(HOSTILE, HOSTILE),
            Progress(HOSTILE, HOSTILE, 1, 2),
            Progress("", HOSTILE),
        ]
        show_pull(terminal, iter(steps))
        text = err.getvalue().decode()
        # The bars move the cursor themselves; what else could do harm is not among that.
        steering = {each for each in HOSTILE if not each.isprintable()} - set("\x1b\r\n")
        assert not set(text) & steering
        assert "\x1b]" not in text
        assert "\x1b[2J" not in text
        assert 0 < text.count("EVIL") == text.count("[red]EVIL[/red]")


RAW = {
    "container/copy_progress.py",
    "container/cp.py",
    "container/export.py",
    "container/logs.py",
    "container/process.py",
    "output/live_line.py",
    "container/stats.py",
    "container/usage_view.py",
    "output/keys.py",
    "output/progress.py",
    "output/screen.py",
    "output/table.py",
    "output/terminal.py",
}
"""The modules that may write to a terminal past the escaping, and have reason to."""


def test_nothing_else_writes_past_the_escaping() -> None:
    folder = Path(contctl.commands.__file__).parent
    past = re.compile(
        r"\.(write_bytes|error_bytes|write_styled)\(|terminal\.std(out|err)\b|\bprint\("
        r"|sys\.std(out|err)|\becho\("
    )
    found = {
        str(path.relative_to(folder))
        for path in folder.rglob("*.py")
        if past.search(path.read_text())
    }
    assert found == RAW
