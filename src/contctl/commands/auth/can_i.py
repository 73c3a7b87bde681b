"""contctl auth can-i."""

from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.output.exit_status import ExitStatus
from contctl.core.domain.roles import parse_permission
from contctl.core.errors import ContctlError, ErrorCode

Asked = Annotated[str | None, typer.Argument(metavar="[PERMISSION]", show_default=False)]
Container = Annotated[str | None, typer.Argument(metavar="[CONTAINER]", show_default=False)]
ListAll = Annotated[bool, typer.Option("--list", help="List everything that may be done.")]
AsUser = Annotated[str | None, typer.Option("--as", metavar="USER", help="Ask for another user.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing.")]


def command(
    ctx: typer.Context,
    permission: Asked = None,
    container: Container = None,
    list_all: ListAll = False,
    as_user: AsUser = None,
    quiet: Quiet = False,
) -> None:
    """Ask whether something may be done.

    Exit code 1 for a no. With --list the one argument, if there is one, is a container.
    """
    app = app_of(ctx)
    if list_all:
        if container is not None:
            raise ContctlError(ErrorCode.USAGE, "--list takes a container only")
        for each in app.api.rights.all(permission, as_user):
            app.terminal.line(each)
        return
    if permission is None:
        raise ContctlError(ErrorCode.USAGE, "a permission is needed", hint="or use --list")
    allowed = app.api.rights.can(parse_permission(permission), container, as_user)
    if not quiet:
        app.terminal.line("yes" if allowed else "no")
    if not allowed:
        raise typer.Exit(ExitStatus.FAILED)
