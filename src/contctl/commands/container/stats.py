"""contctl stats."""

import time
from contextlib import closing
from typing import Annotated

import typer

from contctl.commands.app import App, app_of
from contctl.commands.container.meter import Meter, Metered, read_once
from contctl.commands.container.usage_rows import FIELDS, HEADINGS, document_of, row_of
from contctl.commands.options import Format, Json
from contctl.commands.output.json_documents import print_json
from contctl.commands.output.listing import print_rows

All = Annotated[bool, typer.Option("--all", "-a", help="Also those that do not run.")]
Containers = Annotated[
    list[str] | None, typer.Argument(metavar="[CONTAINER...]", show_default=False)
]
NoStream = Annotated[bool, typer.Option("--no-stream", help="One reading, then end.")]
NoTrunc = Annotated[bool, typer.Option("--no-trunc", help="Do not shorten anything.")]
_INTERVAL = 1.0
_FIRST_READINGS = 3.0
_CLEAR = b"\x1b[H\x1b[J"


def command(
    ctx: typer.Context,
    containers: Containers = None,
    all_: All = False,
    format: Format = None,
    no_stream: NoStream = False,
    no_trunc: NoTrunc = False,
    json: Json = False,
) -> None:
    """Show what containers use.

    Without names all that run. On a terminal a live view, which ends with q; elsewhere a table
    every second, and with --json or --no-stream a single one.
    """
    app, refs = app_of(ctx), tuple(dict.fromkeys(containers or ()))
    if json or no_stream:
        found = read_once(app, refs, everything=all_)
        if json:
            usages = [each.usage for each in found if each.usage]
            print_json(app.terminal, {"containers": [document_of(each) for each in usages]})
        elif found:
            _print(app, found, format, truncated=not no_trunc)
        return
    with closing(Meter(app, refs, everything=all_)) as meter:
        if format is None and app.terminal.is_rich:
            from contctl.commands.container.usage_view import show

            show(app.terminal, meter)
        else:
            _print_on(app, meter, format, truncated=not no_trunc)


def _print_on(app: App, meter: Meter, format: str | None, *, truncated: bool) -> None:
    """Print a table every second, over the last one on a terminal, as long as there is anything to
    read."""
    meter.await_readings(_FIRST_READINGS)
    while True:
        over, found = meter.is_over, meter.readings()
        if app.terminal.is_rich:
            app.terminal.write_bytes(_CLEAR)
        if not over:
            _print(app, found, format, truncated=truncated)
            time.sleep(_INTERVAL)
        else:
            return


def _print(app: App, found: list[Metered], format: str | None, *, truncated: bool) -> None:
    rows = [row_of(each.ref, each.usage, truncated=truncated) for each in found]
    print_rows(app.terminal, rows, format, HEADINGS, FIELDS)
