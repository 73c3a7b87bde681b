"""contctl whoami."""

import typer

from contctl.commands.app import app_of
from contctl.commands.options import Json
from contctl.commands.output.json_documents import print_json, session_document


def command(ctx: typer.Context, json: Json = False) -> None:
    """Print the name of the logged-in user."""
    app = app_of(ctx)
    status = app.api.sessions.status()
    if json:
        print_json(app.terminal, session_document(status))
    else:
        app.terminal.line(status.user.name)
