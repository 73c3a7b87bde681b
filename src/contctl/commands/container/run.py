"""contctl run."""

from typing import Annotated

import typer

from contctl.commands.app import App, app_of
from contctl.commands.container.create_options import RUN
from contctl.commands.container.given import Given, takes
from contctl.commands.container.making import (
    create,
    nothing_left_unsaid,
    said_if_it_goes_on,
)
from contctl.commands.container.process import begin, start, stay
from contctl.commands.container.spec import asked_of
from contctl.core.domain.create import Created, CreateSpec
from contctl.core.domain.streams import AttachSpec, Condition

Image = Annotated[str, typer.Argument(metavar="IMAGE", show_default=False)]
Argv = Annotated[list[str] | None, typer.Argument(metavar="[COMMAND] [ARG...]", show_default=False)]


@takes(RUN)
def command(ctx: typer.Context, image: Image, argv: Argv = None, **options: object) -> None:
    """Make a container and start it.

    An image that the engine does not have is pulled first. The exit code is the container's own;
    125 if contctl could not run it.
    """
    app = app_of(ctx)
    given = Given(options, RUN)
    detach = given.on("detach")
    asked = asked_of(given, image, argv or [], app.terminal.environ, detach=detach)
    raise typer.Exit(_run(app, create(app, asked), asked.spec))


def _run(app: App, created: Created, spec: CreateSpec) -> int:
    until = Condition.REMOVED if spec.auto_remove else Condition.NEXT_EXIT
    joined = spec.joined
    with nothing_left_unsaid(app, created, spec):
        if not joined:
            start(app, created.id)
            app.terminal.line(created.id)
            return 0
        duplex = begin(app, created.id, AttachSpec(stdin="stdin" in joined, until=until))
    with said_if_it_goes_on(created, spec):
        return stay(app, created.id, duplex, stdin="stdin" in joined)
