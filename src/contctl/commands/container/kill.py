"""contctl kill."""

import typer

from contctl.commands.app import app_of
from contctl.commands.container.outcomes import act
from contctl.commands.options import Containers, Json, Signal
from contctl.core.domain.actions import Kill


def command(
    ctx: typer.Context, containers: Containers, signal: Signal = None, json: Json = False
) -> int:
    """Send a signal to running containers.

    KILL, if none is named.
    """
    return act(app_of(ctx), Kill(signal or "KILL"), containers, json=json)
