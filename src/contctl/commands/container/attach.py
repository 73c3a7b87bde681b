"""contctl attach."""

from contextlib import closing, nullcontext
from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.container.detach_keys import parse_detach_keys
from contctl.commands.container.process import inspected, relay, require_terminal, told_if_left
from contctl.commands.container.signals import signals_passed_on
from contctl.commands.options import DetachKeys, SigProxy
from contctl.core.domain.attachable import refusal_to_attach
from contctl.core.domain.streams import AttachSpec

Container = Annotated[str, typer.Argument(metavar="CONTAINER", show_default=False)]
NoStdin = Annotated[bool, typer.Option("--no-stdin", help="Do not send it standard input.")]


def command(
    ctx: typer.Context,
    container: Container,
    detach_keys: DetachKeys = None,
    no_stdin: NoStdin = False,
    sig_proxy: SigProxy = True,
) -> None:
    """Join the main process of a running container.

    The exit code is the container's own; 125 if contctl could not join it, 1 after the detach keys.
    Signals are not passed on to a process with a terminal: its keys are.
    """
    app = app_of(ctx)
    if detach_keys:
        parse_detach_keys(detach_keys)
    found = inspected(app, container)
    refusal = refusal_to_attach(found)
    if refusal is not None:
        raise refusal
    tty = bool(found["Config"]["Tty"])
    require_terminal(app, stdin=not no_stdin, tty=tty)
    stdin = not no_stdin and bool(found["Config"]["OpenStdin"])
    duplex = app.api.containers.attach(
        found["Id"], AttachSpec(stdin=stdin, detach_keys=detach_keys)
    )
    passing = signals_passed_on(app, found["Id"]) if sig_proxy and not tty else nullcontext()
    with closing(duplex), passing:
        code = relay(app, duplex, stdin=stdin, tty=tty, detach_keys=detach_keys, redraw=True)
    raise typer.Exit(told_if_left(app, code))
