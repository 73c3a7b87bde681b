"""Which passwords are guessed easily, and which are not."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contctl.backends.password_blocklist import CommonPasswords
from contctl.core.domain.passwords import MAX_BYTES, normalised
from contctl.core.domain.secret import Secret
from contctl.core.domain.weak_passwords import Listed, check_guessable
from contctl.core.errors import ContctlError, ErrorCode

LISTED = CommonPasswords().contains


COMMON = "the password is on a list of common passwords, or one of them padded"
PATTERN = "the password is a short pattern repeated, or a row of neighbouring keys"
NAMES = "the password is little more than the user's name or 'contctl'"


def none_listed(_: str) -> bool:
    return False


def refusal(text: str, username: str = "grace", listed: Listed = LISTED) -> str | None:
    """Why it is refused; None where it is not."""
    try:
        check_guessable(Secret(text), username, listed)
    except ContctlError as error:
        return error.message if error.code is ErrorCode.USAGE else str(error.code)
    return None


@pytest.mark.parametrize(
    "text",
    [
        "1q2w3e4r5t6y7u8i9o",
        "passwordpassword",
        "PasswordPASSWORD",
        "password password",
        "password-password-",
        "passwordpasswordpass",
        "password1234567890",
        "12345678password",
        "!!!!!!!password!!!!!!!",
        "Password 2026 2027",
        "passwordxxxxxxxxxx",
        "passworddddddddd",
        "iloveyouiloveyou1",
        "qwertyqwertyqwerty!",
        "dragon_dragon_dragon",
        "\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44password",
    ],
)
def test_common_ones_repeated_or_padded(text: str) -> None:
    assert "list of common passwords" in str(refusal(text))


@pytest.mark.parametrize(
    "text",
    [
        "xxxxxxxxxxxxxxxx",
        "               ",
        "ababababababababab",
        "abc123abc123abc123",
        "xyzzyxyzzyxyzzyxyz",
        "abcdefghijklmnop",
        "zyxwvutsrqponmlk",
        "123456789012345",
        "098765432109876",
        "!@#$%^&*()_+!@#$",
        "qwertyuiopasdfghjkl",
        "QWERTYasdfgh123456",
        "zxcvbnmasdfghjkl",
        "1qaz2wsx3edc4rfv",
        "zaq1xsw2cde3vfr4",
        "aaaabbbbcccc1111",
        "qwertzuiopqwertz",
        "ööööööööööööööö",
    ],
)
def test_patterns_and_walks_on_the_keyboard(text: str) -> None:
    assert refusal(text) is not None


@pytest.mark.parametrize(
    ("text", "username"),
    [
        ("contctl-contctl-1", "grace"),
        ("ContCtl 2026 !!!", "grace"),
        ("grace.hopper2026", "grace.hopper"),
        ("GRACEgraceGRACEg", "grace"),
        ("gracecontctl1234", "grace"),
        ("contctlpassword", "grace"),
        ("hunterpassword12", "hunter"),
        ("contctl12345678", "grace"),
    ],
)
def test_names_with_little_else(text: str, username: str) -> None:
    assert refusal(text, username) is not None


@pytest.mark.parametrize(
    ("text", "username"),
    [
        ("a long enough password", "ada"),
        ("correct horse battery staple", "horse"),
        ("pässwörd ünïcode", "grace"),
        ("kQ7#vT2!mZ9@xW4$", "grace"),
        ("8f14e45fceea167a", "grace"),
        ("271828182845904523536", "grace"),
        ("I run contctl on ravens", "grace"),
        ("grace likes plum jam", "grace"),
        ("adaadaadaplumjamtree", "ada"),
        ("stuffed weird power", "grace"),
    ],
)
def test_good_ones(text: str, username: str) -> None:
    assert refusal(text, username) is None


@pytest.mark.parametrize(
    ("text", "username", "why"),
    [
        ("graceplumjamt!", "grace", None),  # 8 characters are left
        ("graceplumjam2!", "grace", NAMES),
        ("lucy plum jam!", "lucy", None),
        ("lucyplumjam", "lucy", NAMES),
        ("adaplumjam", "ada", None),  # too short a name to count
        ("big-contctlplumjam", "big-contctl", NAMES),  # the longer name first
    ],
)
def test_what_is_left_without_names(text: str, username: str, why: str | None) -> None:
    assert refusal(text, username, none_listed) == why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("zz", PATTERN),
        ("plumjaplumja", PATTERN),
        ("plumjamplumjamp", PATTERN),
        ("plumjamplumja", None),  # not twice
        ("plumjam1plumjam1", None),  # repetitions of 8 characters
        ("plumjamtreeplumjamtree", None),
        ("aaaabbbbcccc1111", PATTERN),
        ("aaabbbaabaabbb", None),
        ("abc", PATTERN),
        ("ab", None),
        ("asdfghjklqwe", PATTERN),  # the last run is of three
        ("asdqweabcdfgh", PATTERN),
        ("asdfghjklqw", None),
        ("kabcdefghijklmnop", None),
        ("qwertykasdfgh", None),
    ],
)
def test_patterns_and_walks_alone(text: str, why: str | None) -> None:
    assert refusal(text, listed=none_listed) == why


def test_signs_that_are_most_of_it_count() -> None:
    assert refusal("p%a^s?s*w(o)r:d") == COMMON
    assert refusal("p%a^s?s*w(o)r:;d") is None


def test_repetitions_of_a_padded_one() -> None:
    assert refusal("passwordddd1passwordddd1") == COMMON


@given(st.text(st.characters(codec="utf-8"), min_size=15, max_size=80), st.text(max_size=64))
def test_any_text_is_judged(text: str, username: str) -> None:
    refusal(text, username)


@pytest.mark.parametrize(
    "text", ["1" * 1023 + "x", "x" + "1" * 1023, "ab" * 511 + "a!", "a" * 1023 + "b"]
)
def test_long_ones_are_judged_quickly(text: str) -> None:
    before = time.process_time()
    refusal(text)
    assert time.process_time() - before < 0.5


def test_composed_and_decomposed_are_the_same() -> None:
    text = "pässwörd ünïcode 가각"
    decomposed = Secret(unicodedata.normalize("NFD", text))
    assert decomposed.reveal() != text
    assert normalised(decomposed) == normalised(Secret(text)) == Secret(text)


def test_what_people_see_as_two_stays_two() -> None:
    assert normalised(Secret("x²")) != normalised(Secret("x2"))


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_stays_as_it_is(text: str) -> None:
    assert normalised(Secret(text)) == Secret(text)


@pytest.mark.parametrize("text", ["", "\ud800", "nul \0", "\u0344" * (MAX_BYTES + 1)])
def test_odd_texts(text: str) -> None:
    assert normalised(Secret(text)) == Secret(text)
