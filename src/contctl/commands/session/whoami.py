"""contctl whoami."""

import typer

from contctl.commands.app import app_of
from contctl.commands.options import Json
from contctl.commands.output.json_documents import (
    print_json,
    session_document,
    token_status_document,
)


def command(ctx: typer.Context, json: Json = False) -> None:
    """Print the name of the logged-in user.

    With a CI token its owner's.
    """
    app = app_of(ctx)
    token = app.api.ci_tokens.current()
    if token is not None:
        user, document = token.owner, token_status_document(token)
    else:
        status = app.api.sessions.status()
        user, document = status.user, session_document(status)
    if json:
        print_json(app.terminal, document)
    else:
        app.terminal.line(user.name)
