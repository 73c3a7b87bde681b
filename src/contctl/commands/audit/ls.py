"""contctl audit ls."""

from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.audit.filters import Action, Container, Since, Until, User, filter_of
from contctl.commands.audit.rows import FIELDS, HEADINGS, row_of
from contctl.commands.options import MAX_NUMBER, Format, Json
from contctl.commands.output.json_documents import audit_document, print_json
from contctl.commands.output.listing import print_rows
from contctl.core.answers import AuditQuery

Last = Annotated[
    int, typer.Option("-n", min=1, max=MAX_NUMBER, metavar="N", help="How many, from the newest.")
]


def command(
    ctx: typer.Context,
    last: Last = 100,
    user: User = None,
    action: Action = None,
    container: Container = None,
    since: Since = None,
    until: Until = None,
    format: Format = None,
    json: Json = False,
) -> None:
    """List what was done, tried and refused.

    The result 'unknown' is that of an action whose end was never recorded, or is to come.
    """
    app = app_of(ctx)
    wanted = filter_of(app, user=user, action=action, container=container, since=since, until=until)
    records = list(app.api.audit.list(AuditQuery(last, wanted)))
    if json:
        print_json(app.terminal, {"records": [audit_document(record) for record in records]})
    else:
        print_rows(app.terminal, [row_of(each) for each in records], format, HEADINGS, FIELDS)
