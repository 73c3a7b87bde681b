"""Reading the audit log. One transaction looks at a bounded number of records, so that no writer
waits for a search through all of them."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from contctl.backends.sqlite.audit_rows import AUDIT_COLUMNS
from contctl.backends.sqlite.connection import Database
from contctl.backends.sqlite.errors import damaged
from contctl.backends.sqlite.rows import storable
from contctl.core.domain.audit import (
    CONTAINER_ACTIONS,
    SHORT_ID,
    AuditFilter,
    AuditRecord,
    entry_of,
)
from contctl.core.domain.audit_chain import Link

SPAN = 20_000
"""How many records one transaction of a search looks at."""

_COLUMNS = ", ".join(f"a.{name}" for name in AUDIT_COLUMNS)
_UNFINISHED = (
    "a.phase = 'intent' AND NOT EXISTS (SELECT 1 FROM audit AS o WHERE o.intent = a.number)"
)
_RECORDS = f"SELECT a.number, {_COLUMNS}, {_UNFINISHED} FROM audit AS a"  # noqa: S608 - no values
_NUMBERS = "SELECT a.number FROM audit AS a"
_LINKS = (
    f"SELECT a.number, {_COLUMNS}, a.mac FROM audit AS a"  # noqa: S608 - columns only
    " WHERE a.number > :after AND a.number <= :last ORDER BY a.number LIMIT :limit"
)
_BELOW_ALL, _ABOVE_ALL = -(2**63), 2**63 - 1
# Where a span ends: numbers may have gaps of any size in a log that somebody changed.
_UPWARDS = """
SELECT max(number) FROM (SELECT number FROM audit WHERE number > ? ORDER BY number LIMIT ?)
"""
_DOWNWARDS = """
SELECT min(number) FROM (SELECT number FROM audit WHERE number < ? ORDER BY number DESC LIMIT ?)
"""

_USER = "a.user = :user"
_ACTION = "a.action = :action"
_ACTIONS = "substr(a.action, 1, length(:action)) = :action"
_CONTAINER = (
    f"substr(a.action, 1, {len(CONTAINER_ACTIONS)}) = '{CONTAINER_ACTIONS}'"
    " AND (a.target = :container OR a.target_name = :container"
    f" OR length(:container) >= {SHORT_ID}"
    " AND substr(a.target, 1, length(:container)) = :container)"
)
_SINCE = "a.at >= :since"
_UNTIL = "a.at < :until"


def page(
    database: Database, after: int, limit: int, wanted: AuditFilter | None
) -> tuple[AuditRecord, ...]:
    """At most `limit` of the `wanted` records after the number `after`, the oldest first."""
    condition, values = _condition(wanted)
    query = (
        f"{_RECORDS} WHERE a.number > :after AND a.number <= :end{condition}"
        " ORDER BY a.number LIMIT :limit"
    )
    span = SPAN if wanted else limit
    rows: list[tuple[Any, ...]] = []
    while len(rows) < limit:
        with database.reading() as connection:
            connection.text_factory = _escaped
            (end,) = connection.execute(_UPWARDS, (after, span)).fetchone()
            if end is None:
                break
            bounds = {"after": after, "end": end, "limit": limit - len(rows)}
            rows += connection.execute(query, {**values, **bounds}).fetchall()
        after = end
    return tuple(_to_record(database, row) for row in rows)


def last(database: Database, count: int, wanted: AuditFilter | None) -> int:
    """A number after which at most `count` of the `wanted` records follow; 0 where there are no
    more than that."""
    condition, values = _condition(wanted)
    query = (
        f"{_NUMBERS} WHERE a.number >= :start AND a.number < :before{condition}"
        " ORDER BY a.number DESC LIMIT :limit"
    )
    before, left = _ABOVE_ALL, count + 1
    while True:
        span = SPAN if wanted else min(SPAN, left)
        with database.reading() as connection:
            (start,) = connection.execute(_DOWNWARDS, (before, span)).fetchone()
            if start is None:
                return 0
            bounds = {"start": start, "before": before, "limit": left}
            found = connection.execute(query, {**values, **bounds}).fetchall()
        if len(found) == left:
            return int(found[-1][0])
        before, left = start, left - len(found)


def links(database: Database, after: int | None, last: int, limit: int) -> Sequence[Link]:
    """At most `limit` records as they are kept, with numbers after `after` up to `last`."""
    values = {"after": _BELOW_ALL if after is None else after, "last": last, "limit": limit}
    with database.reading() as connection:
        try:
            return connection.execute(_LINKS, values).fetchall()
        except sqlite3.OperationalError as error:
            # Python's own error for text that is no UTF-8 has no code.
            if getattr(error, "sqlite_errorcode", None) is not None:
                raise
        connection.text_factory = _surrogates
        return connection.execute(_LINKS, values).fetchall()


def _condition(wanted: AuditFilter | None) -> tuple[str, dict[str, str | int | None]]:
    """What follows the bounds in a WHERE, and the values that it names."""
    if wanted is None:
        return "", {}
    parts = {
        "user": _USER,
        "action": _ACTIONS if (wanted.action or "").endswith(":") else _ACTION,
        "container": _CONTAINER,
        "since": _SINCE,
        "until": _UNTIL,
    }
    values = {
        name: storable(value) for name in parts if (value := getattr(wanted, name)) is not None
    }
    return "".join(f" AND {parts[name]}" for name in values), values


def _to_record(database: Database, row: tuple[Any, ...]) -> AuditRecord:
    number, *values, unfinished = row
    try:
        return AuditRecord(number, entry_of(values), bool(unfinished))
    except ValueError:
        raise damaged(database.path, f"has an audit record that is none: {number}") from None


def _escaped(text: bytes) -> str:
    return text.decode("utf-8", "backslashreplace")


def _surrogates(text: bytes) -> str:
    return text.decode("utf-8", "surrogateescape")
