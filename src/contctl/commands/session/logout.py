"""contctl logout."""

from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.session.environment import note_environment_token

Everywhere = Annotated[
    bool, typer.Option("--all", help="End all sessions of this user, on every machine.")
]


def command(ctx: typer.Context, everywhere: Everywhere = False) -> None:
    """End the session and forget its tokens."""
    app = app_of(ctx)
    user = app.api.sessions.logout(everywhere=everywhere)
    app.terminal.note(f"logged out {user.name}" if user else "nobody was logged in")
    note_environment_token(app)
