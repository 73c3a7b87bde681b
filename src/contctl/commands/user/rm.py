"""contctl user rm."""

from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.output.exit_status import ExitStatus

Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]


Force = Annotated[bool, typer.Option("--force", "-f", help="Do not ask.")]


def command(ctx: typer.Context, name: Name, force: Force = False) -> None:
    """Delete an account.

    Its grants and sessions go with it; its audit records stay. Asks first, where there is a
    terminal to ask on.
    """
    app = app_of(ctx)
    if app.terminal.stdin_is_tty and not force:
        # One that is not there, or not the caller's to delete, is no question.
        found = app.api.users.show(name).user
        if not app.confirm(f"Delete the account {found.name}, its grants and sessions?"):
            app.terminal.note("nothing was deleted")
            raise typer.Exit(ExitStatus.FAILED)
    user = app.api.users.remove(name)
    app.terminal.note(f"deleted {user.name}")
