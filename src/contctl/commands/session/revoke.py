"""contctl session revoke."""

from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.output.exit_status import status_of_all

IDs = Annotated[list[str], typer.Argument(metavar="ID [ID...]", show_default=False)]


def command(ctx: typer.Context, ids: IDs) -> None:
    """End sessions at once.

    `contctl session ls` shows their IDs.
    """
    app = app_of(ctx)
    results = app.api.logins.revoke(ids)
    for session_id, error in zip(ids, results, strict=True):
        if error is None:
            app.terminal.line(session_id)
        else:
            app.terminal.note(f"error: {error.message}")
    errors = [error for error in results if error is not None]
    if errors:
        raise typer.Exit(status_of_all(errors))
