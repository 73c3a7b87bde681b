"""contctl user passwd."""

from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.options import PasswordStdin
from contctl.commands.passwords import check_can_get, new_password

Name = Annotated[str | None, typer.Argument(metavar="[NAME]", show_default=False)]


def command(ctx: typer.Context, name: Name = None, password_stdin: PasswordStdin = False) -> None:
    """Change a password.

    Without NAME your own. All other sessions of the user end.
    """
    app = app_of(ctx)
    check_can_get(app, from_stdin=password_stdin)
    target = app.api.users.show(name).user
    password = new_password(app, target.name, from_stdin=password_stdin)
    user = app.api.users.set_password(target.name, password)
    app.terminal.note(f"changed the password of {user.name}")
