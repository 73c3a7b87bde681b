"""contctl user enable."""

from typing import Annotated

import typer

from contctl.commands.app import app_of

Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]


def command(ctx: typer.Context, name: Name) -> None:
    """Let a disabled account in again."""
    app = app_of(ctx)
    user = app.api.users.set_enabled(name, enabled=True)
    app.terminal.note(f"enabled {user.name}")
