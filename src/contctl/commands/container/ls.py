"""contctl ps, which is also contctl container ls."""

from collections.abc import Sequence
from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.container.rows import HEADINGS, row_of
from contctl.commands.options import Format, Json, Quiet
from contctl.commands.output.json_documents import container_document, print_json
from contctl.commands.output.listing import list_template, print_rows
from contctl.commands.output.terminal import Terminal
from contctl.core.domain.containers import ListQuery
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
    json: Json = False,
) -> None:
    """List containers."""
    app = app_of(ctx)
    query = ListQuery(
        all=all_ or last > 0 or latest,
        filters=_filters(filters or ()),
        last=1 if latest else last if last > 0 else None,
        size=size or _shows_size(app.terminal, format),
    )
    containers = app.api.containers.list(query)
    if json:
        print_json(app.terminal, {"containers": [container_document(each) for each in containers]})
        return
    now = app.client.now()
    rows = [row_of(each, now, truncated=not no_trunc) for each in containers]
    shown = (*_FIELDS, "Size") if size else _FIELDS
    print_rows(app.terminal, rows, "{{.ID}}" if quiet else format, HEADINGS, shown, _STYLES)


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


def _filters(given: Sequence[str]) -> tuple[tuple[str, str], ...]:
    pairs = []
    for text in given:
        key, equals, value = text.partition("=")
        if not equals:
            raise ContctlError(
                ErrorCode.USAGE, f"not a filter: {text!r}", hint="filters are written key=value"
            )
        pairs.append((key.strip().lower(), value.strip()))
    return tuple(pairs)
