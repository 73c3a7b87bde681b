"""contctl token revoke."""

from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.output.exit_status import status_of_all

IDs = Annotated[list[str], typer.Argument(metavar="ID [ID...]", show_default=False)]


def command(ctx: typer.Context, ids: IDs) -> None:
    """End tokens at once.

    `contctl token ls` shows their IDs; a token's own first 16 characters after `ctl_` are its ID.
    """
    app = app_of(ctx)
    results = app.api.ci_tokens.revoke(ids)
    for token_id, error in zip(ids, results, strict=True):
        if error is None:
            app.terminal.line(token_id)
        else:
            app.terminal.note(f"error: {error.message}")
    errors = [error for error in results if error is not None]
    if errors:
        raise typer.Exit(status_of_all(errors))
