"""contctl unpause."""

import typer

from contctl.commands.app import app_of
from contctl.commands.container.outcomes import act
from contctl.commands.options import Containers, Json
from contctl.core.domain.actions import Unpause


def command(ctx: typer.Context, containers: Containers, json: Json = False) -> int:
    """Let the processes of paused containers go on."""
    return act(app_of(ctx), Unpause(), containers, json=json)
