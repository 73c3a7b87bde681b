"""Tables: with styles on a terminal, plain columns into a pipe."""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain

from contctl.commands.output.escape import escaped
from contctl.commands.output.terminal import Terminal

Style = Callable[[str], str]
GAP = 3
_UNLIMITED = 1_000_000
ELLIPSIS = "…"
"""What stands for the rest of a text that was cut."""
_RICH_GAP = 2
_STYLES = {"": "", "bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33"}
"""The styles of cells, as terminals take them (ECMA-48, section 8.3.117)."""
_COLORS = ("31", "32", "33")
MINIMUM = 10
"""What docker's columns have at least, the gap included."""


def print_table(
    terminal: Terminal,
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    styles: Mapping[str, Style] | None = None,
    minimum: int = MINIMUM,
) -> None:
    """Print `rows` under `headers`. styles: by header, a cell's style from its text, one of
    `_STYLES`. minimum: characters of a plain column, the gap included."""
    if terminal.is_rich or terminal.has_color:
        shown = [[escaped(cell) for cell in row] for row in (headers, *rows)]
        chosen = [_styles_of(headers, row, styles or {}) for row in rows]
        if all(map(_is_narrow, chain.from_iterable(shown))):
            lines = styled_lines(shown, [["bold"] * len(headers), *chosen], terminal.has_color)
        else:
            lines = rich_lines(terminal, shown, chosen)
        terminal.write_styled("\n".join(lines))
    else:
        terminal.write("\n".join(columns(headers, rows, minimum)))


def columns(
    headers: Sequence[str], rows: Sequence[Sequence[str]], minimum: int = MINIMUM
) -> list[str]:
    """Lines with every column as wide as its widest cell, as docker prints them."""
    return aligned([[escaped(cell) for cell in row] for row in (headers, *rows)], minimum)


def aligned(table: Sequence[Sequence[str]], minimum: int = MINIMUM) -> list[str]:
    """Lines of cells with the cells of neighbouring lines below each other; the last cell of a line
    is as wide as it is, and a line without a cell in a column begins that column anew (Go,
    text/tabwriter, with docker's widths)."""
    lines = [list(row) for row in table]
    for column in range(max(map(len, lines), default=0)):
        block: list[list[str]] = []
        for line in [*lines, []]:
            if column < len(line) - 1:
                block.append(line)
                continue
            width = max([minimum, *(len(each[column]) + GAP for each in block)])
            for each in block:
                each[column] = each[column].ljust(width)
            block = []
    return ["".join(line) for line in lines]


def _styles_of(
    headers: Sequence[str], row: Sequence[str], styles: Mapping[str, Style]
) -> list[str]:
    return [
        styles[header](cell) if header in styles else ""
        for header, cell in zip(headers, row, strict=True)
    ]


def _is_narrow(text: str) -> bool:
    """Whether each character of `text` is surely one column wide."""
    return text.replace(ELLIPSIS, "").isascii()


def styled_lines(
    table: Sequence[Sequence[str]], styles: Sequence[Sequence[str]], has_color: bool
) -> list[str]:
    """The lines that rich shows for cells whose characters are all as wide as one column. Importing
    rich, which knows those that are not, takes a third of the time that `ps` does."""
    widths = [max(map(len, column)) + _RICH_GAP for column in zip(*table, strict=True)]
    return [
        "".join(
            _cell(text, style, width, has_color)
            for text, style, width in zip(row, chosen, widths, strict=True)
        ).rstrip(" ")
        for row, chosen in zip(table, styles, strict=True)
    ]


def _cell(text: str, style: str, width: int, has_color: bool) -> str:
    code = _STYLES[style]
    padding = " " * (width - len(text))
    if not text or not code or (code in _COLORS and not has_color):
        return text + padding
    return f"\x1b[{code}m{text}\x1b[0m{padding}"


def rich_lines(
    terminal: Terminal, table: Sequence[Sequence[str]], styles: Sequence[Sequence[str]]
) -> list[str]:
    """The lines of cells of any characters, each with its style, the first in bold."""
    from io import StringIO

    from rich.console import Console
    from rich.measure import Measurement
    from rich.table import Table
    from rich.text import Text

    headers, *rows = table
    grid = Table(box=None, pad_edge=False, padding=(0, _RICH_GAP, 0, 0), header_style="bold")
    for header in headers:
        grid.add_column(Text(header), overflow="fold")
    for row, chosen in zip(rows, styles, strict=True):
        grid.add_row(*(Text(text, style=style) for text, style in zip(row, chosen, strict=True)))
    page = StringIO()
    console = Console(
        file=page,
        force_terminal=True,
        no_color=not terminal.has_color,
        width=terminal.width if terminal.is_rich else None,
        legacy_windows=False,
        _environ=dict(terminal.environ),
    )
    # A name that is folded could not be copied: the terminal may wrap what is too wide for it.
    unlimited = console.options.update(width=_UNLIMITED)
    console.width = max(console.width, Measurement.get(console, unlimited, grid).maximum)
    console.print(grid)
    return page.getvalue().rstrip("\n").split("\n")


def print_fields(terminal: Terminal, fields: Mapping[str, str]) -> None:
    """Print one `name: value` a line, the values below each other."""
    width = max(map(len, fields)) + 2
    for name, value in fields.items():
        terminal.line(f"{name + ':':{width}}{value}")
