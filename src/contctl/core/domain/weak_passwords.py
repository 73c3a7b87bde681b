"""Passwords that are long enough and still guessed first (NIST SP 800-63B-4, section 3.1.1.2: a
blocklist of common passwords, and words of the context such as the user's and the product's name).
"""

import re
import unicodedata
from collections.abc import Callable

from contctl.core.domain.passwords import CHOOSE_WELL
from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode

PRODUCT = "contctl"
SHORTEST_NAME = 4
"""Shorter user names are inside too many words to mean anything."""
SHORTEST_REST = 8
"""Characters that have to be left without names, and without digits and signs at the ends; the
shortest password that NIST knows."""
SHORTEST_RUN = 3

_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890-=",
    ")!@#$%^&*()_+",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "qwertzuiop",
    "azertyuiop",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.",
    "zaq1xsw2cde3vfr4bgt5nhy6mju7,ki8.lo9",
    "1q2w3e4r5t6y7u8i9o0p",
)
_RUNS = tuple(run for row in _ROWS for run in (row, row[::-1]))
_SIGNS = re.compile(r"[\W_]+")
_PADDING = re.compile(r"^[\W\d_]+|[\W\d_]+$")
_REPEATED = re.compile(r"^(.)\1{2,}|(.)\2{2,}$")

Listed = Callable[[str], bool]


def check_guessable(password: Secret, username: str, listed: Listed) -> None:
    """ContctlError USAGE, saying why, where `password` is easily guessed.

    username: whose it is to be. listed: whether a text in lower case is a common password.
    """
    # Guessers try the plain form of look-alike letters, such as full-width ones.
    text = unicodedata.normalize("NFKC", password.reveal()).casefold()
    rest = _without_names(text, username.casefold())
    if rest != text and len(_PADDING.sub("", rest)) < SHORTEST_REST:
        raise _weak(f"the password is little more than the user's name or '{PRODUCT}'")
    for part in (text, rest, _squeezed(text)):
        if _is_common(part, listed):
            raise _weak("the password is on a list of common passwords, or one of them padded")
        if _is_pattern(part):
            raise _weak("the password is a short pattern repeated, or a row of neighbouring keys")


def _without_names(text: str, username: str) -> str:
    names = [PRODUCT, username] if len(username) >= SHORTEST_NAME else [PRODUCT]
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "")
    return text


def _squeezed(text: str) -> str:
    """`text` without spaces and signs, unless they are most of it."""
    letters = _SIGNS.sub("", text)
    return letters if len(letters) > len(text) // 2 else text


def _is_common(text: str, listed: Listed) -> bool:
    """Whether it is a common password as it is, repeated, or padded."""
    kernels = {kernel for part in _kernels(text) for kernel in _kernels(_unit(part))}
    return any(listed(kernel) for kernel in kernels)


def _kernels(text: str) -> set[str]:
    """`text`, and what is left of it without digits, signs and repetitions at its ends."""
    bare = _PADDING.sub("", text)
    return {text, bare, _REPEATED.sub("", bare), _REPEATED.sub(r"\1\2", bare)}


def _is_pattern(text: str) -> bool:
    unit = _unit(text)
    return (unit != text and len(unit) < SHORTEST_REST) or _is_walk(text)


def _unit(text: str) -> str:
    """The shortest text that `text` is repetitions of, twice or more, the last one perhaps cut
    short; `text` itself where there is none."""
    for length in range(1, len(text) // 2 + 1):
        if text[length:] == text[:-length]:
            return text[:length]
    return text


def _is_walk(text: str) -> bool:
    """Whether it can be read as runs of three or more neighbours in the alphabet or on a keyboard,
    and nothing else."""
    start = 0
    while start < len(text):
        end = start + SHORTEST_RUN
        if end > len(text) or not _is_run(text[start:end]):
            return False
        while end < len(text) and _is_run(text[start : end + 1]):
            end += 1
        start = end
    return bool(text)


def _is_run(text: str) -> bool:
    return len(set(text)) == 1 or any(text in run for run in _RUNS)


def _weak(why: str) -> ContctlError:
    return ContctlError(ErrorCode.USAGE, why, hint=CHOOSE_WELL)
