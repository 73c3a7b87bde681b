"""contctl user unlock."""

from typing import Annotated

import typer

from contctl.commands.app import app_of

Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]


def command(ctx: typer.Context, name: Name) -> None:
    """Let a user log in again without a delay.

    After several failed logins further ones have to wait, up to 15 minutes.
    """
    app = app_of(ctx)
    user = app.api.users.unlock(name)
    app.terminal.note(f"unlocked {user.name}")
