"""contctl refresh."""

from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.output.times import local
from contctl.core.domain.durations import parse_duration

IfExpiring = Annotated[
    str | None,
    typer.Option(
        "--if-expiring",
        metavar="DURATION",
        help="Only if the access token has less time left, such as 2m.",
    ),
]


def command(ctx: typer.Context, if_expiring: IfExpiring = None) -> None:
    """Renew the session's tokens.

    Nothing else renews them: when the access token has expired, commands end with exit code 4.
    """
    app = app_of(ctx)
    seconds = None if if_expiring is None else parse_duration(if_expiring)
    refreshed = app.api.sessions.refresh(seconds)
    until = local(refreshed.access_expires_at)
    done = "renewed" if refreshed.rotated else "not renewed yet"
    app.terminal.note(f"{done}; the access token is good until {until}")
