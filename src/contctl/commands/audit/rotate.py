"""contctl audit rotate."""

import typer

from contctl.commands.app import app_of
from contctl.commands.options import Json
from contctl.commands.output.json_documents import print_json, segment_document


def command(ctx: typer.Context, json: Json = False) -> None:
    """Seal the log so far, and begin a new segment.

    All records stay where they are.
    """
    app = app_of(ctx)
    sealed = app.api.audit.rotate()
    if json:
        print_json(app.terminal, segment_document(sealed))
    else:
        extent = f"records {sealed.first} to {sealed.last}"
        app.terminal.line(f"segment {sealed.number} is sealed: {extent}")
