"""contctl context rm."""

from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.output.exit_status import status_of_all

Names = Annotated[list[str], typer.Argument(metavar="NAME [NAME...]", show_default=False)]


def command(ctx: typer.Context, names: Names) -> None:
    """Forget contexts.

    Only contctl's own, and not the chosen one. Tokens that were kept for a gateway stay where they
    are: log out before.
    """
    app = app_of(ctx)
    results = app.client.contexts.remove(tuple(names))
    for name, error in zip(names, results, strict=True):
        if error is None:
            app.terminal.line(name)
            continue
        app.terminal.note(f"error: {error.message}")
        if error.hint:
            app.terminal.note(f"hint: {error.hint}")
    errors = [error for error in results if error is not None]
    if errors:
        raise typer.Exit(status_of_all(errors))
