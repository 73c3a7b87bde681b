"""The live view of what containers use."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from contctl.commands.container.meter import HISTORY, Meter, Metered
from contctl.commands.container.usage_rows import row_of
from contctl.commands.output.escape import escaped
from contctl.commands.output.keys import END, other_screen, single_keys
from contctl.commands.output.terminal import Terminal
from contctl.core.domain.usage import Usage

_INTERVAL = 1.0
_BAR = 10
_NAME = 30
_FULL, _EMPTY, _STEPS = "█", "░", "▁▂▃▄▅▆▇█"
_GREEN, _YELLOW, _RED = "32", "33", "31"


@dataclass(frozen=True, slots=True)
class Order:
    """By what the rows are sorted: the heading, and the most first, or names by the alphabet."""

    title: str
    key: Callable[[Usage], Any]


ORDERS = {
    "c": Order("CPU", lambda usage: -usage.cpu),
    "m": Order("memory", lambda usage: -usage.memory),
    "n": Order("name", lambda usage: usage.name),
    "i": Order("network", lambda usage: -usage.received - usage.sent),
    "b": Order("block I/O", lambda usage: -usage.read - usage.written),
    "p": Order("processes", lambda usage: -usage.processes),
}
_KEYS = "sort: c CPU, m memory, n name, i network, b block I/O, p processes   r reverse   q quit"


@dataclass(slots=True)
class View:
    """How it is shown; changed by keys."""

    order: str = "c"
    reversed: bool = False

    def press(self, key: str) -> bool:
        """Whether to go on after `key`."""
        if key in ORDERS:
            self.order, self.reversed = key, False
        elif key == "r":
            self.reversed = not self.reversed
        return key not in ("q", "Q", END)

    def sorted(self, found: Sequence[Metered]) -> list[Metered]:
        """The rows in order; those that were not read yet last."""
        read = [(each.usage, each) for each in found if each.usage is not None]
        key = ORDERS[self.order].key
        rows = [each for _, each in sorted(read, key=lambda pair: key(pair[0]))]
        if self.reversed:
            rows.reverse()
        return [*rows, *(each for each in found if each.usage is None)]


def show(terminal: Terminal, meter: Meter) -> None:
    """Show what `meter` reads, a new picture every second, until a key ends it."""
    view = View()
    with other_screen(terminal), single_keys(terminal) as key:
        going = True
        while going and not meter.is_over:
            columns, rows = _size(terminal)
            lines = picture(terminal, view, meter.readings(), columns, rows)
            text = "".join(f"{line}\x1b[K\n" for line in lines[:-1]) + f"{lines[-1]}\x1b[K"
            terminal.write_bytes(b"\x1b[H" + text.encode(terminal.encoding, "replace") + b"\x1b[J")
            going = _pressed(view, key)


def _pressed(view: View, key: Callable[[float], str]) -> bool:
    """Wait for the time of the next picture, or a key; whether to go on."""
    until = time.monotonic() + _INTERVAL
    while (left := until - time.monotonic()) > 0:
        pressed = key(left)
        if pressed:
            return view.press(pressed)
    return True


def _size(terminal: Terminal) -> tuple[int, int]:
    """Columns and rows of the terminal, as they are now."""
    try:
        return os.get_terminal_size(terminal.stdout.fileno())
    except (OSError, ValueError):
        return 80, 24


def picture(
    terminal: Terminal, view: View, found: Sequence[Metered], columns: int, rows: int
) -> list[str]:
    """The lines of one picture, of at most so many columns and rows."""
    paint = _painter(terminal)
    shown = view.sorted(found)
    room = max(rows - 3, 1)
    cells = [_cells(terminal, each, paint) for each in shown[:room]]
    heads = (
        "NAME",
        "CPU %",
        "",
        "",
        "MEM USAGE / LIMIT",
        "MEM %",
        "",
        "NET I/O",
        "BLOCK I/O",
        "PIDS",
    )
    table = [[(head, len(head)) for head in heads], *cells]
    widths = [max(row[at][1] for row in table) for at in range(len(heads))]
    fitting = _fitting(widths, columns)
    order = ORDERS[view.order].title
    turned = ", the other way round" if view.reversed else ""
    more = f", {len(shown) - room} more below" if len(shown) > room else ""
    title = f"{len(shown)} containers by {order}{turned}{more}"
    lines = [
        "  ".join(
            text + " " * (width - length)
            for (text, length), width in zip(row, fitting, strict=False)
        )
        for row in table
    ]
    return [title[:columns], paint("1", lines[0]), *lines[1:], _KEYS[:columns]][:rows]


def _fitting(widths: Sequence[int], columns: int) -> list[int]:
    """The widths of those columns that have room beside each other."""
    fitting: list[int] = []
    for width in widths:
        if sum(fitting) + 2 * len(fitting) + width > columns:
            break
        fitting.append(width)
    return fitting


def _cells(
    terminal: Terminal, each: Metered, paint: Callable[[str, str], str]
) -> list[tuple[str, int]]:
    """The cells of a row, and how wide each is shown."""
    row = row_of(each.ref, each.usage, truncated=True)
    name = escaped(row["Name"] if each.usage else each.ref)[:_NAME]
    cpu, memory = (each.usage.cpu, each.usage.memory_share) if each.usage else (0.0, 0.0)
    texts = (
        name,
        row["CPUPerc"].rjust(7),
        (_bar(terminal, cpu), cpu),
        _history(terminal, each),
        row["MemUsage"],
        row["MemPerc"].rjust(7),
        (_bar(terminal, memory), memory),
        row["NetIO"],
        row["BlockIO"],
        row["PIDs"],
    )
    return [
        (text, len(text))
        if isinstance(text, str)
        else (paint(_color(text[1]), text[0]), len(text[0]))
        for text in texts
    ]


def _bar(terminal: Terminal, percent: float) -> str:
    filled = min(_BAR, max(round(percent / 100 * _BAR), int(percent > 0)))
    full, empty = (_FULL, _EMPTY) if _has_blocks(terminal) else ("#", "-")
    return full * filled + empty * (_BAR - filled)


def _history(terminal: Terminal, each: Metered) -> str:
    """The last shares of a processor, the newest at the right."""
    if not _has_blocks(terminal):
        return ""
    top = max(100.0, *each.cpu) if each.cpu else 100.0
    steps = len(_STEPS) - 1
    return "".join(_STEPS[min(steps, round(cpu / top * steps))] for cpu in each.cpu).rjust(HISTORY)


def _has_blocks(terminal: Terminal) -> bool:
    return terminal.encoding.lower().replace("-", "") == "utf8"


def _color(percent: float) -> str:
    return _GREEN if percent < 50 else _YELLOW if percent < 85 else _RED


def _painter(terminal: Terminal) -> Callable[[str, str], str]:
    if not terminal.has_color:
        return lambda _, text: text
    return lambda code, text: f"\x1b[{code}m{text}\x1b[0m"
