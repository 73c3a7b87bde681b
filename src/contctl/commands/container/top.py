"""contctl top."""

from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.options import Container, Json
from contctl.commands.output.json_documents import print_json
from contctl.commands.output.table import print_table

PsOptions = Annotated[list[str] | None, typer.Argument(metavar="[ps OPTIONS]", show_default=False)]
_MINIMUM = 20
"""Characters of docker's columns here, the gap included."""


def command(
    ctx: typer.Context, container: Container, ps_options: PsOptions = None, json: Json = False
) -> None:
    """Show the processes of a container.

    Options of ps can show what is in the environment of processes: they need container:exec.
    """
    app = app_of(ctx)
    processes = app.api.containers.top(container, tuple(ps_options or ()))
    if json:
        rows = [list(row) for row in processes.rows]
        print_json(app.terminal, {"titles": list(processes.titles), "processes": rows})
    else:
        print_table(app.terminal, processes.titles, processes.rows, minimum=_MINIMUM)
