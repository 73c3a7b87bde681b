"""contctl user grant."""

from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.core.domain.grants import Scope, describe
from contctl.core.domain.roles import Role
from contctl.core.errors import ContctlError, ErrorCode

Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]
RoleArgument = Annotated[Role, typer.Argument(metavar="ROLE", show_default=False)]
Names = Annotated[
    list[str] | None,
    typer.Option("--name", metavar="GLOB", help="Containers so named; one of several must match."),
]
Labels = Annotated[
    list[str] | None,
    typer.Option("--label", metavar="KEY=VALUE", help="Containers so labelled; all must match."),
]
Engine = Annotated[
    str | None, typer.Option("--engine", metavar="ENGINE", help="Containers of this engine only.")
]


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
    scope = Scope(tuple(names or ()), tuple(map(_label, labels or ())), engine)
    grant = app.api.users.grant(name, role, scope)
    app.terminal.note(f"granted {name} {grant.role} on {describe(grant.scope)}")
    app.terminal.line(grant.id)


def _label(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise ContctlError(
            ErrorCode.USAGE, f"not a label: {text!r}", hint="labels of a scope are KEY=VALUE"
        )
    return key, value
