"""Templates of `--format`: Go's text/template with docker's functions, as docker's documentation
uses them.

Fields, variables, parentheses, pipelines, `if`, `with` and `range` with `else`, `break`,
`continue`, comments, trim markers, literals, and the functions of `functions.py`. Whatever else Go
has is a usage error that names it. A run is bounded in steps and in the text that it makes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contctl.commands.output.template.documents import safe_json, to_json, to_json_of
from contctl.commands.output.template.values import NIL_POINTER, Map, Method, Row, Slice, Struct

if TYPE_CHECKING:
    from contctl.commands.output.template.compiled import Template
    from contctl.commands.output.template.printing import Show

__all__ = [
    "NIL_POINTER",
    "Map",
    "Method",
    "Row",
    "Slice",
    "Struct",
    "compile_template",
    "safe_json",
    "to_json",
    "to_json_of",
]


def compile_template(source: str, shown: Show = str) -> Template:
    """`source` as a function from data to text; ContctlError USAGE, at once, for what is not
    supported.

    shown: what becomes of text from the data before it is put in.
    """
    # A list without a template should not wait for all that reads them.
    from contctl.commands.output.template.compiled import Template

    return Template(source, shown)
