"""contctl logs."""

import re
from collections import defaultdict
from collections.abc import Mapping
from contextlib import closing
from functools import partial
from typing import Annotated

import typer

from contctl.commands.app import App, app_of
from contctl.commands.container.named import containers_named
from contctl.commands.options import Containers
from contctl.commands.output.prefixes import Lines, prefixed, prefixes
from contctl.core.domain.streams import Chunk, Err, LogOptions
from contctl.core.errors import ContctlError, ErrorCode

Details = Annotated[bool, typer.Option("--details", help="Also what the log driver was told.")]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on with what it writes.")]
FollowRestarts = Annotated[
    bool,
    typer.Option(
        "--follow-restarts", "-F", help="Go on, also when it is started again, until it is removed."
    ),
]
NoColor = Annotated[bool, typer.Option("--no-color", help="Do not colour the names.")]
NoLogPrefix = Annotated[bool, typer.Option("--no-log-prefix", help="No names before the lines.")]
Since = Annotated[
    str | None,
    typer.Option("--since", metavar="TIME", help="From this time on, or from 10m ago on."),
]
Tail = Annotated[
    str, typer.Option("--tail", "-n", metavar="LINES", help="The last so many lines, or 'all'.")
]
Timestamps = Annotated[bool, typer.Option("--timestamps", "-t", help="Begin lines with the time.")]
Until = Annotated[
    str | None,
    typer.Option("--until", metavar="TIME", help="Up to this time, or up to 10m ago."),
]
LONGEST_LINE = 32 * 1024 * 1024
"""Bytes of a line that are held for a name to stand before all of it."""
_NUMBER = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)


def command(
    ctx: typer.Context,
    containers: Containers,
    details: Details = False,
    follow: Follow = False,
    follow_restarts: FollowRestarts = False,
    no_color: NoColor = False,
    no_log_prefix: NoLogPrefix = False,
    since: Since = None,
    tail: Tail = "all",
    timestamps: Timestamps = False,
    until: Until = None,
) -> None:
    """Show what containers have written.

    What they wrote to standard error goes to standard error. Of several containers, each line
    begins with the container's name.
    """
    app = app_of(ctx)
    now = app.client.now()
    options = LogOptions(
        follow=follow or follow_restarts,
        tail=_lines(tail),
        timestamps=timestamps,
        since=_moment(since, now),
        until=_moment(until, now),
        details=details,
    )
    if len(containers) == 1 and not follow_restarts:
        with closing(app.api.containers.logs(containers, options)) as chunks:
            for chunk in chunks:
                _write(app, chunk, chunk.output.data)
        return
    named = containers_named(app, containers).values()
    names = {container.id: container.name for container in named}
    printer = _Printer(app, {} if no_log_prefix else names, color=not no_color)
    show = printer.show if len(names) > 1 else lambda chunk: _write(app, chunk, chunk.output.data)
    if follow_restarts:
        from contctl.commands.container.restarts import Restarts

        with closing(Restarts(app, names, options)) as items:
            for item in items:
                if isinstance(item, Chunk):
                    show(item)
                else:
                    app.terminal.note(item)
    else:
        with closing(app.api.containers.logs(list(names), options)) as chunks:
            for chunk in chunks:
                show(chunk)
    printer.finish()


class _Printer:
    """Prints chunks of several containers, whole lines at a time. names: by container ID; without
    one its lines stay as they are."""

    def __init__(self, app: App, names: Mapping[str, str], *, color: bool) -> None:
        self._app = app
        self._prefixes = {
            errors: prefixes(app.terminal, names, errors=errors, color=color)
            for errors in (False, True)
        }
        self._lines: dict[tuple[str, type], Lines] = defaultdict(partial(Lines, LONGEST_LINE))
        self._last: dict[tuple[str, type], Chunk] = {}

    def show(self, chunk: Chunk) -> None:
        """Print the lines that `chunk` completes."""
        key = (chunk.container_id, type(chunk.output))
        self._last[key] = chunk
        self._write(chunk, self._lines[key].feed(chunk.output.data))

    def finish(self) -> None:
        """Print what came after the last lines."""
        for key, lines in self._lines.items():
            self._write(self._last[key], lines.rest())

    def _write(self, chunk: Chunk, lines: bytes) -> None:
        if lines:
            names = self._prefixes[isinstance(chunk.output, Err)]
            _write(self._app, chunk, prefixed(lines, names.get(chunk.container_id, b"")))


def _write(app: App, chunk: Chunk, data: bytes) -> None:
    if isinstance(chunk.output, Err):
        app.terminal.error_bytes(data)
    else:
        app.terminal.write_bytes(data)


def _moment(text: str | None, now: float) -> float | None:
    if text is None:
        return None
    from contctl.commands.times import moment

    return moment(text, now)


def _lines(text: str) -> int | None:
    if text == "all":
        return None
    if not _NUMBER.fullmatch(text):
        raise ContctlError(ErrorCode.USAGE, f"--tail takes a number or 'all', not {text!r}")
    # As docker has it: below nothing is everything.
    return int(text) if int(text) >= 0 else None
