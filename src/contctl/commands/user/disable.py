"""contctl user disable."""

from typing import Annotated

import typer

from contctl.commands.app import app_of

Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]


def command(ctx: typer.Context, name: Name) -> None:
    """Lock an account out, and end its sessions."""
    app = app_of(ctx)
    user = app.api.users.set_enabled(name, enabled=False)
    app.terminal.note(f"disabled {user.name}")
