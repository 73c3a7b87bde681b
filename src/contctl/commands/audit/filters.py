"""Options that choose audit records."""

from typing import Annotated

import typer

from contctl.commands.app import App
from contctl.core.domain.audit import CONTAINER_ACTIONS, AuditFilter
from contctl.core.domain.moments import parse_moment

User = Annotated[str | None, typer.Option("--user", metavar="NAME", help="What this user did.")]
Action = Annotated[
    str | None,
    typer.Option("--action", metavar="ACTION", help="Like 'stop', 'user:add', or all of 'user:'."),
]
Container = Annotated[
    str | None,
    typer.Option("--container", metavar="NAME|ID", help="What concerned this container."),
]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="TIME", help="From this time on, or from 10m ago on."),
]
Until = Annotated[
    str | None, typer.Option("--until", metavar="TIME", help="Before this time, or before 10m ago.")
]


def filter_of(
    app: App,
    *,
    user: str | None = None,
    action: str | None = None,
    container: str | None = None,
    since: str | None = None,
    until: str | None = None,
) -> AuditFilter | None:
    """What the options ask for, None for everything; ContctlError USAGE for a time that is none."""
    given = (user, action, container, since, until)
    if all(value is None for value in given):
        return None
    if action is not None and ":" not in action:
        action = f"{CONTAINER_ACTIONS}{action}"
    return AuditFilter(
        user, action, container, _milliseconds(app, since), _milliseconds(app, until)
    )


def _milliseconds(app: App, text: str | None) -> int | None:
    return None if text is None else round(parse_moment(text, app.client.now()) * 1000)
