"""The chain of the audit log: its encoding, and that every change to a log shows."""

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contctl.core.domain.audit_chain import (
    GENESIS,
    Anchor,
    Chain,
    ChainState,
    Link,
    Segment,
    Value,
    encoded,
)
from contctl.core.domain.audit_check import Verification, verify
from contctl.core.errors import ContctlError, ErrorCode

AUTHORITY = "6f1c1f0e-6f6b-4c56-9d5e-0d3f6a1f2b3c"
KEYS = {"old": b"o" * 32, "new": b"n" * 32}
FIELDS: tuple[Value, ...] = (
    *(1000, "intent", "container:stop", 0, "u", "alice", "s", "t", "web", None, "", "", ""),
)

# Lone surrogates too, which text from a damaged database can hold.
TEXTS = st.text(st.characters(codec=None, categories=None))
VALUES = st.lists(st.one_of(TEXTS, st.integers(-(2**63), 2**63 - 1), st.none()))


@given(VALUES)
def test_the_encoding_is_json_that_gives_the_values_back(values: list[Value]) -> None:
    text = encoded(values).decode("utf-8", "surrogatepass")
    assert json.loads(text) == values


@given(VALUES, VALUES)
def test_different_values_have_different_encodings(one: list[Value], other: list[Value]) -> None:
    assert (encoded(one) == encoded(other)) == (one == other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (["ab", "c"], ["a", "bc"]),
        (["1"], [1]),
        ([None], ["null"]),
        (["\ud83d\ude00"], ["\U0001f600"]),
        (["\\u0041"], ["A"]),
        ([1], [1, ""]),
    ],
)
def test_values_that_look_alike(one: list[Value], other: list[Value]) -> None:
    assert encoded(one) != encoded(other)


def test_bytes_are_no_value() -> None:
    with pytest.raises(TypeError):
        encoded([b"1"])


def test_the_rule_in_plain_words() -> None:
    def mac(previous: bytes, text: str) -> bytes:
        return hmac.new(KEYS["old"], previous + text.encode(), hashlib.sha256).digest()

    chain = Chain(KEYS["old"], AUTHORITY)
    segment = Segment(1, "old", 1)
    start = chain.start(segment, GENESIS)
    assert start == mac(bytes(32), f'["segment","{AUTHORITY}",1,"old",1]')
    head = chain.record(start, (1, *FIELDS))
    assert head == mac(
        start,
        '["record",1,1000,"intent","container:stop",0,"u","alice","s","t","web",null,"","",""]',
    )
    sealed = chain.sealed(segment, 1, head, 7)
    assert sealed == replace(segment, last=1, head=head, sealed_at=7, seal=sealed.seal)
    assert sealed.seal == mac(head, f'["seal","{AUTHORITY}",1,"old",1,1,7]')


def log(*sizes: int, older: int = 2, newest_key: str = "new") -> tuple[ChainState, list[Link]]:
    """A log of segments of these sizes, after some older records; the last segment is open."""
    links: list[Link] = [(number, *FIELDS, None) for number in range(1, older + 1)]
    segments: list[Segment] = []
    head, number = GENESIS, older + 1
    for place, size in enumerate(sizes, 1):
        key_id = newest_key if place == len(sizes) else "old"
        chain = Chain(KEYS[key_id], AUTHORITY)
        segment = Segment(place, key_id, number)
        head = chain.start(segment, head)
        for _ in range(size):
            head = chain.record(head, (number, *FIELDS))
            links.append((number, *FIELDS, head))
            number += 1
        segments.append(
            segment if place == len(sizes) else chain.sealed(segment, number - 1, head, 9)
        )
    return ChainState(tuple(segments), number - 1), links


def check(state: ChainState, links: list[Link], anchor: Anchor | None = None) -> Verification:
    """What comes of a check."""
    return verify(AUTHORITY, KEYS, state, links, anchor)


def anchor_of(links: list[Link], number: int) -> Anchor:
    """An anchor of the record of that number."""
    mac = links[number - 1][-1]
    assert isinstance(mac, bytes)
    return Anchor(AUTHORITY, 1, number, mac)


@pytest.mark.parametrize("sizes", [(), (0,), (1,), (3, 2), (3, 0), (0, 3), (1, 1, 1, 4)])
@pytest.mark.parametrize("older", [0, 2])
def test_a_log_that_nobody_changed(sizes: tuple[int, ...], older: int) -> None:
    state, links = log(*sizes, older=older)
    assert check(state, links) == Verification(sum(sizes), len(sizes), older)


def test_an_anchor_of_each_record_holds() -> None:
    state, links = log(3, 2)
    for number in range(3, 8):
        assert check(state, links, anchor_of(links, number)).problem is None


