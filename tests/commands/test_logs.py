"""contctl logs: of several containers, and through restarts."""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contctl.commands.container.restarts import Seen
from contctl.commands.output.prefixes import Lines, prefixed
from contctl.core.domain.streams import Err, Out
from tests.bounded import eventually
from tests.commands.harness import IMAGE, Shell

RED_TO_CYAN = re.compile(r"\x1b\[3[0-9](;1)?m")


def talk(shell: Shell, name: str, script: str) -> None:
    shell.done("run", "--name", name, IMAGE, "sh", "-c", script)


def test_lines_of_several_begin_with_the_names(shell: Shell) -> None:
    talk(shell, "web", "echo one; echo two; echo err >&2")
    talk(shell, "database", "echo half")
    result = shell.run("logs", "database", "web", "web")
    assert sorted(result.out.splitlines()) == [
        "database | half",
        "web      | one",
        "web      | two",
    ]
    assert result.err == "web      | err\n"
    plain = shell.run("logs", "--no-log-prefix", "database", "web")
    assert (sorted(plain.out.splitlines()), plain.err) == (["half", "one", "two"], "err\n")
    assert shell.run("logs", "web", "no-such-one").code == 3


def test_names_are_coloured_where_colours_are_wanted(shell: Shell) -> None:
    talk(shell, "web", "echo one")
    talk(shell, "db", "echo two")
    args = ("logs", "web", "db")
    shown = shell.run(*args, tty=True).out
    assert len({match[0] for match in RED_TO_CYAN.finditer(shown)}) == 2
    assert RED_TO_CYAN.sub("", shown).replace("\x1b[0m", "").splitlines() in (
        ["web | one", "db  | two"],
        ["db  | two", "web | one"],
    )
    assert "\x1b" not in shell.run(*args).out
    assert "\x1b" not in shell.run("logs", "--no-color", "web", "db", tty=True).out
    for name, value, tty, colored in (
        ("NO_COLOR", "1", True, False),
        ("TERM", "dumb", True, False),
        ("CLICOLOR_FORCE", "1", False, True),
    ):
        shell.environ[name] = value
        assert ("\x1b" in shell.run(*args, tty=tty).out) is colored, name
        del shell.environ[name]


@contextmanager
def meanwhile(shell: Shell, container_id: str, *restarts: str) -> Iterator[None]:
    """While the body runs, the container is stopped, and started for each of `restarts`, which are
    written then; at last it is removed."""
    engine = shell.ports.engine

    def act() -> None:
        for _ in restarts:
            time.sleep(0.2)
            engine.restart(container_id, 0, None)
        time.sleep(0.3)
        engine.remove(container_id, force=True, volumes=False)

    thread = threading.Thread(target=act)
    thread.start()
    yield
    thread.join()


@pytest.mark.parametrize("tail", ["all", "0", "1"])
def test_logs_go_on_through_restarts(shell: Shell, tail: str) -> None:
    container_id = shell.container("web", "sh", "-c", "echo one; echo err >&2; sleep 600")
    eventually(lambda: len(engine_log(shell)) == 2, "it has written")
    with meanwhile(shell, container_id, "first", "second"):
        result = shell.run("logs", "-F", "-n", tail, "web")
    first = {"all": ("one\n", "err\n"), "0": ("", ""), "1": ("", "err\n")}[tail]
    assert (result.code, result.out) == (0, first[0] + "one\none\n")
    said = [line for line in result.err.splitlines() if line != "err"]
    assert result.err.count("err\n") == 2 + bool(first[1])
    assert "web was started" in said
    assert said[-1] == "web was removed"


def engine_log(shell: Shell) -> list[str]:
    return shell.run("logs", "web").out.splitlines() + shell.run("logs", "web").err.splitlines()


def test_following_until_a_time_ends_without_a_removal(shell: Shell) -> None:
    shell.container("web", "sh", "-c", "echo one; sleep 600")
    eventually(lambda: len(engine_log(shell)) == 1, "it has written")
    talk(shell, "done", "echo two")
    late = str(int(shell.clock.now()) + 100)
    shell.clock.advance(200)
    assert shell.run("logs", "-F", "--until", late, "done").code == 0


@pytest.mark.parametrize("option", ["--since", "--until"])
def test_a_time_that_is_none(shell: Shell, option: str) -> None:
    result = shell.run("logs", option, "yesterday", "web")
    assert (result.code, result.out) == (2, "")
    assert "not a time: 'yesterday'" in result.err


@given(st.lists(st.binary(max_size=20).map(lambda data: data.replace(b"\1", b"\n"))))
def test_lines_are_whole_however_they_come(pieces: list[bytes]) -> None:
    lines = Lines(1000)
    found = [lines.feed(piece) for piece in pieces]
    assert all(not each or each.endswith(b"\n") for each in found)
    whole = b"".join(pieces)
    ended = whole if not whole or whole.endswith(b"\n") else whole + b"\n"
    assert b"".join((*found, lines.rest())) == ended
    assert lines.rest() == b""


@given(st.lists(st.binary(max_size=9).filter(lambda data: b"\n" not in data), min_size=1))
def test_every_line_gets_the_prefix_once(lines: list[bytes]) -> None:
    text = b"".join(line + b"\n" for line in lines)
    assert prefixed(text, b"web | ") == b"".join(b"web | " + line + b"\n" for line in lines)


def test_a_long_line_takes_time_and_memory_by_its_length() -> None:
    lines, piece = Lines(32 * 1024 * 1024), b"x" * 512
    began = time.process_time()
    for _ in range(20_000):
        assert lines.feed(piece) == b""
    assert lines.feed(b"\n") == b"x" * 512 * 20_000 + b"\n"
    assert time.process_time() - began < 2
    endless = Lines(1000)
    sizes = [len(endless.feed(piece)) for _ in range(6)]
    assert sizes == [0, 1025, 0, 1025, 0, 1025]


def stamped(second: int, text: bytes) -> bytes:
    return b"2026-01-31T12:00:%02d.000000000Z %b" % (second, text)


def test_what_was_seen_is_not_shown_again() -> None:
    seen = Seen(timestamps=False)
    assert seen.since is None
    assert seen.new(Out(stamped(1, b"a\n") + stamped(2, b"b\n")[:20])) == Out(b"a\n")
    assert seen.new(Out(stamped(2, b"b\n")[20:])) == Out(b"b\n")
    # The two outputs are not in the order of their times.
    assert seen.new(Err(stamped(1, b"e\n"))) == Err(b"e\n")
    assert seen.rest() == [Out(b""), Err(b"")]
    seen.go_on()
    assert seen.since == 1769860800.0
    again = stamped(1, b"a\n") + stamped(2, b"b\n") + stamped(3, b"c\n")
    assert seen.new(Out(again)) == Out(b"c\n")
    assert seen.new(Err(stamped(1, b"e\n") + stamped(3, b"f"))) == Err(b"")
    assert seen.rest() == [Out(b""), Err(b"f\n")]


def test_the_time_stands_before_each_part_of_a_long_line() -> None:
    parts = (b"x" * 16384, b"x" * 16384, b"end\n")
    data = b"".join(stamped(1, part) for part in parts)
    assert Seen(timestamps=False).new(Out(data)) == Out(b"".join(parts))
    assert Seen(timestamps=True).new(Out(data)) == Out(data)
