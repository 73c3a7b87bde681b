"""contctl run."""

from typing import Annotated

import typer

from contctl.commands.app import App, app_of
from contctl.commands.container.detach_keys import parse_detach_keys
from contctl.commands.container.environment import expand_environment, parse_labels
from contctl.commands.container.making import (
    create,
    nothing_left_unsaid,
    said_if_it_goes_on,
)
from contctl.commands.container.process import begin, require_terminal, start, stay
from contctl.commands.options import (
    DetachKeys,
    Env,
    Interactive,
    SigProxy,
    Tty,
    User,
    Workdir,
)
from contctl.core.domain.create import Created, CreateSpec
from contctl.core.domain.publish import parse_publish
from contctl.core.domain.streams import AttachSpec, Condition

Image = Annotated[str, typer.Argument(metavar="IMAGE", show_default=False)]
Argv = Annotated[list[str] | None, typer.Argument(metavar="[COMMAND] [ARG...]", show_default=False)]
Detach = Annotated[bool, typer.Option("--detach", "-d", help="Leave it running and print its ID.")]
AutoRemove = Annotated[bool, typer.Option("--rm", help="Remove it when it ends.")]
Name = Annotated[str | None, typer.Option("--name", metavar="NAME", help="Its name.")]
Label = Annotated[
    list[str] | None, typer.Option("--label", "-l", metavar="KEY=VALUE", help="Set a label.")
]
Publish = Annotated[
    list[str] | None,
    typer.Option(
        "--publish", "-p", metavar="[[IP:]HOST:]PORT", help="Make a port reachable on the host."
    ),
]
Entrypoint = Annotated[
    str | None, typer.Option("--entrypoint", metavar="PATH", help="Instead of the image's own.")
]
Network = Annotated[
    str | None, typer.Option("--network", metavar="bridge|none", help="Its network.")
]


def command(
    ctx: typer.Context,
    image: Image,
    argv: Argv = None,
    detach: Detach = False,
    auto_remove: AutoRemove = False,
    name: Name = None,
    env: Env = None,
    label: Label = None,
    publish: Publish = None,
    workdir: Workdir = None,
    user: User = None,
    entrypoint: Entrypoint = None,
    network: Network = None,
    interactive: Interactive = False,
    tty: Tty = False,
    sig_proxy: SigProxy = True,
    detach_keys: DetachKeys = None,
) -> None:
    """Make a container and start it.

    An image that the engine does not have is pulled first. The exit code is the container's own;
    125 if contctl could not run it.
    """
    app = app_of(ctx)
    require_terminal(app, stdin=interactive and not detach, tty=tty)
    if detach_keys:
        parse_detach_keys(detach_keys)
    spec = CreateSpec(
        image=image,
        command=tuple(argv or ()),
        name=name,
        entrypoint=entrypoint,
        env=expand_environment(env or [], app.terminal.environ),
        labels=parse_labels(label or []),
        ports=parse_publish(publish or []),
        workdir=workdir,
        user=user,
        network=network,
        stdin=interactive,
        tty=tty,
        auto_remove=auto_remove,
    )
    created = create(app, spec)
    raise typer.Exit(
        _run(app, created, spec, detach=detach, sig_proxy=sig_proxy, detach_keys=detach_keys)
    )


def _run(
    app: App,
    created: Created,
    spec: CreateSpec,
    *,
    detach: bool,
    sig_proxy: bool,
    detach_keys: str | None,
) -> int:
    until = Condition.REMOVED if spec.auto_remove else Condition.NEXT_EXIT
    with nothing_left_unsaid(app, created, spec):
        for warning in created.warnings:
            app.terminal.note(f"warning: {warning}")
        if detach:
            start(app, created.id)
            app.terminal.line(created.id)
            return 0
        joined = AttachSpec(stdin=spec.stdin, until=until, detach_keys=detach_keys)
        duplex = begin(app, created.id, joined)
    with said_if_it_goes_on(created, spec):
        return stay(
            app,
            created.id,
            duplex,
            stdin=spec.stdin,
            tty=spec.tty,
            sig_proxy=sig_proxy,
            detach_keys=detach_keys,
        )
