"""Frames, in whatever pieces their bytes come."""

import tracemalloc
from collections.abc import Iterable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contctl.core.domain.streams import Err, Exit, Frame, Out
from contctl.core.errors import ContctlError, ErrorCode
from contctl.wire.frames import (
    MAX_PAYLOAD,
    FrameReader,
    Kind,
    pack,
    pack_error,
    pack_frame,
    pack_split,
    unpack_frame,
)
from tests.wire.values import errors

frames = st.tuples(st.sampled_from(Kind), st.binary(max_size=9))
process_frames = st.one_of(
    st.builds(Out, st.binary(max_size=9)),
    st.builds(Err, st.binary(max_size=9)),
    st.builds(Exit, st.integers(-1, 255)),
)


def test_a_frame_is_a_kind_a_length_and_its_payload() -> None:
    assert pack(Kind.ERR, b"ab") == b"\x02\x00\x00\x00\x02ab"
    assert pack(Kind.END) == b"\x06\x00\x00\x00\x00"
    assert [kind.value for kind in Kind] == list(range(11))


@given(st.lists(frames, max_size=4))
def test_frames_arrive_in_every_split(sent: list[tuple[Kind, bytes]]) -> None:
    data = b"".join(pack(kind, payload) for kind, payload in sent)
    for cut in range(len(data) + 1):
        assert read([data[:cut], data[cut:]]) == sent
    assert read(data[place : place + 1] for place in range(len(data))) == sent


@given(st.lists(frames, min_size=1, max_size=3), st.data())
def test_a_cut_frame_is_seen(sent: list[tuple[Kind, bytes]], data: st.DataObject) -> None:
    last = pack(*sent[-1])
    whole = b"".join(pack(kind, payload) for kind, payload in sent[:-1])
    reader = FrameReader()
    cut = data.draw(st.integers(1, len(last) - 1))
    assert list(reader.feed(whole + last[:cut])) == sent[:-1]
    assert not reader.empty
    assert list(reader.feed(last[cut:])) == sent[-1:]
    assert reader.empty


BAD_HEADS = [
    b"\x0b\x00\x00\x00\x00",
    b"\xff\x00\x00\x00\x01",
    b"\x01\x00\x10\x00\x01",
    b"\x01\xff\xff\xff\xff",
]


@pytest.mark.parametrize("head", BAD_HEADS)
def test_a_bad_frame_is_refused_at_its_head_and_nothing_after_it_is_read(head: bytes) -> None:
    reader = FrameReader()
    stream = reader.feed(pack(Kind.OUT, b"good") + head)
    assert next(stream) == (Kind.OUT, b"good")
    with pytest.raises(ContctlError) as raised:
        next(stream)
    assert (raised.value.code, raised.value.reason) == (ErrorCode.USAGE, "bad-frame")
    with pytest.raises(ContctlError) as raised:
        list(reader.feed(pack(Kind.OUT, b"more")))
    assert raised.value.reason == "bad-frame"
    assert reader.empty


@given(st.lists(st.binary(max_size=20), max_size=20))
def test_any_bytes_are_frames_or_refused(pieces: list[bytes]) -> None:
    with suppress(ContctlError):
        read(pieces)


def test_a_reader_holds_one_frame_at_most() -> None:
    piece = pack(Kind.OUT, bytes(MAX_PAYLOAD))[:65536] + bytes(65536)
    whole = pack(Kind.OUT, bytes(MAX_PAYLOAD))
    reader = FrameReader()
    tracemalloc.start()
    try:
        for _ in range(40):
            for start in range(0, len(whole), len(piece)):
                list(reader.feed(whole[start : start + len(piece)]))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 6 * MAX_PAYLOAD


def test_a_frame_has_an_end() -> None:
    assert read([pack(Kind.OUT, bytes(MAX_PAYLOAD))]) == [(Kind.OUT, bytes(MAX_PAYLOAD))]
    with pytest.raises(ContctlError) as raised:
        pack(Kind.ITEM, bytes(MAX_PAYLOAD + 1))
    assert raised.value.code is ErrorCode.FAILED


@pytest.mark.parametrize("length", [0, 1, MAX_PAYLOAD, MAX_PAYLOAD + 1, 3 * MAX_PAYLOAD])
def test_long_data_goes_in_several_frames(length: int) -> None:
    data = bytes(range(251)) * (length // 251 + 1)
    found = read([pack_split(Kind.IN, data[:length])])
    assert b"".join(payload for _, payload in found) == data[:length]
    assert len(found) == max(1, -(-length // MAX_PAYLOAD))
    assert {kind for kind, _ in found} == {Kind.IN}


@given(process_frames)
def test_what_a_process_says_arrives(frame: Frame) -> None:
    [(kind, payload)] = read([pack_frame(frame)])
    assert unpack_frame(kind, payload) == frame


@given(errors)
def test_an_error_ends_what_a_process_says(error: ContctlError) -> None:
    [(kind, payload)] = read([pack_error(error)])
    with pytest.raises(ContctlError) as raised:
        unpack_frame(kind, payload)
    assert (raised.value.code, raised.value.message) == (error.code, error.message)
    assert raised.value.details == error.details


def test_an_endless_error_is_cut() -> None:
    error = ContctlError(ErrorCode.CONFLICT, "\ud800" * MAX_PAYLOAD, hint="h" * MAX_PAYLOAD)
    [(kind, payload)] = read([pack_error(error)])
    with pytest.raises(ContctlError) as raised:
        unpack_frame(kind, payload)
    assert raised.value.code is ErrorCode.CONFLICT
    assert len(raised.value.message) == 1000


@pytest.mark.parametrize("payload", [b"", b"x", b"[]", b'{"code":"usage"}', b"\xff"])
def test_an_error_that_is_none_is_no_gateways(payload: bytes) -> None:
    with pytest.raises(ContctlError) as raised:
        unpack_frame(Kind.ERROR, payload)
    assert raised.value.code is ErrorCode.UNAVAILABLE


@pytest.mark.parametrize("kind", set(Kind) - {Kind.OUT, Kind.ERR, Kind.EXIT, Kind.ERROR})
def test_a_process_says_nothing_else(kind: Kind) -> None:
    with pytest.raises(ContctlError) as raised:
        unpack_frame(kind, b"")
    assert (raised.value.code, raised.value.reason) == (ErrorCode.USAGE, "bad-frame")


@pytest.mark.parametrize("payload", [b"", b"true", b'"0"', b"[0]", b"1.5", b"x"])
def test_an_exit_code_is_an_integer(payload: bytes) -> None:
    with pytest.raises(ContctlError) as raised:
        unpack_frame(Kind.EXIT, payload)
    assert raised.value.code is ErrorCode.USAGE


def read(pieces: Iterable[bytes]) -> list[tuple[Kind, bytes]]:
    reader = FrameReader()
    return [frame for piece in pieces for frame in reader.feed(piece)]
