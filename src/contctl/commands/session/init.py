"""contctl init."""

from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.options import PasswordStdin
from contctl.commands.passwords import check_can_get, new_password
from contctl.core.domain.accounts import check_username

Username = Annotated[
    str | None, typer.Option("--username", metavar="NAME", help="The admin's user name.")
]


def command(
    ctx: typer.Context, username: Username = None, password_stdin: PasswordStdin = False
) -> None:
    """Make the user database and its first admin.

    Without --username the name of the operating system's user is taken, or asked for.
    """
    app = app_of(ctx)
    app.api.sessions.check_uninitialised()
    check_can_get(app, from_stdin=password_stdin)
    if username is None:
        username = app.client.default_username()
        if app.may_ask and not password_stdin:
            username = app.terminal.ask(f"User name [{username}]: ") or username
    check_username(username)
    password = new_password(app, username, from_stdin=password_stdin)
    admin = app.api.sessions.initialise(username, password)
    app.terminal.note(f"made the user database with its first admin, {admin.name}")
    app.terminal.note(f"hint: run 'contctl login {admin.name}'")
