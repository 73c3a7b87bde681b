"""contctl context show."""

import typer

from contctl.commands.app import app_of
from contctl.commands.options import Json
from contctl.commands.output.json_documents import context_document, print_json


def command(ctx: typer.Context, json: Json = False) -> None:
    """Print the name of the current context."""
    app = app_of(ctx)
    context = app.client.contexts.current(app.options.context)
    if json:
        print_json(app.terminal, {"context": context_document(context)})
    else:
        app.terminal.line(context.name)
