"""contctl exec."""

from contextlib import closing
from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.container.environment import expand_environment
from contctl.commands.container.process import relay
from contctl.commands.options import Env, Interactive, User, Workdir
from contctl.core.domain.streams import ExecSpec

Container = Annotated[str, typer.Argument(metavar="CONTAINER", show_default=False)]
Argv = Annotated[list[str], typer.Argument(metavar="COMMAND [ARG...]", show_default=False)]
Detach = Annotated[bool, typer.Option("--detach", "-d", help="Start it and leave it.")]


def command(
    ctx: typer.Context,
    container: Container,
    argv: Argv,
    detach: Detach = False,
    env: Env = None,
    interactive: Interactive = False,
    user: User = None,
    workdir: Workdir = None,
) -> None:
    """Run a process in a running container.

    The exit code is the process' own; 125 if contctl could not run it.
    """
    app = app_of(ctx)
    spec = ExecSpec(
        argv=tuple(argv),
        env=expand_environment(env or [], app.terminal.environ),
        workdir=workdir,
        user=user,
        stdin=interactive and not detach,
        detach=detach,
    )
    with closing(app.api.containers.exec(container, spec)) as duplex:
        raise typer.Exit(relay(app, duplex, stdin=spec.stdin))
