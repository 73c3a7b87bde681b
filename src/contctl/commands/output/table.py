"""Tables: rich ones on a terminal, plain columns into a pipe."""

from collections.abc import Callable, Mapping, Sequence

from contctl.commands.output.escape import escaped
from contctl.commands.output.terminal import Terminal

Style = Callable[[str], str]
GAP = 3
_UNLIMITED = 1_000_000
MINIMUM = 10
"""What docker's columns have at least, the gap included."""


def print_table(
    terminal: Terminal,
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    styles: Mapping[str, Style] | None = None,
    minimum: int = MINIMUM,
) -> None:
    """Print `rows` under `headers`. styles: by header, a cell's rich style from its text. minimum:
    characters of a plain column, the gap included."""
    if terminal.is_rich or terminal.has_color:
        _print_rich(terminal, headers, rows, styles or {})
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


def _print_rich(
    terminal: Terminal,
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    styles: Mapping[str, Style],
) -> None:
    from io import StringIO

    from rich.console import Console
    from rich.measure import Measurement
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for header in headers:
        table.add_column(Text(escaped(header)), overflow="fold")
    for row in rows:
        table.add_row(
            *(
                Text(escaped(cell), style=styles[header](cell) if header in styles else "")
                for header, cell in zip(headers, row, strict=True)
            )
        )
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
    console.width = max(console.width, Measurement.get(console, unlimited, table).maximum)
    console.print(table)
    terminal.write_styled(page.getvalue().rstrip("\n"))


def print_fields(terminal: Terminal, fields: Mapping[str, str]) -> None:
    """Print one `name: value` a line, the values below each other."""
    width = max(map(len, fields)) + 2
    for name, value in fields.items():
        terminal.line(f"{name + ':':{width}}{value}")
