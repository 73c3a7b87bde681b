"""Audit entries as the values of a row."""

from dataclasses import asdict, fields

from contctl.backends.sqlite.rows import Value, storable
from contctl.core.domain.audit import AuditEntry

AUDIT_COLUMNS = tuple(field.name for field in fields(AuditEntry))


def audit_values(entry: AuditEntry) -> dict[str, Value]:
    """The columns of `entry` by name, in the order of its fields."""
    return {name: storable(value) for name, value in asdict(entry).items()}
