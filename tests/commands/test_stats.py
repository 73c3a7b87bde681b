"""contctl stats: tables, documents, and the live view's pictures."""

import json
import threading

import pytest

from contctl.commands.container.meter import Metered
from contctl.commands.container.usage_rows import binary_size
from contctl.commands.container.usage_view import View, picture
from contctl.commands.output.terminal import Terminal
from contctl.core.domain.usage import Usage
from tests.commands.harness import IMAGE, Shell
from tests.commands.screens import screen


def test_a_single_reading(shell: Shell) -> None:
    web = shell.container("web")
    shell.done("run", "--name", "done", IMAGE, "true")
    row = f"{web[:12]} web 50.00% 64MiB / 1GiB 6.25% 1kB / 2.5kB 4.1kB / 1B 3"
    assert " ".join(shell.done("stats", "--no-stream").splitlines()[1].split()) == row
    assert shell.done("stats", "--no-stream", "--format", "{{.Container}} {{.ID}} {{.Name}}") == (
        f"{web[:12]} {web[:12]} web\n"
    )
    shown = shell.done("stats", "--no-stream", "--no-trunc", "--format", "{{.Container}}|{{.ID}}",
                       "web", "web")  # fmt: skip
    assert shown == f"web|{web}\n"
    every = shell.done("stats", "-a", "--no-stream", "--format", "{{.Name}} {{.CPUPerc}} {{.PIDs}}")
    assert every == "done 0.00% 0\nweb 50.00% 3\n"
    row_of_json = json.loads(shell.done("stats", "--no-stream", "--format", "json", "web"))
    assert list(row_of_json) == [
        "BlockIO", "CPUPerc", "Container", "ID", "MemPerc", "MemUsage", "Name", "NetIO", "PIDs",
    ]  # fmt: skip
    (document,) = json.loads(shell.done("stats", "--json", "web"))["containers"]
    assert (document["name"], document["memory_bytes"]) == ("web", 64 * 1024**2)
    assert shell.run("stats", "no-such-one").code == 3


def test_nothing_runs(shell: Shell) -> None:
    assert shell.done("stats", "--no-stream") == ""
    assert json.loads(shell.done("stats", "--json")) == {"containers": []}


def test_readings_end_when_all_are_removed(shell: Shell) -> None:
    web = shell.container("web")
    engine = shell.ports.engine
    timer = threading.Timer(0.5, engine.remove, (web,), {"force": True, "volumes": False})
    timer.start()
    result = shell.run("stats", "web", "--format", "{{.Name}}")
    timer.join()
    assert result.code == 0
    assert set(result.out.split()) == {"web"}


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0B"), (1023, "1023B"), (1024, "1KiB"), (1536, "1.5KiB"), (24.5 * 1024**3, "24.5GiB")],
)
def test_binary_sizes(count: float, text: str) -> None:
    assert binary_size(count) == text


def usage(name: str, cpu: float, memory: int = 0, sent: int = 0) -> Metered:
    metered = Metered(name)
    for share in (0.0, cpu):
        metered.add(
            Usage(name * 12, name, share, memory, 100, float(memory), 0, sent, 0, 0, len(name))
        )
    return metered


FOUND = [usage("a", 10, 90, 1), usage("b", 60, 20, 3), usage("c", 95, 50, 2), Metered("late")]


def terminal(**environ: str) -> Terminal:
    return screen({"TERM": "xterm", **environ})


def names(view: View) -> list[str]:
    lines = picture(terminal(NO_COLOR="1"), view, FOUND, 200, 30)[2:-1]
    return [line.split()[0] for line in lines]


def test_keys_sort_and_end_the_view() -> None:
    view = View()
    assert names(view) == ["c", "b", "a", "late"]
    for key, order in (("m", "acb"), ("n", "abc"), ("i", "bca"), ("r", "acb"), ("c", "cba")):
        assert view.press(key)
        assert names(view) == [*order, "late"], key
    assert view.press("x")
    assert not view.press("q")
    assert not view.press("\x04")


def test_a_picture_fits_its_terminal() -> None:
    for columns in (10, 40, 80, 120, 200):
        for rows in (1, 2, 4, 24):
            lines = picture(terminal(NO_COLOR="1"), View(), FOUND, columns, rows)
            assert len(lines) <= rows
            assert max(map(len, lines)) <= columns
    assert "2 more below" in picture(terminal(NO_COLOR="1"), View(), FOUND, 99, 5)[0]


def test_bars_and_histories() -> None:
    plain = picture(terminal(NO_COLOR="1"), View(), FOUND, 200, 30)
    assert "█████████░" in plain[2] or "██████████" in plain[2]
    assert "▁█" in plain[2]
    assert "\x1b" not in "".join(plain)
    colored = picture(terminal(), View(), FOUND, 200, 30)
    assert ["\x1b[31m" in colored[2], "\x1b[33m" in colored[3], "\x1b[32m" in colored[4]] == [
        True
    ] * 3


def test_hostile_names_steer_no_terminal() -> None:
    lines = picture(terminal(NO_COLOR="1"), View(), [usage("\x1b]0;x\x07", 1)], 200, 30)
    assert "\x1b" not in "".join(lines)
