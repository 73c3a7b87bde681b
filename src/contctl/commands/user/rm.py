"""contctl user rm."""

from typing import Annotated

import typer

from contctl.commands.app import app_of

Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]


def command(ctx: typer.Context, name: Name) -> None:
    """Delete an account.

    Its grants and sessions go with it; its audit records stay.
    """
    app = app_of(ctx)
    user = app.api.users.remove(name)
    app.terminal.note(f"deleted {user.name}")
