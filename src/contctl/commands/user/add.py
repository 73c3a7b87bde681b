"""contctl user add."""

from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.options import PasswordStdin
from contctl.commands.passwords import check_can_get, new_password
from contctl.core.domain.roles import Role

Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]
RoleOption = Annotated[
    Role | None, typer.Option("--role", help="The role on all containers.", show_default=False)
]


def command(
    ctx: typer.Context, name: Name, role: RoleOption = None, password_stdin: PasswordStdin = False
) -> None:
    """Make an account.

    Without --role the user may log in, and do nothing else yet.
    """
    app = app_of(ctx)
    check_can_get(app, from_stdin=password_stdin)
    app.api.users.check_new(name)
    password = new_password(app, name, from_stdin=password_stdin)
    account = app.api.users.add(name, password, role)
    roles = ", ".join(grant.role for grant in account.grants) or "no role"
    app.terminal.note(f"added {account.user.name} ({roles})")
