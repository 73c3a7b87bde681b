"""contctl start."""

from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.container.outcomes import act
from contctl.commands.container.process import begin, stay
from contctl.commands.options import Containers, Interactive, Json
from contctl.core.domain.actions import Start
from contctl.core.domain.streams import AttachSpec, Condition
from contctl.core.errors import ContctlError, ErrorCode

Attach = Annotated[
    bool, typer.Option("--attach", "-a", help="Show its output and end with its exit code.")
]


def command(
    ctx: typer.Context,
    containers: Containers,
    attach: Attach = False,
    interactive: Interactive = False,
    json: Json = False,
) -> None:
    """Start stopped containers."""
    app = app_of(ctx)
    if not attach and not interactive:
        act(app, Start(), containers, json=json)
        return
    app.options.runs_a_process = True
    if len(containers) != 1:
        raise ContctlError(ErrorCode.USAGE, "only one container can be attached to at a time")
    spec = AttachSpec(stdin=interactive, until=Condition.NEXT_EXIT)
    duplex = begin(app, containers[0], spec)
    raise typer.Exit(stay(app, containers[0], duplex, stdin=interactive))
