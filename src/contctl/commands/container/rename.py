"""contctl rename."""

from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.options import Container
from contctl.core.domain.actions import Rename
from contctl.core.errors import ContctlError, ErrorCode

NewName = Annotated[str, typer.Argument(metavar="NEW_NAME", show_default=False)]


def command(ctx: typer.Context, container: Container, new_name: NewName) -> None:
    """Give a container another name.

    The grant that lets you do it has to cover both names.
    """
    old, new = container.strip(), new_name.strip()
    if not old or not new:
        raise ContctlError(ErrorCode.USAGE, "neither the old nor the new name may be empty")
    for outcome in app_of(ctx).api.containers.act(Rename(new), [old]):
        if outcome.error is not None:
            raise outcome.error
