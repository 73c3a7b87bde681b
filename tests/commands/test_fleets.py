"""Actions on several containers: their progress on a terminal, and an end before the end."""

import io
import threading
import time

import pytest

from contctl.commands.output.live_line import LiveLine
from contctl.commands.output.terminal import Terminal
from contctl.core.errors import ContctlError, ErrorCode
from tests.bounded import eventually
from tests.commands.harness import Shell
from tests.fakes.engine import FakeEngine

ERASE = "\r\x1b[K"


def terminal_of(err: io.BytesIO, tty: bool, term: str) -> Terminal:
    return Terminal(io.BytesIO(), io.BytesIO(), err, False, False, tty, {"TERM": term})


def test_a_slow_command_shows_how_far_it_is(shell: Shell) -> None:
    for name in ("one", "two", "three"):
        shell.container(name)
    shell.done("stop", "-t", "0", "three")
    result = shell.run("stop", "-t", "2", "one", "three", "two", tty=True)
    assert (result.code, sorted(result.out.split())) == (0, ["one", "three", "two"])
    shown = result.err.split(ERASE)
    assert shown[:2] == ["", "stopping: 1 of 3 done"]
    assert shown[-1] == ""


def test_a_quick_command_shows_nothing(shell: Shell) -> None:
    shell.container("one")
    assert shell.run("stop", "-t", "0", "one", tty=True).err == ""


@pytest.mark.parametrize(("tty", "term"), [(False, "xterm"), (True, "dumb")])
def test_no_line_where_none_can_be_erased(tty: bool, term: str) -> None:
    err = io.BytesIO()
    before = threading.active_count()
    with LiveLine(terminal_of(err, tty, term), lambda: "text") as line, line.aside():
        assert threading.active_count() == before
    assert err.getvalue() == b""


def test_the_line_makes_room_and_comes_back() -> None:
    err = io.BytesIO()
    words = ["first" + "x" * 500]
    with LiveLine(terminal_of(err, True, "xterm"), lambda: words[0]) as line:
        eventually(lambda: b"first" in err.getvalue(), "the line")
        assert len(err.getvalue()) < 500
        with line.aside():
            assert err.getvalue().decode().endswith(ERASE)
            shown = len(err.getvalue())
            words[0] = "second"
            time.sleep(0.3)
            assert len(err.getvalue()) == shown
        eventually(lambda: err.getvalue().endswith(f"{ERASE}second".encode()), "the line again")
    assert err.getvalue().decode().endswith(f"{ERASE}second{ERASE}")


class Interrupted(FakeEngine):
    """Once one container was stopped, the stop of another one is interrupted."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error
        self.stopped = threading.Event()

    def stop(self, container_id: str, grace: int | None, signal: str | None) -> None:
        if self.inspect(container_id)["Name"] == "/first":
            super().stop(container_id, grace, signal)
            self.stopped.set()
            return
        assert self.stopped.wait(10)
        time.sleep(0.2)
        raise self.error


@pytest.mark.parametrize(("error", "code"), [(KeyboardInterrupt(), 130), (ValueError("a bug"), 70)])
def test_what_is_left_is_said(shell: Shell, error: BaseException, code: int) -> None:
    shell.ports.engine = Interrupted(error)
    names = [f"other-{number:02}" for number in range(12)]
    for name in ("first", *names):
        shell.container(name)
    result = shell.run("stop", "-t", "0", "first", *names, "first")
    assert result.code == code
    assert set(result.out.split()) == {"first"}
    line = result.err.splitlines()[0]
    assert line == (
        f"2 of 14 were done or tried; under way, or not begun: {', '.join(names[:10])} and 2 more"
    )


def test_nothing_is_said_of_a_command_that_never_began(shell: Shell) -> None:
    shell.ports.engine.fail_next("list", ContctlError(ErrorCode.UNAVAILABLE, "down"))
    assert shell.run("stop", "web").err == "error: down\n"
