"""The audit log read in pages."""

from sqlmodel import col, select

from contctl.backends.sqlite.connection import Database
from contctl.backends.sqlite.errors import damaged
from contctl.backends.sqlite.tables import AuditRow
from contctl.backends.sqlite.transactions import Transactions
from contctl.core.domain.audit import AuditEntry, AuditRecord, Phase


def read_page(database: Database, after: int, limit: int) -> tuple[AuditRecord, ...]:
    """At most `limit` records whose numbers come after `after`, the oldest first."""
    with Transactions(database).reading() as session:
        rows = session.exec(
            select(AuditRow)
            .where(col(AuditRow.number) > after)
            .order_by(col(AuditRow.number))
            .limit(limit)
        ).all()
        try:
            return tuple(_to_record(row) for row in rows)
        except ValueError:
            raise damaged(database.path, "has an audit record of an unknown phase") from None


def number_before_last(database: Database, count: int) -> int:
    """The number after which the `count` newest records follow; 0 where there are no more."""
    with Transactions(database).reading() as session:
        number = session.exec(
            select(AuditRow.number).order_by(col(AuditRow.number).desc()).offset(count).limit(1)
        ).first()
    return number or 0


def _to_record(row: AuditRow) -> AuditRecord:
    values = row.model_dump(exclude={"mac"})
    number = values.pop("number")
    values["phase"] = Phase(values["phase"])
    return AuditRecord(number, AuditEntry(**values))
