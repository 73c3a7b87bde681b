"""The lengths of passwords, and their normal form at the longest one."""

import pytest

from contctl.core.domain.passwords import MAX_BYTES, check_new_password, fits, normalised
from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", True),
        ("x" * MAX_BYTES, True),
        ("x" * (MAX_BYTES + 1), False),
        ("\u00e9" * (MAX_BYTES // 2), True),
        ("\u00e9" * (MAX_BYTES // 2) + "x", False),
        ("nul \0", False),
        ("\ud800", False),
    ],
)
def test_what_may_be_hashed(text: str, expected: bool) -> None:
    assert fits(Secret(text)) is expected


def test_up_to_the_longest_one_composes() -> None:
    decomposed = "e\u0301" * (MAX_BYTES // 2)
    assert normalised(Secret(decomposed)) == Secret("\u00e9" * (MAX_BYTES // 2))
    assert normalised(Secret(f"{decomposed}x")) == Secret(f"{decomposed}x")


def test_as_many_characters_as_are_needed_are_enough() -> None:
    check_new_password(Secret("x" * 15), 15)
    with pytest.raises(ContctlError):
        check_new_password(Secret("x" * 14), 15)
