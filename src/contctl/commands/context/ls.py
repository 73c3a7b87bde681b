"""contctl context ls."""

import typer

from contctl.commands.app import app_of
from contctl.commands.context.rows import HEADINGS, row
from contctl.commands.options import Format, Json, Quiet
from contctl.commands.output.json_documents import context_document, print_json
from contctl.commands.output.listing import print_rows


def command(
    ctx: typer.Context, format: Format = None, quiet: Quiet = False, json: Json = False
) -> None:
    """List the contexts, contctl's own and docker's.

    The star marks where commands go now, and the last column says why.
    """
    app = app_of(ctx)
    contexts = app.client.contexts.list(app.options.context)
    if json:
        print_json(app.terminal, {"contexts": [context_document(each) for each in contexts]})
        return
    rows = [row(context) for context in contexts]
    print_rows(app.terminal, rows, "{{.Name}}" if quiet else format, HEADINGS, tuple(HEADINGS))
    if all(context.reason is None for context in contexts):
        app.terminal.note("warning: what is chosen is not there; 'contctl context show' names it")
