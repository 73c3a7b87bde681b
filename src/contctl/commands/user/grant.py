"""contctl user grant."""

from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.scopes import Engine, Labels, Names, scope_of
from contctl.core.domain.grants import describe
from contctl.core.domain.roles import Role

Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]
RoleArgument = Annotated[Role, typer.Argument(metavar="ROLE", show_default=False)]


def command(
    ctx: typer.Context,
    name: Name,
    role: RoleArgument,
    names: Names = None,
    labels: Labels = None,
    engine: Engine = None,
) -> None:
    """Give a user a role.

    On all containers, or on those in the scope that the options describe. Prints the grant's ID.
    """
    app = app_of(ctx)
    scope = scope_of(names, labels, engine)
    grant = app.api.users.grant(name, role, scope)
    app.terminal.note(f"granted {name} {grant.role} on {describe(grant.scope)}")
    app.terminal.line(grant.id)
