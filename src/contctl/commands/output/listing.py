"""`--format` for lists: table, json (docker's JSON Lines), a template, or a table of one."""

from collections.abc import Mapping, Sequence
from typing import Any

from contctl.commands.output.escape import escaped
from contctl.commands.output.table import Style, columns, print_table
from contctl.commands.output.template import compile_template, fields, to_json
from contctl.commands.output.terminal import Terminal
from contctl.core.errors import ContctlError, ErrorCode

Row = Mapping[str, Any]


def print_rows(
    terminal: Terminal,
    rows: Sequence[Row],
    chosen: str | None,
    headings: Mapping[str, str],
    default: Sequence[str],
    styles: Mapping[str, Style] | None = None,
) -> None:
    """Print `rows` in the format `chosen`.

    headings: the column head of each field.  default: the fields of the plain table.
    ContctlError USAGE for a template that is not supported, before anything is printed.
    """
    source = (chosen or "table").rstrip(" ")
    if source == "table":
        cells = [[str(row[field]) for field in default] for row in rows]
        print_table(terminal, [headings[field] for field in default], cells, styles)
    elif source == "json":
        _print_lines(terminal, [to_json(row) for row in rows])
    elif source == "raw":
        raise _unsupported("the format 'raw' is not supported")
    elif source.startswith("table"):
        _print_template_table(terminal, rows, source.removeprefix("table").strip(" "), headings)
    else:
        template = compile_template(source, terminal.shown)
        _print_lines(terminal, [template(row) for row in rows])


def _print_template_table(
    terminal: Terminal, rows: Sequence[Row], source: str, headings: Mapping[str, str]
) -> None:
    if "\n" in source or "\\n" in source:
        raise _unsupported("the lines of a table cannot be broken by \\n")
    template = compile_template(source, escaped)
    heads = {name: headings.get(name, name) for name in fields(source)}
    # No tab is left in a field, so that all lines have the same number of cells.
    head, *lines = (tuple(text.split("\t")) for text in map(template, (heads, *rows)))
    _print_lines(terminal, columns(head, lines))


def _print_lines(terminal: Terminal, lines: Sequence[str]) -> None:
    for line in lines:
        terminal.write(line)


def _unsupported(message: str) -> ContctlError:
    hint = "formats are 'table', 'json', a template, and 'table TEMPLATE'"
    return ContctlError(ErrorCode.USAGE, message, hint=hint)
