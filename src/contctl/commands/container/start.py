"""contctl start."""

from typing import Annotated

import typer

from contctl.commands.app import App, app_of
from contctl.commands.container.outcomes import act
from contctl.commands.options import Containers, DetachKeys, Interactive, Json
from contctl.core.domain.actions import Start
from contctl.core.errors import ContctlError, ErrorCode

Attach = Annotated[
    bool, typer.Option("--attach", "-a", help="Show its output and end with its exit code.")
]


def command(
    ctx: typer.Context,
    containers: Containers,
    attach: Attach = False,
    detach_keys: DetachKeys = None,
    interactive: Interactive = False,
    json: Json = False,
) -> int:
    """Start stopped containers.

    With -a or -i only one, whose exit code it ends with; 125 if contctl could not start it.
    """
    app = app_of(ctx)
    if not attach and not interactive:
        return act(app, Start(), containers, json=json)
    app.options.runs_a_process = True
    if len(containers) != 1:
        raise ContctlError(
            ErrorCode.USAGE, "you cannot start and attach multiple containers at once"
        )
    return _stay(app, containers[0], detach_keys, interactive=interactive)


def _stay(app: App, ref: str, detach_keys: str | None, *, interactive: bool) -> int:
    from contctl.commands.container.detach_keys import parse_detach_keys
    from contctl.commands.container.process import begin, inspected, stay
    from contctl.core.domain.streams import AttachSpec, Condition

    if detach_keys:
        parse_detach_keys(detach_keys)
    found = inspected(app, ref)
    config, container_id = found["Config"], found["Id"]
    stdin = interactive and bool(config["OpenStdin"])
    removed = bool(found["HostConfig"]["AutoRemove"])
    until = Condition.REMOVED if removed else Condition.NEXT_EXIT
    duplex = begin(app, container_id, AttachSpec(stdin=stdin, until=until, detach_keys=detach_keys))
    tty = bool(config["Tty"])
    return stay(
        app,
        container_id,
        duplex,
        stdin=stdin,
        tty=tty,
        sig_proxy=not tty,
        detach_keys=detach_keys,
    )
