"""contctl rm."""

from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.container.outcomes import act
from contctl.commands.options import Containers, Json
from contctl.core.domain.actions import Remove

Force = Annotated[bool, typer.Option("--force", "-f", help="Kill it first, if it runs.")]
Volumes = Annotated[bool, typer.Option("--volumes", "-v", help="Its anonymous volumes too.")]


def command(
    ctx: typer.Context,
    containers: Containers,
    force: Force = False,
    volumes: Volumes = False,
    json: Json = False,
) -> int:
    """Remove containers."""
    return act(app_of(ctx), Remove(force=force, volumes=volumes), containers, json=json)
