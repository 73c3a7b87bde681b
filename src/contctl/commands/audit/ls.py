"""contctl audit ls."""

from typing import Annotated, Any

import typer

from contctl.commands.app import app_of
from contctl.commands.options import MAX_NUMBER, Format, Json
from contctl.commands.output.json_documents import audit_document, print_json
from contctl.commands.output.listing import print_rows
from contctl.commands.output.times import local
from contctl.core.api import AuditQuery
from contctl.core.domain.audit import AuditRecord

Last = Annotated[
    int, typer.Option("-n", min=1, max=MAX_NUMBER, metavar="N", help="How many, from the newest.")
]
_HEADINGS = {
    "Number": "NUMBER",
    "Time": "TIME",
    "User": "USER",
    "Action": "ACTION",
    "Target": "TARGET",
    "TargetID": "TARGET ID",
    "Phase": "PHASE",
    "Result": "RESULT",
    "Detail": "DETAIL",
}
_FIELDS = ("Time", "User", "Action", "Target", "Phase", "Result", "Detail")


def command(
    ctx: typer.Context, last: Last = 100, format: Format = None, json: Json = False
) -> None:
    """List what was done, tried and refused.

    An intent without an outcome is an action whose end is not known.
    """
    app = app_of(ctx)
    records = list(app.api.audit.list(AuditQuery(last=last)))
    if json:
        print_json(app.terminal, {"records": [audit_document(record) for record in records]})
    else:
        rows = [_row(record) for record in records]
        print_rows(app.terminal, rows, format, _HEADINGS, _FIELDS)


def _row(record: AuditRecord) -> dict[str, Any]:
    entry = record.entry
    return {
        "Number": record.number,
        "Time": local(entry.at / 1000),
        "User": entry.user or f"uid {entry.uid}",
        "Action": entry.action,
        "Target": entry.target_name or entry.target[:12],
        "TargetID": entry.target,
        "Phase": entry.phase,
        "Result": entry.result,
        "Detail": entry.detail,
    }
