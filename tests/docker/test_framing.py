"""The decoders give the same however the bytes are split."""

import itertools
import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contctl.backends.docker.framing import (
    MAX_DOCUMENT,
    Demultiplexer,
    Documents,
    Mapped,
    Plain,
)
from contctl.backends.http.chunks import Chunks
from contctl.core.domain.streams import Err, Out

_OUTPUT = st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=40)), max_size=12)
_CUTS = st.lists(st.integers(0, 600), max_size=30)


def _split(data: bytes, cuts: list[int]) -> list[bytes]:
    points = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    return [data[a:b] for a, b in itertools.pairwise(points) if a < b]


def _framed(frames: list[tuple[int, bytes]]) -> bytes:
    return b"".join(struct.pack(">BxxxI", kind, len(data)) + data for kind, data in frames)


def _chunked(pieces: list[bytes]) -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces if piece)


def _demultiplexer() -> Demultiplexer:
    return Demultiplexer(RuntimeError)


def _runs(frames: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
    joined: list[tuple[int, bytes]] = []
    for kind, data in frames:
        if not data:
            continue
        if joined and joined[-1][0] == kind:
            joined[-1] = (kind, joined[-1][1] + data)
        else:
            joined.append((kind, data))
    return joined


@given(_OUTPUT, _CUTS)
def test_output_survives_any_split(frames: list[tuple[int, bytes]], cuts: list[int]) -> None:
    decoder = _demultiplexer()
    output: list[Out | Err] = []
    for piece in _split(_framed(frames), cuts):
        output.extend(decoder.feed(piece))
    decoder.finish()
    assert all(piece.data for piece in output)
    got = [(2 if isinstance(piece, Err) else 1, piece.data) for piece in output]
    assert _runs(got) == _runs(frames)


@given(_OUTPUT.filter(bool), st.data())
def test_a_cut_inside_a_frame_is_an_error(
    frames: list[tuple[int, bytes]], data: st.DataObject
) -> None:
    whole = _framed(frames)
    ends, at = {0}, 0
    for _, content in frames:
        at += 8 + len(content)
        ends.add(at)
    cut = data.draw(st.integers(0, len(whole)))
    decoder = _demultiplexer()
    decoder.feed(whole[:cut])
    if cut in ends:
        decoder.finish()
    else:
        with pytest.raises(EOFError):
            decoder.finish()


@given(st.lists(st.binary(max_size=40), max_size=12), _CUTS)
def test_chunks_survive_any_split(pieces: list[bytes], cuts: list[int]) -> None:
    chunks = Chunks()
    wire = _chunked(pieces) + b"0\r\nX-Trailer: 1\r\n\r\n"
    content = b""
    for piece in _split(wire, cuts):
        assert not chunks.complete
        content += chunks.feed(piece)
    assert chunks.complete
    assert content == b"".join(pieces)


@given(st.lists(st.binary(min_size=1, max_size=40), max_size=5), st.data())
def test_a_cut_chunked_answer_is_never_complete(pieces: list[bytes], data: st.DataObject) -> None:
    wire = _chunked(pieces) + b"0\r\n\r\n"
    chunks = Chunks()
    chunks.feed(wire[: data.draw(st.integers(0, len(wire) - 1))])
    assert not chunks.complete


@given(st.lists(st.dictionaries(st.text(max_size=5), st.integers()), max_size=6), _CUTS)
def test_documents_survive_any_split(documents: list[dict[str, int]], cuts: list[int]) -> None:
    decoder = Documents()
    found = []
    wire = b"".join(json.dumps(document).encode() + b"\r\n" for document in documents)
    for piece in _split(wire, cuts):
        found.extend(decoder.feed(piece))
    decoder.finish()
    assert found == documents


@given(st.binary(max_size=300), _CUTS)
def test_garbage_raises_nothing_but_its_errors(data: bytes, cuts: list[int]) -> None:
    for decoder in (_demultiplexer(), Documents(), Chunks(), Plain()):
        try:
            for piece in _split(data, cuts):
                decoder.feed(piece)
            if not isinstance(decoder, Chunks):
                decoder.finish()
        except (ValueError, EOFError, RuntimeError):
            continue


def test_an_engines_error_comes_after_what_was_said_before() -> None:
    decoder = _demultiplexer()
    wire = _framed([(1, b"said"), (3, b"log driver broke")])
    assert decoder.feed(wire) == [Out(b"said")]
    with pytest.raises(RuntimeError, match="log driver broke"):
        decoder.finish()


def test_what_is_no_multiplexed_stream_is_an_error() -> None:
    for wire in (b"hello world", b"\x04\0\0\0\0\0\0\0", b"\x01\0\x01\0\0\0\0\0"):
        with pytest.raises(ValueError, match="not a multiplexed stream"):
            _demultiplexer().feed(wire)


def test_a_chunk_without_a_size_is_an_error() -> None:
    for wire in (b"zz\r\n", b"-5\r\n", b"1" * 2000):
        with pytest.raises(ValueError, match=r"chunk|invalid literal"):
            Chunks().feed(wire)


def test_a_document_without_an_end_is_an_error() -> None:
    decoder = Documents()
    decoder.feed(b"x" * MAX_DOCUMENT)
    with pytest.raises(ValueError, match="without an end"):
        decoder.feed(b"x")


def test_mapped_hands_out_what_came_before_a_failure() -> None:
    def fail_on_two(document: dict[str, int]) -> int:
        if document["n"] == 2:
            raise RuntimeError("two")
        return document["n"]

    values = iter(Mapped(Documents(), fail_on_two).feed(b'{"n": 1}\n{"n": 2}\n'))
    assert next(values) == 1
    with pytest.raises(RuntimeError, match="two"):
        next(values)
