"""JSON texts: strict UTF-8 without doubles, and nothing that JSON does not have."""

import json

import pytest
from hypothesis import given

from contctl.core.errors import ContctlError, ErrorCode
from contctl.wire.codec import MAX_DEPTH, dumps, loads
from tests.wire.values import json_values

REFUSED = [
    (b"", "not JSON: Expecting value at character 0"),
    (b" ", "not JSON: Expecting value at character 1"),
    (b"{} {}", "not JSON: Extra data at character 3"),
    (b"{'a':1}", None),
    (b'{"a":1,}', None),
    (b"[1,]", None),
    (b"// x\n1", None),
    (b"01", None),
    (b"+1", None),
    (b"0x1", None),
    (b'"\x01"', None),
    (b'"\\x"', None),
    (b"tru", None),
    (b"NaN", "NaN is not JSON"),
    (b'{"a":Infinity}', "Infinity is not JSON"),
    (b"[-Infinity]", "-Infinity is not JSON"),
    (b"1e999", "a number out of range"),
    (b"[-1e999]", "a number out of range"),
    (b"1" * 5000, "a number out of range"),
    (b'{"a":1,"a":1}', "a key is there twice"),
    (b'{"a":1,"\\u0061":2}', "a key is there twice"),
    (b'[{"b":{"a":1,"c":2,"a":1}}]', "a key is there twice"),
    (b'"\xff"', "not UTF-8"),
    (b'"\xc0\x80"', "not UTF-8"),
    (b'"\xed\xa0\x80"', "not UTF-8"),
    ('"a"'.encode("utf-16"), "not UTF-8"),
    ('"a"'.encode("utf-16-le"), None),
    ('"a"'.encode("utf-32-be"), None),
    (b'\xef\xbb\xbf"a"', None),
    (b"\x00", None),
    (b"[" * 33 + b"]" * 33, "nested too deeply"),
    (b'{"a":' * 33 + b"1" + b"}" * 33, "nested too deeply"),
    (b"[" * 500_000, "nested too deeply"),
    (b'{"a":' * 200_000, "nested too deeply"),
]


@pytest.mark.parametrize(("data", "message"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_strict_json_is_refused(data: bytes, message: str | None) -> None:
    with pytest.raises(ContctlError) as raised:
        loads(data)
    assert raised.value.code is ErrorCode.USAGE
    assert raised.value.message.isprintable()
    if message is None:
        assert raised.value.message.startswith("not JSON: ")
    else:
        assert raised.value.message == message


def test_the_deepest_text_is_read() -> None:
    wide = b'[[],{"a":[]},"[[[["]'
    brackets = b'"' + b"[{" * 40 + b'"'
    for text in (
        brackets,
        b"[" * MAX_DEPTH + b"]" * MAX_DEPTH,
        b"[" + b",".join([wide] * 100) + b"]",
    ):
        assert loads(text) == json.loads(text)


@given(json_values)
def test_what_is_written_is_read(value: object) -> None:
    text = dumps(value)
    assert loads(text) == value
    assert text.isascii()
    assert b"\n" not in text


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), {"a": [-float("inf")]}, [10**5000]], ids=range(4)
)
def test_what_json_cannot_hold_is_an_error(value: object) -> None:
    with pytest.raises(ContctlError) as raised:
        dumps(value)
    assert raised.value.code is ErrorCode.FAILED


def test_an_endless_value_is_an_error() -> None:
    value: list[object] = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(ContctlError) as raised:
        dumps(value)
    assert raised.value.code is ErrorCode.FAILED
