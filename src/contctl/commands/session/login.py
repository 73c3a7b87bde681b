"""contctl login."""

from typing import Annotated

import typer

from contctl.commands.app import App, app_of
from contctl.commands.options import PasswordStdin
from contctl.commands.output.times import local
from contctl.commands.passwords import check_can_get, known_password
from contctl.commands.session.environment import note_environment_token
from contctl.core.domain.credentials import StoreKind
from contctl.core.errors import ContctlError, ErrorCode

Username = Annotated[str | None, typer.Argument(metavar="[USERNAME]", show_default=False)]
Store = Annotated[
    StoreKind | None, typer.Option("--store", help="Where to keep the tokens.", show_default=False)
]


def command(
    ctx: typer.Context,
    username: Username = None,
    password_stdin: PasswordStdin = False,
    store: Store = None,
) -> None:
    """Begin a session.

    Its tokens are kept in the keyring of the operating system, or with --store file in a file; the
    next login remembers which. A session that was open here before ends.
    """
    app = app_of(ctx)
    check_can_get(app, from_stdin=password_stdin)
    app.api.sessions.prepare_login(store)
    name = username if username is not None else _ask_username(app, from_stdin=password_stdin)
    password = known_password(app, from_stdin=password_stdin)
    logged_in = app.api.sessions.login(name, password, store)
    until = local(logged_in.status.access_expires_at)
    name = logged_in.status.user.name
    app.terminal.note(f"logged in as {name}; the access token is good until {until}")
    if logged_in.ended is not None and logged_in.ended.name != name:
        app.terminal.note(f"the session of {logged_in.ended.name} on this machine was ended")
    if logged_in.left_in is not None:
        app.terminal.note(
            f"warning: {logged_in.left_in} cannot be used; the session that it holds goes on"
        )
        app.terminal.note("hint: 'contctl session ls' shows it, 'contctl session revoke' ends it")
    note_environment_token(app)


def _ask_username(app: App, *, from_stdin: bool) -> str:
    if from_stdin or not app.may_ask:
        raise ContctlError(ErrorCode.USAGE, "a user name is needed")
    return app.terminal.ask("User name: ")
