"""contctl restart."""

import typer

from contctl.commands.app import app_of
from contctl.commands.container.outcomes import act
from contctl.commands.options import Containers, Grace, Json, Signal
from contctl.core.domain.actions import Restart


def command(
    ctx: typer.Context,
    containers: Containers,
    timeout: Grace = None,
    signal: Signal = None,
    json: Json = False,
) -> int:
    """Stop containers and start them again."""
    return act(app_of(ctx), Restart(timeout, signal), containers, json=json)
