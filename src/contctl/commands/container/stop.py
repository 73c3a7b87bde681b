"""contctl stop."""

import typer

from contctl.commands.app import app_of
from contctl.commands.container.outcomes import act
from contctl.commands.options import Containers, Grace, Json, Signal
from contctl.core.domain.actions import Stop


def command(
    ctx: typer.Context,
    containers: Containers,
    timeout: Grace = None,
    signal: Signal = None,
    json: Json = False,
) -> int:
    """Stop running containers."""
    return act(app_of(ctx), Stop(timeout, signal), containers, json=json)
