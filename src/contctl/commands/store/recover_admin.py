"""contctl store recover-admin."""

from typing import Annotated

import typer

from contctl.commands.app import App, app_of
from contctl.commands.options import PasswordStdin
from contctl.commands.passwords import check_can_get, new_password
from contctl.core.errors import ContctlError, ErrorCode

Name = Annotated[str | None, typer.Argument(metavar="[NAME]", show_default=False)]


def command(ctx: typer.Context, name: Name = None, password_stdin: PasswordStdin = False) -> None:
    """Reset the password of an admin.

    It needs no session, only the operating-system user that the user database belongs to. Without
    NAME the only admin. The admin's sessions end, and the audit log tells of it.
    """
    app = app_of(ctx)
    check_can_get(app, from_stdin=password_stdin)
    admin = app.api.recovery.admin(name)
    if not password_stdin:
        _confirm(app, admin.name)
    password = new_password(app, admin.name, from_stdin=password_stdin)
    app.api.recovery.reset(admin.name, password)
    app.terminal.note(f"reset the password of {admin.name}; all sessions of {admin.name} ended")
    app.terminal.note(f"hint: run 'contctl login {admin.name}'")


def _confirm(app: App, name: str) -> None:
    app.terminal.note(
        f"This gives the admin {name} a new password and ends all sessions of {name}."
        " The audit log will tell of it."
    )
    if app.terminal.ask("Go on? [y/N] ").lower() not in ("y", "yes"):
        raise ContctlError(ErrorCode.FAILED, "nothing was changed")
