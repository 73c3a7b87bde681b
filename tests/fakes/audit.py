"""An audit log in memory, chained by the same rule."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import astuple, fields, replace
from typing import Protocol

from contctl.core.domain.audit import AuditEntry, AuditFilter, AuditRecord, Phase, entry_of
from contctl.core.domain.audit_chain import GENESIS, Chain, ChainState, Link, Segment
from contctl.core.errors import ContctlError, ErrorCode
from tests.fakes.keys import FakeKeyStore

_MAC = len(fields(AuditEntry)) + 1


class Content(Protocol):
    """The store that the log is a part of."""

    identity: str | None

    def reading(self) -> AbstractContextManager[None]:
        """Exclude all others; STORE where the store cannot be read."""

    def writing(self) -> AbstractContextManager[None]:
        """As `reading`; STORE where it cannot be written."""


class FakeAuditLog:
    """AuditLog. kept, segments: what a test may look at, and tamper with."""

    def __init__(self, content: Content, keys: FakeKeyStore) -> None:
        self._content = content
        self._keys = keys
        self.kept: list[Link] = []
        self.segments: list[Segment] = []

    @property
    def entries(self) -> list[AuditEntry]:
        """All entries, the oldest first, whatever state the store is in."""
        return [_entry(link) for link in self.kept]

    def append(self, entry: AuditEntry) -> int:
        """Keep `entry` and return its number."""
        with self._content.writing():
            return self._append(entry)

    def _append(self, entry: AuditEntry) -> int:
        number = self._newest() + 1
        if not self.segments:
            self.segments.append(Segment(1, self._keys.ensure().current, number))
        values = (number, *(_stored(value) for value in astuple(entry)))
        chain = self._chain(self.segments[-1])
        mac = chain.record(self._head(chain), values)
        self.kept.append((*values, mac))
        return number

    def append_all(self, entries: Sequence[AuditEntry]) -> Sequence[int]:
        """Keep `entries` and return their numbers."""
        with self._content.writing():
            kept, segments = list(self.kept), list(self.segments)
            try:
                return [self._append(entry) for entry in entries]
            except ContctlError:
                self.kept, self.segments = kept, segments
                raise

    def page(
        self, after: int, limit: int, wanted: AuditFilter | None = None
    ) -> tuple[AuditRecord, ...]:
        """At most `limit` of the `wanted` records after `after`, the oldest first."""
        with self._content.reading():
            found = self._wanted(wanted)
            return tuple(record for record in found if record.number > after)[:limit]

    def last(self, count: int, wanted: AuditFilter | None = None) -> int:
        """A number after which at most `count` of the `wanted` records follow."""
        with self._content.reading():
            numbers = [0, *(record.number for record in self._wanted(wanted))]
            return numbers[max(0, len(numbers) - 1 - count)]

    def chain(self) -> ChainState:
        """The segments and the newest record's number."""
        with self._content.reading():
            return ChainState(tuple(self.segments), self._newest())

    def links(self, after: int | None, last: int, limit: int) -> Sequence[Link]:
        """At most `limit` records as they are kept, with numbers after `after` up to `last`."""
        with self._content.reading():
            return [
                link
                for link in self.kept
                if (after is None or _number(link) > after) and _number(link) <= last
            ][:limit]

    def rotate(self, now: int) -> Segment:
        """Seal the open segment, and open the next one."""
        with self._content.writing():
            last = self._newest()
            if not self.segments or last < self.segments[-1].first:
                raise ContctlError(ErrorCode.CONFLICT, "the audit log has no record to seal")
            segment = self.segments[-1]
            chain = self._chain(segment)
            sealed = chain.sealed(segment, last, self._head(chain), now)
            key_id = self._keys.ensure().current
            self.segments[-1:] = [sealed, Segment(sealed.number + 1, key_id, last + 1)]
            return sealed

    def _chain(self, segment: Segment) -> Chain:
        keys = self._keys.keys
        if keys is None or segment.key_id not in keys.keys:
            raise ContctlError(
                ErrorCode.STORE, "the audit key is gone", details={"reason": "no-audit-key"}
            )
        return Chain(keys.keys[segment.key_id], self._content.identity or "")

    def _head(self, chain: Chain) -> bytes:
        segment = self.segments[-1]
        if self._newest() >= segment.first:
            mac = self.kept[-1][_MAC]
            return mac if isinstance(mac, bytes) else GENESIS
        previous = self.segments[-2].head if len(self.segments) > 1 else None
        return chain.start(segment, previous or GENESIS)

    def _newest(self) -> int:
        return _number(self.kept[-1]) if self.kept else 0

    def _wanted(self, wanted: AuditFilter | None) -> list[AuditRecord]:
        records = [AuditRecord(_number(link), _entry(link)) for link in self.kept]
        closed = {record.entry.intent for record in records}
        return [
            replace(record, unfinished=True)
            if record.entry.phase is Phase.INTENT and record.number not in closed
            else record
            for record in records
            if wanted is None or _stored_filter(wanted).matches(record.entry)
        ]


def _number(link: Link) -> int:
    assert isinstance(link[0], int)
    return link[0]


def _entry(link: Link) -> AuditEntry:
    return entry_of(link[1:_MAC])


def _stored(value: str | int | None) -> str | int | None:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8")
    return value


def _stored_filter(wanted: AuditFilter) -> AuditFilter:
    return AuditFilter(*(_stored(value) for value in astuple(wanted)))  # type: ignore[arg-type]
