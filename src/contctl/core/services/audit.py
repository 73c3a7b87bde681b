"""Reading, checking and rotating the audit log."""

import threading
from collections.abc import Iterator
from typing import Self, TypeVar

from contctl.core.answers import AuditQuery
from contctl.core.api import Stream
from contctl.core.domain.audit import (
    AuditFilter,
    AuditRecord,
    ChainedRecord,
    entry_of,
)
from contctl.core.domain.audit_chain import Anchor, ChainState, Link, Segment
from contctl.core.domain.audit_check import Verification, verify
from contctl.core.domain.roles import Permission
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import AuditLog
from contctl.core.services.caller import Caller, Deed
from contctl.core.services.shared import Shared
from contctl.core.services.standing import Standing, while_held
from contctl.core.services.streams import Mapped, Pages, Selected

T = TypeVar("T")
PAGE = 500
LINKS_PAGE = 5000
INTERVAL = 0.5
"""Seconds between two looks at a log that is followed."""


class AuditService:
    """Implements the inbound port `AuditTrail`."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    def list(self, query: AuditQuery) -> Stream[AuditRecord]:
        caller, start = self._start(query)
        log = self._shared.ports.audit

        def fetch(last: AuditRecord | None) -> tuple[AuditRecord, ...]:
            return log.page(last.number if last else start, PAGE, query.wanted)

        return self._while_readable(caller, Pages(fetch))

    def follow(self, query: AuditQuery) -> Stream[AuditRecord]:
        caller, start = self._start(query)
        followed = _Followed(self._shared.ports.audit, query.wanted, start)
        return self._while_readable(caller, followed)

    def export(self, wanted: AuditFilter | None) -> Stream[ChainedRecord]:
        caller = self._shared.access.require(Permission.AUDIT_READ)
        log = self._shared.ports.audit
        state = log.chain()

        def fetch(last: Link | None) -> "list[Link]":
            return list(log.links(_number(last) if last else None, state.last, PAGE))

        links: Pages[Link] = Pages(fetch)
        records = Mapped(links, lambda link: _chained(link, state))
        if wanted is None:
            return self._while_readable(caller, records)
        chosen = Selected(records, lambda chained: wanted.matches(chained.record.entry))
        return self._while_readable(caller, chosen)

    def verify(self, anchor: Anchor | None) -> Verification:
        self._shared.access.require(Permission.AUDIT_READ)
        log = self._shared.ports.audit
        authority = self._shared.authority.issuer
        if anchor is not None and anchor.authority != authority:
            raise ContctlError(
                ErrorCode.USAGE,
                f"the anchor is of the store {anchor.authority}, and this is {authority}",
            )
        state = log.chain()
        if not state.last:
            # The store's first record is that of its own beginning.
            return Verification(0, 0, 0, "there is no record, not even the first one")
        keys = self._keys() if state.segments else {}
        return verify(authority, keys, state, _links(log, state.last), anchor)

    def head(self) -> Anchor:
        self._shared.access.require(Permission.AUDIT_READ)
        log = self._shared.ports.audit
        state = log.chain()
        (link,) = log.links(state.last - 1, state.last, 1) or (None,)
        segment = _segment_of(state.last, state)
        mac = link[-1] if link else None
        if segment is None or not isinstance(mac, bytes):
            raise ContctlError(
                ErrorCode.CONFLICT, "the newest record of the audit log is in no chain"
            )
        return Anchor(self._shared.authority.issuer, segment, state.last, mac)

    def rotate(self) -> Segment:
        caller = self._shared.access.require(Permission.STORE_MANAGE)
        with self._shared.recorder.recorded(caller, Deed("audit:rotate")):
            return self._shared.ports.audit.rotate(int(self._shared.ports.clock.now()))

    def _keys(self) -> dict[str, bytes]:
        try:
            return self._shared.ports.audit_keys.load().keys
        except ContctlError as error:
            raise ContctlError(
                error.code,
                f"the audit log cannot be checked: {error.message}",
                hint="restore the file keys/audit.json from a backup",
                details=error.details,
            ) from error

    def _start(self, query: AuditQuery) -> tuple[Caller, int]:
        """The caller, who may read records, and the number after which those of `query` come."""
        caller = self._shared.access.require(Permission.AUDIT_READ)
        if query.last is not None and query.last < 0:
            raise ContctlError(ErrorCode.USAGE, "a number of records cannot be negative")
        if query.last is None:
            return caller, 0
        return caller, self._shared.ports.audit.last(query.last, query.wanted)

    def _while_readable(self, caller: Caller, stream: Stream[T]) -> Stream[T]:
        still = while_held(Permission.AUDIT_READ)
        return Standing(self._shared.ports, caller, still).stream(stream)


class _Followed:
    """Records as they are added; nothing is held open between two looks."""

    def __init__(self, log: AuditLog, wanted: AuditFilter | None, start: int) -> None:
        self._log = log
        self._wanted = wanted
        self._after = start
        self._page: list[AuditRecord] = []
        self._closed = threading.Event()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> AuditRecord:
        while not self._closed.is_set():
            if not self._page:
                self._look()
            if self._page:
                return self._page.pop()
            self._closed.wait(INTERVAL)
        raise StopIteration

    def _look(self) -> None:
        newest = self._log.last(0)
        page = self._log.page(self._after, PAGE, self._wanted)
        self._page = list(reversed(page))
        # What is not wanted is looked at once only.
        self._after = page[-1].number if page else max(self._after, newest)

    def close(self) -> None:
        """End the iteration; a reader blocked in another thread wakes up."""
        self._closed.set()


def _links(log: AuditLog, last: int) -> Iterator[Link]:
    after = None
    while page := log.links(after, last, LINKS_PAGE):
        yield from page
        after = _number(page[-1])


def _chained(link: Link, state: ChainState) -> ChainedRecord:
    number, mac = _number(link), link[-1]
    try:
        entry = entry_of(link[1:-1])
    except ValueError:
        raise ContctlError(
            ErrorCode.STORE,
            f"record {number} of the audit log is none",
            hint="run 'contctl audit verify'",
            details={"reason": "damaged"},
        ) from None
    return ChainedRecord(
        AuditRecord(number, entry),
        _segment_of(number, state),
        mac if isinstance(mac, bytes) else None,
    )


def _segment_of(number: int, state: ChainState) -> int | None:
    """The number of the segment that the record is in."""
    for segment in reversed(state.segments):
        if type(segment.first) is int and number >= segment.first:
            return segment.number
    return None


def _number(link: Link) -> int:
    return int(str(link[0]))
