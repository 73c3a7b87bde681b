"""contctl logs."""

from contextlib import closing
from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.core.domain.streams import LogOptions, Out
from contctl.core.errors import ContctlError, ErrorCode

Container = Annotated[str, typer.Argument(metavar="CONTAINER", show_default=False)]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on with what it writes.")]
Tail = Annotated[
    str, typer.Option("--tail", "-n", metavar="LINES", help="The last so many lines, or 'all'.")
]
Timestamps = Annotated[bool, typer.Option("--timestamps", "-t", help="Begin lines with the time.")]


def command(
    ctx: typer.Context,
    container: Container,
    follow: Follow = False,
    tail: Tail = "all",
    timestamps: Timestamps = False,
) -> None:
    """Show what a container has written.

    What it wrote to standard error goes to standard error.
    """
    app = app_of(ctx)
    options = LogOptions(follow=follow, tail=_lines(tail), timestamps=timestamps)
    with closing(app.api.containers.logs([container], options)) as chunks:
        for chunk in chunks:
            output = chunk.output
            if isinstance(output, Out):
                app.terminal.write_bytes(output.data)
            else:
                app.terminal.error_bytes(output.data)


def _lines(text: str) -> int | None:
    if text == "all":
        return None
    if not (text.isascii() and text.isdigit()):
        raise ContctlError(ErrorCode.USAGE, f"--tail takes a number or 'all', not {text!r}")
    return int(text)
