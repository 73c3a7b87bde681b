"""contctl user revoke."""

from typing import Annotated

import typer

from contctl.commands.app import app_of

Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]
GrantID = Annotated[str, typer.Argument(metavar="GRANT-ID", show_default=False)]


def command(ctx: typer.Context, name: Name, grant_id: GrantID) -> None:
    """Take a grant away.

    `contctl user show NAME` lists the grants with their IDs.
    """
    app = app_of(ctx)
    app.api.users.revoke(name, grant_id)
    app.terminal.note(f"took {grant_id} from {name}")
