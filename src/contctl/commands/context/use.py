"""contctl context use."""

from typing import Annotated

import typer

from contctl.commands.app import app_of

Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]


def command(ctx: typer.Context, name: Name) -> None:
    """Choose the context of commands that name none.

    `default` is the engine that docker would use without any context, in embedded mode.
    """
    app = app_of(ctx)
    elsewhere = app.client.contexts.use(name)
    app.terminal.line(name)
    if elsewhere is not None:
        app.terminal.note(f"warning: commands go elsewhere as long as {elsewhere}")
