"""contctl auth print-access-token."""

import typer

from contctl.commands.app import app_of


def command(ctx: typer.Context) -> None:
    """Print the session's access token.

    For programs that take one; it is good for minutes, and whoever has it acts as you. Exit code 4
    if nobody is logged in, the token has expired, or a CI token is in use.
    """
    app = app_of(ctx)
    app.terminal.line(app.api.sessions.access_token().reveal())
