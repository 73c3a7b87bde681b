"""Audit entries as the values of a row, for the plain SQL and for SQLModel alike."""

from dataclasses import asdict, fields

from contctl.core.domain.audit import AuditEntry

Value = str | int | None

AUDIT_COLUMNS = tuple(field.name for field in fields(AuditEntry))


def audit_values(entry: AuditEntry) -> dict[str, Value]:
    """The columns of `entry` by name. Names from an engine or a command line may hold surrogates,
    which UTF-8 has no form for: they become escapes such as `\\udcff`."""
    return {name: _storable(value) for name, value in asdict(entry).items()}


def _storable(value: Value) -> Value:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    return value
