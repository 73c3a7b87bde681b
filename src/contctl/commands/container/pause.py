"""contctl pause."""

import typer

from contctl.commands.app import app_of
from contctl.commands.container.outcomes import act
from contctl.commands.options import Containers, Json
from contctl.core.domain.actions import Pause


def command(ctx: typer.Context, containers: Containers, json: Json = False) -> int:
    """Freeze all processes of containers."""
    return act(app_of(ctx), Pause(), containers, json=json)
