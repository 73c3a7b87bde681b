"""The chain that shows where the audit log was changed, and the anchor that shows where it was cut.

Every MAC is HMAC-SHA256 (RFC 2104) over the MAC before it, 32 bytes, and a JSON array (RFC 8259) in
UTF-8 without blanks, which is never the same for two different lists of values:

- a segment begins: ["segment", authority, number, key id, first record's number],
  after the head of the segment before it, or 32 zero bytes;
- a record: ["record", number, the fields of AuditEntry in their order], after the record before it,
  or the beginning of its segment;
- a seal: ["seal", authority, number, key id, first, last, time of sealing], after the head.
"""

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from contctl.core.errors import ContctlError, ErrorCode

MAC_BYTES = 32
GENESIS = bytes(MAC_BYTES)
"""What stands for the head of the segment before the first one."""

Value = str | int | None
Link = tuple[Value | bytes, ...]
"""A record as it is kept: its number, the fields of AuditEntry in their order, its MAC or None."""

_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of the log under one key; one without a `last` is open, and the newest one is.

    first, last: numbers of records; an empty segment's last comes before its first.
    head: the MAC of its last record.  sealed_at: seconds since the epoch.
    seal: the MAC of all the above.
    """

    number: int
    key_id: str
    first: int
    last: int | None = None
    head: bytes | None = None
    sealed_at: int | None = None
    seal: bytes | None = None


@dataclass(frozen=True, slots=True)
class ChainState:
    """The segments by their numbers, and the number of the newest record, 0 where there is none."""

    segments: tuple[Segment, ...]
    last: int


class Chain:
    """The MACs of one store's log under one key."""

    def __init__(self, key: bytes, authority: str) -> None:
        self._keyed = hmac.new(key, digestmod="sha256")
        self._authority = authority

    def start(self, segment: Segment, previous: bytes) -> bytes:
        """What the first record of `segment` follows. previous: the head of the one before."""
        values = (self._authority, segment.number, segment.key_id, segment.first)
        return self._mac(previous, "segment", values)

    def record(self, previous: bytes, values: Sequence[Value | bytes]) -> bytes:
        """The MAC of a record. values: its number and fields, as in a Link.

        TypeError for a value that no record can have.
        """
        return self._mac(previous, "record", values)

    def seal(self, segment: Segment) -> bytes:
        """The MAC that closes `segment`, whose columns but the seal are set."""
        values = (
            self._authority,
            segment.number,
            segment.key_id,
            segment.first,
            segment.last,
            segment.sealed_at,
        )
        return self._mac(segment.head or GENESIS, "seal", values)

    def sealed(self, segment: Segment, last: int, head: bytes, now: int) -> Segment:
        """The open `segment`, closed after the record `last`, whose MAC is `head`.

        now: seconds since the epoch.
        """
        closed = replace(segment, last=last, head=head, sealed_at=now)
        return replace(closed, seal=self.seal(closed))

    def _mac(self, previous: bytes, kind: str, values: Sequence[Value | bytes]) -> bytes:
        mac = self._keyed.copy()
        mac.update(previous + encoded((kind, *values)))
        return mac.digest()


def encoded(values: Sequence[Value | bytes]) -> bytes:
    """`values` as bytes that no other values have; TypeError for one that is bytes."""
    # Lone surrogates have an encoding of their own here, so that two of them are no character.
    return _to_json(values).encode("utf-8", "surrogatepass")


@dataclass(frozen=True, slots=True)
class Anchor:
    """The newest record at some moment, to be kept where who can change the log cannot."""

    authority: str
    segment: int
    record: int
    mac: bytes

    def to_json(self) -> str:
        """One line of JSON."""
        return json.dumps(
            {
                "authority": self.authority,
                "segment": self.segment,
                "record": self.record,
                "mac": self.mac.hex(),
            }
        )

    @classmethod
    def from_json(cls, text: str) -> "Anchor":
        """The anchor read back; ContctlError USAGE where it is none."""
        try:
            value = json.loads(text)
            authority, mac = value["authority"], bytes.fromhex(value["mac"])
            segment, record = value["segment"], value["record"]
        except (ValueError, KeyError, TypeError, RecursionError):
            raise _no_anchor() from None
        if not isinstance(authority, str) or len(mac) != MAC_BYTES:
            raise _no_anchor()
        if type(segment) is not int or type(record) is not int or min(segment, record) < 1:
            raise _no_anchor()
        return cls(authority, segment, record, mac)


def _no_anchor() -> ContctlError:
    return ContctlError(
        ErrorCode.USAGE, "this is not an anchor", hint="'contctl audit head' prints one"
    )
