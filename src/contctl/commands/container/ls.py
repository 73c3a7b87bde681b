"""contctl ps, which is also contctl container ls."""

from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.container.listed import show_listing
from contctl.commands.options import Format, Json, Quiet
from contctl.commands.quick import Listing

All = Annotated[bool, typer.Option("--all", "-a", help="Also those that do not run.")]
Filter = Annotated[
    list[str] | None,
    typer.Option("--filter", "-f", metavar="KEY=VALUE", help="Only those that fit."),
]
Last = Annotated[
    int, typer.Option("--last", "-n", metavar="N", help="The newest so many, running or not.")
]
Latest = Annotated[bool, typer.Option("--latest", "-l", help="The newest one, running or not.")]
NoTrunc = Annotated[bool, typer.Option("--no-trunc", help="Do not shorten anything.")]
Size = Annotated[bool, typer.Option("--size", "-s", help="Also how much disk they take.")]
Watch = Annotated[
    bool, typer.Option("--watch", help="Go on, and show what changes, until interrupted.")
]


def command(
    ctx: typer.Context,
    all_: All = False,
    filters: Filter = None,
    format: Format = None,
    last: Last = -1,
    latest: Latest = False,
    no_trunc: NoTrunc = False,
    quiet: Quiet = False,
    size: Size = False,
    watch: Watch = False,
    json: Json = False,
) -> None:
    """List containers.

    With --watch a terminal always shows the current list. Elsewhere the list is printed again,
    after an empty line, each time that a container changes.
    """
    asked = Listing(
        all=all_,
        filters=tuple(filters or ()),
        format=format,
        last=last,
        latest=latest,
        no_trunc=no_trunc,
        quiet=quiet,
        size=size,
        watch=watch,
        json=json,
    )
    show_listing(app_of(ctx), asked)
