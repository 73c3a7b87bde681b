"""contctl audit head."""

import typer

from contctl.commands.app import app_of


def command(ctx: typer.Context) -> None:
    """Print an anchor of the newest record.

    Keep it on another machine: 'contctl audit verify --anchor' then notices a log that was cut.
    """
    app = app_of(ctx)
    app.terminal.write(app.api.audit.head().to_json())
