"""contctl run."""

import secrets
from contextlib import closing
from typing import Annotated

import typer

from contctl.commands.app import App, app_of
from contctl.commands.container.environment import expand_environment, parse_labels
from contctl.commands.container.process import start, start_attached
from contctl.commands.options import Env, Interactive, User, Workdir
from contctl.commands.output.progress import show_pull
from contctl.core.domain.create import Created, CreateSpec
from contctl.core.domain.publish import parse_publish
from contctl.core.domain.streams import AttachSpec, Condition
from contctl.core.errors import ContctlError

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
) -> None:
    """Make a container and start it.

    An image that the engine does not have is pulled first. The exit code is the container's own;
    125 if contctl could not run it.
    """
    app = app_of(ctx)
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
        auto_remove=auto_remove,
    )
    created = _create(app, spec)
    for warning in created.warnings:
        app.terminal.note(f"warning: {warning}")
    try:
        code = _start(app, created, spec, detach=detach)
    except ContctlError as error:
        raise error if spec.auto_remove else _left_behind(error, created, spec) from error
    raise typer.Exit(code)


def _start(app: App, created: Created, spec: CreateSpec, *, detach: bool) -> int:
    if detach:
        start(app, created.id)
        app.terminal.line(created.id)
        return 0
    until = Condition.REMOVED if spec.auto_remove else Condition.NEXT_EXIT
    return start_attached(app, created.id, AttachSpec(stdin=spec.stdin, until=until))


def _create(app: App, spec: CreateSpec) -> Created:
    request = secrets.token_hex(16)
    try:
        return app.api.containers.create(spec, request)
    except ContctlError as error:
        if error.reason != "no-image":
            raise
    app.terminal.note(f"the engine does not have the image {spec.image}; pulling it")
    with closing(app.api.containers.pull(spec.image, app.client.registry_auth(spec.image))) as pull:
        show_pull(app.terminal, pull)
    return app.api.containers.create(spec, request)


def _left_behind(error: ContctlError, created: Created, spec: CreateSpec) -> ContctlError:
    """`error`, with the hint that a container was made before it arose."""
    name = spec.name or created.id[:12]
    return ContctlError(
        error.code,
        error.message,
        hint=f"the container {name} was made: see 'contctl ps -a', 'contctl rm {name}'",
        details=error.details,
    )
