"""The keys that leave a process running."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contctl.commands.container.detach_keys import DetachKeys, parse_detach_keys
from contctl.core.errors import ContctlError, ErrorCode


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("ctrl-p,ctrl-q", b"\x10\x11"),
        ("ctrl-@,ctrl-a,ctrl-z", b"\x00\x01\x1a"),
        ("ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_", b"\x1b\x1c\x1d\x1e\x1f"),
        ("DEL,d,~, ", b"\x7fd~ "),
    ],
)
def test_docker_s_grammar(text: str, keys: bytes) -> None:
    assert parse_detach_keys(text) == keys


@pytest.mark.parametrize(
    "text", ["", "ctrl-P", "ctrl-", "ctrl-p,", ",", "ab", "del", "\u00e9", "a, b"]
)
def test_what_is_no_key(text: str) -> None:
    with pytest.raises(ContctlError) as raised:
        parse_detach_keys(text)
    assert raised.value.code is ErrorCode.USAGE
    assert raised.value.message.startswith("not a key of --detach-keys: ")


@pytest.mark.parametrize(
    ("typed", "passed", "left"),
    [
        (b"abc", b"abc", False),
        (b"\x10\x11", b"", True),
        (b"ab\x10\x11cd", b"ab", True),
        (b"\x10a\x11", b"\x10a\x11", False),
        (b"\x11\x10", b"\x11", False),
        # The key that breaks a sequence off begins no new one (moby/term, `proxy.go`).
        (b"\x10\x10\x11", b"\x10\x10\x11", False),
        (b"\x10\x10\x10\x11", b"\x10\x10", True),
    ],
)
def test_what_is_passed_on(typed: bytes, passed: bytes, left: bool) -> None:
    assert DetachKeys(b"\x10\x11").feed(typed) == (passed, left)
    keys = DetachKeys(b"\x10\x11")
    slowly, found = b"", False
    for byte in typed.partition(b"cd")[0] if left else typed:
        data, found = keys.feed(bytes([byte]))
        slowly += data
    assert (slowly, found) == (passed, left)


@given(st.lists(st.binary(max_size=5).map(lambda data: data.replace(b"q", b"p"))))
def test_nothing_else_is_lost(pieces: list[bytes]) -> None:
    keys = DetachKeys(b"ppq")
    answers = [keys.feed(piece) for piece in [*pieces, b"."]]
    assert b"".join(data for data, _ in answers) == b"".join(pieces) + b"."
    assert not any(left for _, left in answers)
