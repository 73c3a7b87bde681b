"""Audit records as rows of a list."""

from typing import Any

from contctl.commands.output.times import local
from contctl.core.domain.audit import AuditRecord

HEADINGS = {
    "Number": "NUMBER",
    "Time": "TIME",
    "User": "USER",
    "Action": "ACTION",
    "Target": "TARGET",
    "TargetID": "TARGET ID",
    "Phase": "PHASE",
    "Result": "RESULT",
    "Detail": "DETAIL",
    "TokenID": "TOKEN ID",
}
FIELDS = ("Time", "User", "Action", "Target", "Phase", "Result", "Detail")


def row_of(record: AuditRecord) -> dict[str, Any]:
    """The fields of a record, by their names in templates."""
    entry = record.entry
    by_token = f"(by token {entry.token_id})" if entry.token_id else ""
    return {
        "Number": record.number,
        "Time": local(entry.at / 1000),
        "User": entry.user or f"uid {entry.uid}",
        "Action": entry.action,
        "Target": entry.target_name or entry.target[:12],
        "TargetID": entry.target,
        "Phase": str(entry.phase),
        "Result": record.result,
        "Detail": f"{entry.detail} {by_token}".strip(),
        "TokenID": entry.token_id,
    }