# Records 1 and 2 are older than the chain, 3 to 5 are in segment 1, 6 to 8 in 2, 9 and 10 in 3.
SIZES = (3, 3, 2)


@pytest.mark.parametrize("number", range(3, 11))
@pytest.mark.parametrize("column", range(1, len(FIELDS) + 2))
def test_a_changed_column_shows(number: int, column: int) -> None:
    state, links = log(*SIZES)
    before = links[number - 1]
    for changed in ("changed", None, 7, b"bytes", 1.5):
        if before[column] == changed:
            continue
        link: Any = (*before[:column], changed, *before[column + 1 :])
        spoilt = [*links[: number - 1], link, *links[number:]]
        assert check(state, spoilt).record == number


@pytest.mark.parametrize("number", range(3, 11))
def test_a_missing_record_shows(number: int) -> None:
    state, links = log(*SIZES)
    assert check(state, links[: number - 1] + links[number:]).record == number


@pytest.mark.parametrize("number", range(3, 10))
def test_swapped_records_show(number: int) -> None:
    state, links = log(*SIZES)
    one, other = links[number - 1], links[number]
    links[number - 1], links[number] = (one[0], *other[1:]), (other[0], *one[1:])
    assert check(state, links).record == number


@pytest.mark.parametrize("source", range(2, 10))
def test_a_copied_record_shows(source: int) -> None:
    state, links = log(*SIZES)
    links.append((11, *links[source][1:]))
    assert check(replace(state, last=11), links).record == 11


@pytest.mark.parametrize("number", [-3, 0])
def test_a_record_below_all_shows(number: int) -> None:
    state, links = log(*SIZES)
    assert check(state, [(number, *FIELDS, None), *links]).record == number


def test_an_older_record_with_a_mac_shows() -> None:
    state, links = log(*SIZES)
    links[1] = (*links[1][:-1], bytes(32))
    assert check(state, links).record == 2


CHANGES: tuple[tuple[Callable[[Segment], Segment], int], ...] = (
    (lambda segment: replace(segment, number=7), 6),
    (lambda segment: replace(segment, key_id="new"), 6),
    (lambda segment: replace(segment, key_id="gone"), 6),
    (lambda segment: replace(segment, first=5), 6),
    (lambda segment: replace(segment, first=7), 6),
    (lambda segment: replace(segment, first="6"), 6),  # type: ignore[arg-type]
    (lambda segment: replace(segment, last=7), 7),
    (lambda segment: replace(segment, last=9), 9),
    (lambda segment: replace(segment, last=2**62), 9),
    (lambda segment: replace(segment, last=None), 6),
    (lambda segment: replace(segment, last="8"), 6),  # type: ignore[arg-type]
    (lambda segment: replace(segment, head=bytes(32)), 8),
    (lambda segment: replace(segment, head=None), 6),
    (lambda segment: replace(segment, sealed_at=8), 8),
    (lambda segment: replace(segment, seal=bytes(32)), 8),
    (lambda segment: replace(segment, seal=b""), 8),
)


@pytest.mark.parametrize(("change", "record"), CHANGES)
def test_a_changed_segment_shows(change: Callable[[Segment], Segment], record: int) -> None:
    state, links = log(*SIZES)
    one, two, three = state.segments
    assert check(replace(state, segments=(one, change(two), three)), links).record == record


@pytest.mark.parametrize("first", [1, 2, 4, "3", None])
def test_a_first_segment_that_begins_elsewhere_shows(first: int) -> None:
    state, links = log(*SIZES)
    one, *others = state.segments
    assert check(replace(state, segments=(replace(one, first=first), *others)), links).problem


def test_a_missing_segment_shows() -> None:
    state, links = log(*SIZES)
    for gone in range(3):
        segments = state.segments[:gone] + state.segments[gone + 1 :]
        assert check(replace(state, segments=segments), links).problem
    assert check(replace(state, segments=()), links).record == 3


def test_a_log_that_ends_with_a_seal_was_cut() -> None:
    state, links = log(*SIZES)
    assert check(ChainState(state.segments[:2], 8), links[:8]).problem


def test_another_stores_log_shows() -> None:
    state, links = log(*SIZES)
    assert verify("another", KEYS, state, links, None).record == 3


def test_a_log_chained_under_another_key_shows() -> None:
    state, links = log(*SIZES)
    keys = {"old": b"x" * 32, "new": b"n" * 32}
    assert verify(AUTHORITY, keys, state, links, None).record == 3


def test_a_cut_tail_shows_against_an_anchor_only() -> None:
    state, links = log(*SIZES)
    anchor = anchor_of(links, 10)
    cut = ChainState(state.segments, 9)
    assert check(cut, links[:9]).problem is None
    found = check(cut, links[:9], anchor)
    assert found.record == 10
    assert "cut or replaced" in str(found.problem)


