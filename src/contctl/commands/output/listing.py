"""`--format` for lists: table, json (docker's JSON Lines), a template, or a table of one."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from contctl.commands.output.escape import escaped
from contctl.commands.output.table import Style, aligned, print_table
from contctl.commands.output.terminal import Terminal
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from contctl.commands.output.template.compiled import Template

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
        return
    from contctl.commands.output.template import Method, Row, to_json_of

    if source == "json":
        _print_lines(terminal, [to_json_of(Row.of(row)) for row in rows])
        return
    template = list_template(terminal, source)
    if source.startswith("table"):
        head = template.heading({**headings, "Label": Method(_label_heading)})
        text = "\n".join([head, *(template(row) for row in rows)])
        terminal.write("\n".join(aligned([line.split("\t") for line in text.split("\n")])))
    else:
        _print_lines(terminal, [template(row) for row in rows])


def list_template(terminal: Terminal, chosen: str) -> "Template":
    """The template of a format that is one, with or without `table` in front. In it `\\t` and `\\n`
    are a tab and a line end, as docker has them."""
    from contctl.commands.output.template import compile_template

    if chosen.strip(" ") == "raw":
        raise _unsupported("the format 'raw' is not supported")
    in_table = chosen.startswith("table")
    source = chosen.removeprefix("table").strip(" ").replace("\\t", "\t").replace("\\n", "\n")
    # No tab may be left in a field of a table, or its lines would not have the same cells.
    return compile_template(source, escaped if in_table else terminal.shown)


def _label_heading(label: str) -> str:
    """The head of a column of labels, as docker has it."""
    return label.rpartition(".")[2].replace("-", " ").replace("_", " ")


def _print_lines(terminal: Terminal, lines: Sequence[str]) -> None:
    for line in lines:
        terminal.write(line)


def _unsupported(message: str) -> ContctlError:
    hint = "formats are 'table', 'json', a template, and 'table TEMPLATE'"
    return ContctlError(ErrorCode.USAGE, message, hint=hint)
