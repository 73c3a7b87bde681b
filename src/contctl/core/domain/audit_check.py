"""Whether an audit log is as it was written."""

import hmac
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from contctl.core.domain.audit_chain import GENESIS, Anchor, Chain, ChainState, Link, Segment


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of it. records, segments: how many are in order.

    older: how many records are older than the chain, which nothing vouches for.
    problem: in a few words what is wrong, if anything is.  record: the first bad one's number.
    """

    records: int
    segments: int
    older: int
    problem: str | None = None
    record: int | None = None


def verify(
    authority: str,
    keys: Mapping[str, bytes],
    state: ChainState,
    links: Iterable[Link],
    anchor: Anchor | None,
) -> Verification:
    """Check the records that `state` speaks of, up to the first bad one.

    keys: by their ids.  links: all records up to `state.last`, by their numbers.
    anchor: of the same authority.
    """
    walk = _Walk(authority, keys, state, iter(links), anchor)
    problem: _Broken | None = None
    try:
        walk.all()
    except _Broken as broken:
        problem = broken
    return Verification(
        walk.records,
        walk.segments,
        walk.older,
        problem.what if problem else None,
        problem.record if problem else None,
    )


class _Broken(Exception):
    def __init__(self, record: int, what: str) -> None:
        super().__init__(what)
        self.record = record
        self.what = what


class _Walk:
    """One way through the log, from its first record to its last."""

    def __init__(
        self,
        authority: str,
        keys: Mapping[str, bytes],
        state: ChainState,
        links: Iterator[Link],
        anchor: Anchor | None,
    ) -> None:
        self._authority = authority
        self._keys = keys
        self._state = state
        self._links = links
        self._anchor = anchor
        self._next = next(links, None)
        self.records = self.segments = self.older = 0

    def all(self) -> None:
        """Raise _Broken at the first thing that is wrong."""
        segments = self._state.segments
        first = segments[0].first if segments else self._state.last + 1
        if type(first) is not int:
            raise _Broken(1, "the first segment was changed")
        self._pass_older(first)
        head = GENESIS
        for number, segment in enumerate(segments, 1):
            if segment.number != number or segment.first != first:
                raise _Broken(first, f"the segment of record {first} is missing or was changed")
            is_newest = number == len(segments)
            head = self._pass_segment(segment, head, is_newest=is_newest)
            first = (segment.last or 0) + 1
            self.segments += 1
        self._check_anchor_was_met()

    def _pass_older(self, first: int) -> None:
        while self._next is not None and _number(self._next) < first:
            number = _number(self._next)
            if number < 1 or self._next[-1] is not None:
                raise _Broken(number, f"record {number} is in no segment")
            self.older += 1
            self._next = next(self._links, None)

    def _pass_segment(self, segment: Segment, previous: bytes, *, is_newest: bool) -> bytes:
        self._check_form(segment, is_newest=is_newest)
        chain = Chain(self._keys[segment.key_id], self._authority)
        last = self._state.last if segment.last is None else segment.last
        head = self._pass_records(chain, chain.start(segment, previous), segment.first, last)
        if segment.last is not None and not (
            head == segment.head and hmac.compare_digest(chain.seal(segment), segment.seal or b"")
        ):
            what = f"the seal of segment {segment.number}, records {segment.first} to {last},"
            raise _Broken(last, f"{what} was changed")
        return head

    def _check_form(self, segment: Segment, *, is_newest: bool) -> None:
        closing = (segment.last, segment.head, segment.sealed_at, segment.seal)
        form = tuple(map(type, closing))
        expected = (type(None),) * 4 if is_newest else (int, bytes, int, bytes)
        if form != expected:
            state = "open" if is_newest else "sealed"
            raise _Broken(segment.first, f"segment {segment.number} is not {state}, as it must be")
        if segment.key_id not in self._keys:
            what = f"the key of segment {segment.number}, from record {segment.first} on, is gone"
            raise _Broken(segment.first, what)

    def _pass_records(self, chain: Chain, head: bytes, first: int, last: int) -> bytes:
        """Check all from `first` to `last`, of which none may be missing; the last one's MAC."""
        anchored = self._anchor.record if self._anchor else None
        link, links = self._next, self._links
        for number in range(first, last + 1):
            if link is None or link[0] != number:
                raise _Broken(number, f"record {number} is missing")
            try:
                head = chain.record(head, link[:-1])
            except (TypeError, ValueError):
                raise _Broken(number, f"record {number} was changed") from None
            if head != link[-1]:
                raise _Broken(number, f"record {number} was changed, or is not contctl's")
            if number == anchored:
                self._check_anchor(head)
            self.records += 1
            link = next(links, None)
        self._next = link
        return head

    def _check_anchor(self, mac: bytes) -> None:
        if self._anchor and self._anchor.mac != mac:
            raise _Broken(
                self._anchor.record,
                f"the log was replaced: record {self._anchor.record} is not the anchored one",
            )

    def _check_anchor_was_met(self) -> None:
        anchor, state = self._anchor, self._state
        if anchor is None:
            return
        if anchor.record > state.last:
            what = f"it ends at record {state.last}, and the anchor is of record {anchor.record}"
            raise _Broken(state.last + 1, f"the log was cut or replaced: {what}")
        if not state.segments or anchor.record < state.segments[0].first:
            what = f"record {anchor.record} is anchored, and here it is older than the chain"
            raise _Broken(anchor.record, f"the log was replaced: {what}")


def _number(link: Link) -> int:
    number = link[0]
    assert isinstance(number, int)  # noqa: S101 - the database's primary key
    return number
