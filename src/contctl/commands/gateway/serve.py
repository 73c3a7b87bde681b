"""contctl gateway serve."""

from pathlib import Path
from typing import Annotated

import typer

from contctl.commands.app import app_of

Config = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="FILE", help="Its configuration, instead of /etc/contctl/gateway.toml."
    ),
]


def command(ctx: typer.Context, config: Config = None) -> None:
    """Serve this host's containers over HTTP.

    It runs in the foreground, as the user who owns the gateway's data, and logs to standard error
    as JSON Lines. SIGTERM and SIGINT stop it: answers end, and streams have 10 seconds to. A
    second signal ends it at once.
    """
    code = app_of(ctx).client.serve_gateway(config)
    if code:
        raise typer.Exit(code)
