"""contctl update."""

import typer

from contctl.commands.app import app_of
from contctl.commands.container.create_options import RESOURCES, RESTART
from contctl.commands.container.given import Given, takes, usage
from contctl.commands.container.limiting import resources_of, restart_of
from contctl.commands.container.outcomes import act
from contctl.commands.options import Containers, Json
from contctl.core.domain.actions import Update

OPTIONS = (*RESOURCES, RESTART)


@takes(OPTIONS)
def command(
    ctx: typer.Context, containers: Containers, json: Json = False, **options: object
) -> int:
    """Change what containers may use."""
    given = Given(options, OPTIONS)
    if not any(value is not None for value in options.values()):
        raise usage("you must provide one or more flags when using this command")
    restart = given.word("restart")
    update = Update(resources_of(given), restart_of(restart) if restart else None)
    return act(app_of(ctx), update, containers, json=json)
