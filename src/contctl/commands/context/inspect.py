"""contctl context inspect."""

import json
from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.options import Json
from contctl.commands.output.json_documents import context_document, print_json
from contctl.commands.output.template import compile_template, to_json

Name = Annotated[str | None, typer.Argument(metavar="[NAME]", show_default=False)]
Format = Annotated[
    str | None,
    typer.Option("--format", "-f", metavar="FORMAT", help="'json' or a template."),
]


def command(
    ctx: typer.Context, name: Name = None, format: Format = None, as_json: Json = False
) -> None:
    """Show all about a context.

    The current one, where none is named.
    """
    app = app_of(ctx)
    contexts, option = app.client.contexts, app.options.context
    found = context_document(
        contexts.current(option) if name is None else contexts.inspect(name, option)
    )
    if as_json:
        print_json(app.terminal, {"context": found})
    elif format is None:
        app.terminal.write(json.dumps([found], indent=4))
    elif format == "json":
        app.terminal.line(to_json(found))
    else:
        app.terminal.line(compile_template(format, app.terminal.shown)(found))