def test_a_replaced_log_shows_against_an_anchor_only() -> None:
    state, links = log(*SIZES)
    anchor = replace(anchor_of(links, 4), mac=bytes(32))
    assert check(state, links).problem is None
    assert check(state, links, anchor).record == 4
    assert "replaced" in str(check(state, links, replace(anchor, record=1)).problem)


def respoilt(state: ChainState, place: int, **changes: Any) -> ChainState:
    """`state` with changes to the segment at that place."""
    segments = list(state.segments)
    segments[place] = replace(segments[place], **changes)
    return replace(state, segments=tuple(segments))


def with_target(links: list[Link], number: int, target: Value | bytes) -> list[Link]:
    """`links` with another target in the record of that number."""
    link = links[number - 1]
    return [*links[: number - 1], (*link[:9], target, *link[10:]), *links[number:]]


@pytest.mark.parametrize(
    ("found", "record", "problem"),
    [
        (
            lambda state, links: check(respoilt(state, 0, first="3"), links),
            1,
            "the first segment was changed",
        ),
        (
            lambda state, links: check(respoilt(state, 1, first=7), links),
            6,
            "the segment of record 6 is missing or was changed",
        ),
        (
            lambda state, links: check(respoilt(state, 1, seal=bytes(32)), links),
            8,
            "the seal of segment 2, records 6 to 8, was changed",
        ),
        (
            lambda state, links: check(respoilt(state, 1, head=None), links),
            6,
            "segment 2 is not sealed, as it must be",
        ),
        (
            lambda state, links: check(respoilt(state, 2, last=10), links),
            9,
            "segment 3 is not open, as it must be",
        ),
        (
            lambda state, links: check(respoilt(state, 1, key_id="gone"), links),
            6,
            "the key of segment 2, from record 6 on, is gone",
        ),
        (
            lambda state, links: check(replace(state, segments=()), links),
            3,
            "record 3 is in no segment",
        ),
        (
            lambda state, links: check(state, links[:6] + links[7:]),
            7,
            "record 7 is missing",
        ),
        (
            lambda state, links: check(state, with_target(links, 7, b"db")),
            7,
            "record 7 was changed",
        ),
        (
            lambda state, links: check(state, with_target(links, 7, "db")),
            7,
            "record 7 was changed, or is not contctl's",
        ),
        (
            lambda state, links: check(state, links, Anchor(AUTHORITY, 1, 4, bytes(32))),
            4,
            "the log was replaced: record 4 is not the anchored one",
        ),
        (
            lambda state, links: check(state, links, Anchor(AUTHORITY, 3, 12, bytes(32))),
            11,
            "the log was cut or replaced: it ends at record 10, and the anchor is of record 12",
        ),
        (
            lambda state, links: check(state, links, Anchor(AUTHORITY, 1, 2, bytes(32))),
            2,
            "the log was replaced: record 2 is anchored, and here it is older than the chain",
        ),
    ],
)
def test_what_is_said_of_it(
    found: Callable[[ChainState, list[Link]], Verification], record: int, problem: str
) -> None:
    verification = found(*log(*SIZES))
    assert (verification.record, verification.problem) == (record, problem)


def test_without_segments_no_record_after_the_newest_one_counts() -> None:
    _, links = log(older=3)
    assert check(ChainState((), 2), links) == Verification(0, 0, 2)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "[" * 3000,
        "{}",
        '{"authority":"a","segment":1,"record":1}',
        '{"authority":"a","segment":1,"record":1,"mac":"00"}',
        '{"authority":"a","segment":1,"record":1,"mac":7}',
        f'{{"authority":7,"segment":1,"record":1,"mac":"{"00" * 32}"}}',
        f'{{"authority":"a","segment":1,"record":true,"mac":"{"00" * 32}"}}',
        f'{{"authority":"a","segment":1,"record":1.0,"mac":"{"00" * 32}"}}',
        f'{{"authority":"a","segment":1,"record":0,"mac":"{"00" * 32}"}}',
        f'{{"authority":"a","segment":"1","record":1,"mac":"{"00" * 32}"}}',
    ],
)
def test_what_is_no_anchor(text: str) -> None:
    with pytest.raises(ContctlError) as caught:
        Anchor.from_json(text)
    assert caught.value.code is ErrorCode.USAGE


def test_an_anchor_is_one_line_of_json() -> None:
    anchor = Anchor("a", 2, 3, bytes(range(32)))
    text = anchor.to_json()
    assert json.loads(text) == {
        "authority": "a",
        "segment": 2,
        "record": 3,
        "mac": bytes(range(32)).hex(),
    }
    assert "\n" not in text
    assert Anchor.from_json(f"{text}\n") == anchor
    first = Anchor("a", 1, 1, bytes(32))
    assert Anchor.from_json(first.to_json()) == first
