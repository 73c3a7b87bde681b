"""`--format` for lists: table, json (docker's JSON Lines), a template, or a table of one."""

from collections.abc import Mapping, Sequence
from typing import Any

from contctl.commands.output.table import Style, columns, print_table
from contctl.commands.output.template import compile_template, fields, to_json
from contctl.commands.output.terminal import Terminal

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
    source = chosen or "table"
    if source == "table":
        cells = [[str(row[field]) for field in default] for row in rows]
        print_table(terminal, [headings[field] for field in default], cells, styles)
    elif source == "json":
        _print_lines(terminal, [to_json(row) for row in rows])
    elif source.startswith("table "):
        _print_template_table(terminal, rows, source.removeprefix("table ").strip(), headings)
    else:
        template = compile_template(source)
        _print_lines(terminal, [template(row) for row in rows])


def _print_template_table(
    terminal: Terminal, rows: Sequence[Row], source: str, headings: Mapping[str, str]
) -> None:
    template = compile_template(source)
    head = compile_template(source)({name: headings.get(name, name) for name in fields(source)})
    lines = [tuple(text.split("\t")) for text in (head, *(template(row) for row in rows))]
    if len({len(line) for line in lines}) == 1:
        _print_lines(terminal, columns(lines[0], lines[1:]))
    else:
        _print_lines(terminal, ["\t".join(line) for line in lines])


def _print_lines(terminal: Terminal, lines: Sequence[str]) -> None:
    for line in lines:
        terminal.line(line)
