"""contctl exec."""

from contextlib import closing
from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.container.detach_keys import parse_detach_keys
from contctl.commands.container.environment import expand_environment, read_env_file
from contctl.commands.container.process import relay, require_terminal, told_if_left
from contctl.commands.options import DetachKeys, Env, EnvFile, Interactive, Tty, User, Workdir
from contctl.core.domain.streams import ExecSpec

Container = Annotated[str, typer.Argument(metavar="CONTAINER", show_default=False)]
Argv = Annotated[list[str], typer.Argument(metavar="COMMAND [ARG...]", show_default=False)]
Detach = Annotated[bool, typer.Option("--detach", "-d", help="Start it and leave it.")]
Privileged = Annotated[
    bool, typer.Option("--privileged", help="Give it the powers of a privileged container.")
]


def command(
    ctx: typer.Context,
    container: Container,
    argv: Argv,
    detach: Detach = False,
    detach_keys: DetachKeys = None,
    env: Env = None,
    env_file: EnvFile = None,
    interactive: Interactive = False,
    privileged: Privileged = False,
    tty: Tty = False,
    user: User = None,
    workdir: Workdir = None,
) -> None:
    """Run a process in a running container.

    The exit code is the process' own; 125 if contctl could not run it, 1 after the detach keys.
    """
    app = app_of(ctx)
    stdin = interactive and not detach
    require_terminal(app, stdin=stdin, tty=tty)
    if detach_keys:
        parse_detach_keys(detach_keys)
    environ = app.terminal.environ
    given = [entry for path in env_file or [] for entry in read_env_file(path, environ)]
    spec = ExecSpec(
        argv=tuple(argv),
        env=(*given, *expand_environment(env or [], environ)),
        workdir=workdir,
        user=user,
        stdin=stdin,
        tty=tty,
        detach=detach,
        privileged=privileged,
        detach_keys=detach_keys,
    )
    with closing(app.api.containers.exec(container, spec)) as duplex:
        code = relay(app, duplex, stdin=stdin, tty=tty and not detach, detach_keys=detach_keys)
    raise typer.Exit(told_if_left(app, code))
