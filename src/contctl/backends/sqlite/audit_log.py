"""The audit log, in plain SQL, for every change appends to it, and a check reads all of it."""

import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any

from contctl.backends.sqlite import audit_reading
from contctl.backends.sqlite.audit_rows import AUDIT_COLUMNS, audit_values
from contctl.backends.sqlite.connection import Database
from contctl.backends.sqlite.errors import damaged, locked
from contctl.backends.sqlite.group_commit import GroupCommit
from contctl.core.domain.audit import AuditEntry, AuditFilter, AuditRecord
from contctl.core.domain.audit_chain import GENESIS, Chain, ChainState, Link, Segment
from contctl.core.domain.tokens import KeySet
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import KeyStore

_IDENTITY = "SELECT identity FROM store"
_SEGMENT = "SELECT number, key_id, first, last, head, sealed_at, seal FROM audit_segments"
_NEWEST = f"{_SEGMENT} ORDER BY number DESC LIMIT 1"
_BEFORE = f"{_SEGMENT} WHERE number = ?"
_HEAD = "SELECT number, mac FROM audit WHERE number >= ? ORDER BY number DESC LIMIT 1"
# A number is never used again, so the highest one ever counts, whether its record is there or not.
_HIGHEST = """
SELECT max(coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'audit'), 0),
           coalesce((SELECT max(number) FROM audit), 0))
"""
_APPEND = (
    f"INSERT INTO audit (number, {', '.join(AUDIT_COLUMNS)}, mac)"  # noqa: S608 - columns only
    f" VALUES (:number, {', '.join(f':{name}' for name in AUDIT_COLUMNS)}, :mac)"
)
_OPEN = "INSERT INTO audit_segments (number, key_id, first) VALUES (?, ?, ?)"
_SEAL = "UPDATE audit_segments SET last = ?, head = ?, sealed_at = ?, seal = ? WHERE number = ?"


class SqliteAuditLog:
    """AuditLog in the database, chained under the keys of `keys`."""

    def __init__(self, database: Database, keys: KeyStore) -> None:
        self._database = database
        self._keys = keys
        self._known: KeySet | None = None
        self._commits = GroupCommit(self._write)

    def append(self, entry: AuditEntry) -> int:
        """Commit `entry` to the disk, together with what other threads append at this moment, and
        return its number."""
        try:
            return self._commits.append(audit_values(entry), self._database.lock_timeout)
        except TimeoutError:
            raise locked(self._database.path) from None

    def append_all(self, entries: Sequence[AuditEntry]) -> Sequence[int]:
        """Commit `entries` to the disk, all or none, and return their numbers."""
        return self._write([audit_values(entry) for entry in entries])

    def _write(self, entries: Sequence[Mapping[str, Any]]) -> list[int]:
        """Commit the values of entries, all or none, and return their numbers."""
        with self._database.writing() as connection:
            (highest,) = connection.execute(_HIGHEST).fetchone()
            first = int(highest) + 1
            numbers = list(range(first, first + len(entries)))
            segment = self._open_segment(connection, first)
            chain = self._chain(connection, segment)
            _, head = _head(connection, segment, chain)
            for number, values in zip(numbers, entries, strict=True):
                head = chain.record(head, (number, *values.values()))
                connection.execute(_APPEND, {"number": number, **values, "mac": head})
        return numbers

    def rotate(self, now: int) -> Segment:
        """Seal the open segment, open the next one, and return the sealed one."""
        with self._database.writing() as connection:
            segment = _newest(connection)
            last, head = None, GENESIS
            if segment is not None and segment.last is None:
                chain = self._chain(connection, segment)
                last, head = _head(connection, segment, chain)
            if segment is None or last is None:
                raise ContctlError(ErrorCode.CONFLICT, "the audit log has no record to seal")
            sealed = chain.sealed(segment, last, head, now)
            connection.execute(
                _SEAL, (sealed.last, sealed.head, sealed.sealed_at, sealed.seal, sealed.number)
            )
            key_id = self._ensured().current
            connection.execute(_OPEN, (sealed.number + 1, key_id, last + 1))
        return sealed

    def page(
        self, after: int, limit: int, wanted: AuditFilter | None = None
    ) -> tuple[AuditRecord, ...]:
        """At most `limit` of the `wanted` records after the number `after`, the oldest first."""
        return audit_reading.page(self._database, after, limit, wanted)

    def last(self, count: int, wanted: AuditFilter | None = None) -> int:
        """A number after which at most `count` of the `wanted` records follow."""
        return audit_reading.last(self._database, count, wanted)

    def chain(self) -> ChainState:
        """The segments and the newest record's number."""
        with self._database.reading() as connection:
            segments = connection.execute(f"{_SEGMENT} ORDER BY number").fetchall()
            (last,) = connection.execute("SELECT max(number) FROM audit").fetchone()
        return ChainState(tuple(Segment(*row) for row in segments), last or 0)

    def links(self, after: int | None, last: int, limit: int) -> Sequence[Link]:
        """At most `limit` records as they are kept, with numbers after `after` up to `last`."""
        return audit_reading.links(self._database, after, last, limit)

    def _open_segment(self, connection: sqlite3.Connection, first: int) -> Segment:
        """The open segment; where there is none, a new one that begins with the record `first`."""
        newest = _newest(connection)
        if newest is not None and newest.last is None:
            return newest
        number = newest.number + 1 if newest else 1
        segment = Segment(number, self._ensured().current, first)
        connection.execute(_OPEN, (segment.number, segment.key_id, segment.first))
        return segment

    def _chain(self, connection: sqlite3.Connection, segment: Segment) -> Chain:
        """The chain under the segment's key."""
        if self._known is None or segment.key_id not in self._known.keys:
            self._known = self._loaded()
        key = self._known.keys.get(segment.key_id)
        if key is None:
            raise _no_key(f"its key {segment.key_id} is not among the audit keys")
        row = connection.execute(_IDENTITY).fetchone()
        if row is None:
            raise damaged(self._database.path, "has no identity")
        return Chain(key, str(row[0]))

    def _loaded(self) -> KeySet:
        try:
            return self._keys.load()
        except ContctlError as error:
            raise _no_key(error.message) from error

    def _ensured(self) -> KeySet:
        try:
            self._known = self._keys.ensure()
        except ContctlError as error:
            if error.reason in ("read-only", "full", "locked"):
                raise
            raise _no_key(error.message) from error
        return self._known


def _newest(connection: sqlite3.Connection) -> Segment | None:
    row = connection.execute(_NEWEST).fetchone()
    return Segment(*row) if row else None


def _head(
    connection: sqlite3.Connection, segment: Segment, chain: Chain
) -> tuple[int | None, bytes]:
    """Number and MAC of the newest record in the open `segment`; None and its beginning where it is
    empty. A MAC that somebody took away counts as zeros: what is wrong is for `verify` to say."""
    row = connection.execute(_HEAD, (segment.first,)).fetchone()
    if row is not None:
        return row[0], row[1] if isinstance(row[1], bytes) else GENESIS
    before = connection.execute(_BEFORE, (segment.number - 1,)).fetchone()
    previous = Segment(*before).head if before else None
    return None, chain.start(segment, previous or GENESIS)


def _no_key(why: str) -> ContctlError:
    return ContctlError(
        ErrorCode.STORE,
        f"nothing can be recorded in the audit log: {why}",
        hint="restore the file keys/audit.json from a backup",
        details={"reason": "no-audit-key"},
    )
