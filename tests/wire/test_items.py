"""Streams of items, written and read."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contctl.core.domain.actions import Outcome
from contctl.core.domain.streams import Chunk, Err, Event, Out, Progress
from contctl.core.errors import ContctlError, ErrorCode
from contctl.wire.codec import dumps
from contctl.wire.frames import MAX_PAYLOAD, FrameReader, ItemReader, ItemWriter, Kind, pack
from tests.wire.values import texts, values_of

outputs = st.builds(Out, st.binary(max_size=5)) | st.builds(Err, st.binary(max_size=5))
chunks = st.lists(st.builds(Chunk, st.sampled_from(["a", "b", "\ud800"]) | texts, outputs))
events = st.lists(values_of(Event), max_size=3)


@given(chunks, st.integers(1, 20))
def test_chunks_arrive(sent: list[Chunk], size: int) -> None:
    assert arrived(Chunk, sent, size) == sent


@given(st.lists(st.binary(max_size=9)), st.integers(1, 20))
def test_bytes_arrive(sent: list[bytes], size: int) -> None:
    assert arrived(bytes, sent, size) == sent


@given(events, st.integers(1, 20))
def test_other_items_arrive(sent: list[Event], size: int) -> None:
    assert arrived(Event, sent, size) == sent


def test_a_source_is_named_when_it_changes() -> None:
    writer = ItemWriter()
    items = [Chunk("a", Out(b"1")), Chunk("a", Err(b"2")), Chunk("b", Out(b"3"))]
    data = b"".join(writer.frames(item) for item in items)
    assert [kind for kind, _ in FrameReader().feed(data)] == [
        Kind.SOURCE,
        Kind.OUT,
        Kind.ERR,
        Kind.SOURCE,
        Kind.OUT,
    ]


@pytest.mark.parametrize("item_type", [Chunk, bytes])
def test_a_long_piece_arrives_in_several(item_type: Any) -> None:
    data = bytes(range(256)) * (MAX_PAYLOAD // 128)
    item = data if item_type is bytes else Chunk("a", Err(data))
    pieces = arrived(item_type, [item], 65536)
    assert len(pieces) == 2
    assert data == b"".join(
        piece if isinstance(piece, bytes) else piece.output.data for piece in pieces
    )


def test_an_item_that_no_frame_can_hold_is_an_error() -> None:
    with pytest.raises(ContctlError) as raised:
        ItemWriter().frames(Progress("", "x" * MAX_PAYLOAD))
    assert raised.value.code is ErrorCode.FAILED


@pytest.mark.parametrize("item_type", [Chunk, bytes, Outcome])
def test_an_error_is_raised_in_its_place(item_type: Any) -> None:
    item = {Chunk: Chunk("a", Out(b"x")), bytes: b"x", Outcome: Outcome("web", "id")}[item_type]
    writer, reader = ItemWriter(), ItemReader(item_type)
    stream = reader.feed(
        writer.frames(item) + writer.error(ContctlError(ErrorCode.UNAVAILABLE, "gone", hint="h"))
    )
    assert next(stream) == item
    with pytest.raises(ContctlError) as raised:
        next(stream)
    assert (raised.value.code, raised.value.message) == (ErrorCode.UNAVAILABLE, "gone")
    assert raised.value.hint == "h"
    assert not reader.finished
    with pytest.raises(ContctlError) as raised:
        list(reader.feed(writer.frames(item)))
    assert raised.value.reason == "bad-frame"


@given(events)
def test_a_cut_stream_has_not_finished(sent: list[Event]) -> None:
    writer = ItemWriter()
    data = b"".join(writer.frames(item) for item in sent) + writer.end()
    for cut in range(len(data)):
        reader = ItemReader(Event)
        found = list(reader.feed(data[:cut]))
        assert found == sent[: len(found)]
        assert not reader.finished


BAD: list[tuple[Any, bytes]] = [
    (Chunk, pack(Kind.OUT, b"no source")),
    (Chunk, pack(Kind.ITEM, b"{}")),
    (Chunk, pack(Kind.SOURCE, b"\xff")),
    (Chunk, pack(Kind.SOURCE, b"a") + pack(Kind.EXIT, b"0")),
    (bytes, pack(Kind.ERR, b"x")),
    (bytes, pack(Kind.SOURCE, b"a")),
    (bytes, pack(Kind.ARGUMENTS, b"{}")),
    (Event, pack(Kind.OUT, b"x")),
    (Event, pack(Kind.SOURCE, b"a")),
    (Event, pack(Kind.END, b"x")),
    (Event, pack(Kind.END) + pack(Kind.END)),
    (Event, pack(Kind.END) + pack(Kind.ITEM, b"{}")),
    (Event, pack(Kind.END) + pack(Kind.ERROR, b"{}")),
]


@pytest.mark.parametrize(("item_type", "data"), BAD)
def test_a_frame_out_of_place_is_refused(item_type: Any, data: bytes) -> None:
    with pytest.raises(ContctlError) as raised:
        list(ItemReader(item_type).feed(data))
    assert (raised.value.code, raised.value.reason) == (ErrorCode.USAGE, "bad-frame")


@pytest.mark.parametrize("payload", [b"", b"{}", b"null", b'{"at":1,"at":1}', dumps({"at": "x"})])
def test_a_bad_item_is_refused(payload: bytes) -> None:
    with pytest.raises(ContctlError) as raised:
        list(ItemReader(Event).feed(pack(Kind.ITEM, payload)))
    assert raised.value.code is ErrorCode.USAGE


def arrived(item_type: Any, sent: list[Any], size: int) -> list[Any]:
    """What a reader makes of `sent` when its bytes come in pieces of `size`."""
    writer, reader = ItemWriter(), ItemReader(item_type)
    data = b"".join(writer.frames(item) for item in sent) + writer.end()
    assert not reader.finished
    found = [
        item
        for start in range(0, len(data), size)
        for item in reader.feed(data[start : start + size])
    ]
    assert reader.finished
    return found
