"""contctl run."""

from typing import Annotated

import typer

from contctl.commands.app import App, app_of
from contctl.commands.container.create_options import RUN
from contctl.commands.container.detach_keys import parse_detach_keys
from contctl.commands.container.given import Given, takes
from contctl.commands.container.making import (
    create,
    nothing_left_unsaid,
    said_if_it_goes_on,
)
from contctl.commands.container.process import begin, require_terminal, start, stay
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
    spec = asked.spec
    require_terminal(app, stdin="stdin" in spec.joined, tty=spec.tty)
    keys = given.text("detach_keys")
    if keys:
        parse_detach_keys(keys)
    sig_proxy = given.on("sig_proxy")
    raise typer.Exit(_run(app, create(app, asked), spec, sig_proxy=sig_proxy, detach_keys=keys))


def _run(
    app: App, created: Created, spec: CreateSpec, *, sig_proxy: bool, detach_keys: str | None
) -> int:
    until = Condition.REMOVED if spec.auto_remove else Condition.NEXT_EXIT
    joined = spec.joined
    stdin = "stdin" in joined
    with nothing_left_unsaid(app, created, spec):
        if not joined:
            start(app, created.id)
            app.terminal.line(created.id)
            return 0
        attach = AttachSpec(
            stdin=stdin,
            stdout="stdout" in joined,
            stderr="stderr" in joined,
            until=until,
            detach_keys=detach_keys,
        )
        duplex = begin(app, created.id, attach)
    with said_if_it_goes_on(created, spec):
        return stay(
            app,
            created.id,
            duplex,
            stdin=stdin,
            tty=spec.tty,
            sig_proxy=sig_proxy,
            detach_keys=detach_keys,
        )
