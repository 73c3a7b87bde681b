"""contctl ps, which is also contctl container ls."""

from collections.abc import Sequence
from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.container.filters import pairs
from contctl.commands.container.rows import HEADINGS, row_of
from contctl.commands.options import Format, Json, Quiet
from contctl.commands.output.json_documents import container_document, print_json
from contctl.commands.output.listing import list_template, print_rows
from contctl.commands.output.template.values import Method, Row
from contctl.commands.output.terminal import Terminal
from contctl.core.domain.containers import Container, ListQuery
from contctl.core.errors import ContctlError, ErrorCode

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
_FIELDS = ("ID", "Image", "Command", "RunningFor", "Status", "Ports", "Names")


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
    app = app_of(ctx)
    query = ListQuery(
        all=all_ or last > 0 or latest,
        filters=pairs(filters or ()),
        last=1 if latest else last if last > 0 else None,
        size=size or _shows_size(app.terminal, format),
    )
    if watch and json:
        raise ContctlError(
            ErrorCode.USAGE,
            "--json prints one document, and --watch has no end",
            hint="--format json prints a line for each container",
        )
    shown = _Shown(format, quiet=quiet, truncated=not no_trunc, size=size)
    if watch:
        from contctl.commands.container.watching import watch as go_on

        go_on(app, query, shown.show)
        return
    containers = app.api.containers.list(query)
    if json:
        print_json(app.terminal, {"containers": [container_document(each) for each in containers]})
    else:
        shown.show(app.terminal, containers, app.client.now())


class _Shown:
    """How a list is printed. chosen: the format; quiet: IDs alone."""

    def __init__(self, chosen: str | None, *, quiet: bool, truncated: bool, size: bool) -> None:
        self._chosen = chosen
        self._quiet = quiet
        self._truncated = truncated
        self._fields = (*_FIELDS, "Size") if size else _FIELDS

    def show(self, terminal: Terminal, containers: Sequence[Container], now: float) -> None:
        """Print `containers`. now: seconds since the epoch, for their age."""
        rows = [row_of(each, now, truncated=self._truncated) for each in containers]
        if self._quiet:
            for row in rows:
                terminal.line(row["ID"])
        else:
            if not rows:
                _check(terminal, self._chosen)
            fields = self._fields
            if any(container.workload for container in containers):
                fields = (*fields, "Workload")
            print_rows(terminal, rows, self._chosen, HEADINGS, fields, _STYLES)


def _check(terminal: Terminal, format: str | None) -> None:
    """USAGE for a template of fields that there are not, also where there is nothing to show."""
    if format and "{{" in format:
        list_template(terminal, format)(Row({**HEADINGS, "Label": Method(str)}))


def _shows_size(terminal: Terminal, format: str | None) -> bool:
    """Whether a template needs the sizes, which the engine finds out only when asked."""
    if not format or "{{" not in format:
        return False
    return bool({"", "Size"}.intersection(list_template(terminal, format).fields))


def _status_style(status: str) -> str:
    if status.startswith("Up"):
        return "yellow" if "(unhealthy)" in status or "(Paused)" in status else "green"
    return "red" if status.startswith("Dead") else "dim"


_STYLES = {"STATUS": _status_style}
