"""contctl audit tail."""

from collections.abc import Callable
from contextlib import closing
from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.audit.filters import Action, Container, Since, Until, User, filter_of
from contctl.commands.audit.rows import FIELDS, row_of
from contctl.commands.options import MAX_NUMBER, Json
from contctl.commands.output.escape import escaped
from contctl.commands.output.json_documents import audit_document, print_json
from contctl.commands.output.listing import list_template
from contctl.commands.output.template import to_json
from contctl.commands.output.terminal import Terminal
from contctl.core.answers import AuditQuery
from contctl.core.domain.audit import AuditRecord
from contctl.core.errors import ContctlError, ErrorCode

Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on with those to come.")]
Format = Annotated[
    str | None, typer.Option("--format", metavar="FORMAT", help="'json', or a template.")
]
Last = Annotated[
    int, typer.Option("-n", min=0, max=MAX_NUMBER, metavar="N", help="How many, from the newest.")
]
_WIDTHS = dict(zip(FIELDS, (19, 10, 20, 20, 7, 9, 0), strict=True))


def command(
    ctx: typer.Context,
    follow: Follow = False,
    last: Last = 10,
    user: User = None,
    action: Action = None,
    container: Container = None,
    since: Since = None,
    until: Until = None,
    format: Format = None,
    json: Json = False,
) -> None:
    """Show the newest records, and those to come.

    With --follow a new action shows as 'unknown' first, and its outcome as a record of its own.
    """
    app = app_of(ctx)
    if json and follow:
        raise ContctlError(
            ErrorCode.USAGE,
            "--json prints one document, and --follow has no end",
            hint="--format json prints a line for each record",
        )
    wanted = filter_of(app, user=user, action=action, container=container, since=since, until=until)
    query = AuditQuery(last, wanted)
    if json:
        records = [audit_document(record) for record in app.api.audit.list(query)]
        print_json(app.terminal, {"records": records})
        return
    show = _shown_in(app.terminal, format)
    audit = app.api.audit
    with closing(audit.follow(query) if follow else audit.list(query)) as stream:
        for record in stream:
            app.terminal.write(show(record))


def _shown_in(terminal: Terminal, format: str | None) -> Callable[[AuditRecord], str]:
    """How a record becomes a line; ContctlError USAGE for a template that is none."""
    if format in (None, "table"):
        return _columns
    template = to_json if format == "json" else list_template(terminal, format or "")
    return lambda record: template(row_of(record))


def _columns(record: AuditRecord) -> str:
    row = row_of(record)
    cells = [escaped(str(row[field])).ljust(width) for field, width in _WIDTHS.items()]
    return "  ".join(cells).rstrip()
