"""Go's literals (The Go Programming Language Specification, "Lexical elements")."""

import re
from typing import Any

from contctl.commands.output.template.problems import Problem
from contctl.commands.output.template.values import Own

_INTEGER = re.compile(
    r"[+-]?(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO](?:_?[0-7])+|[0-9](?:_?[0-9])*)"
)
_FLOAT = re.compile(
    r"[+-]?(?:[0-9](?:_?[0-9])*\.?(?:[0-9](?:_?[0-9])*)?|\.[0-9](?:_?[0-9])*)(?:[eE][+-]?[0-9]+)?"
)
_LARGEST = 2**63
_LONGEST_NUMBER = 100
_ESCAPE = re.compile(
    rb"\\(?:(?P<one>[abfnrtv\\'\"])|x(?P<hex>[0-9a-fA-F]{2})|(?P<octal>[0-3][0-7]{2})"
    rb"|u(?P<short>[0-9a-fA-F]{4})|U(?P<long>[0-9a-fA-F]{8})|.)"
)
_ONE = dict(zip(b"abfnrtv\\'\"", b"\a\b\f\n\r\t\v\\'\"", strict=True))


def number(text: str) -> int | float:
    """A number; Problem for what is none, or too large."""
    if len(text) > _LONGEST_NUMBER:
        raise Problem("a number is too long")
    if _INTEGER.fullmatch(text):
        value = _integer(text.replace("_", ""))
        if not -_LARGEST <= value < _LARGEST:
            raise Problem(f"{text} is too large a number")
        return value
    if _FLOAT.fullmatch(text):
        return float(text.replace("_", ""))
    raise Problem(f"{text} is no number that is supported")


def _integer(text: str) -> int:
    digits = text.lstrip("+-")
    if len(digits) > 1 and digits.isdigit() and digits[0] == "0":
        try:
            return int(text, 8)
        except ValueError:
            raise Problem(f"{text} is no number that is supported") from None
    return int(text, 0)


def character(text: str) -> int:
    """The code point of a quoted character."""
    value = _unquoted(text, "'")
    if len(value) != 1:
        raise Problem(f"{text} is not one character")
    return ord(value)


def string(text: str) -> Own:
    """The text of a quoted string."""
    return Own(_unquoted(text, '"'))


def _unquoted(text: str, quote: str) -> str:
    other = b"'" if quote == '"' else b'"'

    def plain(match: "re.Match[bytes]") -> bytes:
        if match["one"] and match["one"] != other:
            return bytes([_ONE[match["one"][0]]])
        if match["hex"]:
            return bytes([int(match["hex"], 16)])
        if match["octal"]:
            return bytes([int(match["octal"], 8)])
        code: Any = match["short"] or match["long"]
        if code is None or not _is_character(int(code, 16)):
            raise Problem(f"{match.group().decode('utf-8', 'replace')} is no escape in {text}")
        return chr(int(code, 16)).encode()

    source = text[1:-1].encode("utf-8", "surrogatepass")
    return _ESCAPE.sub(plain, source).decode("utf-8", "replace")


def _is_character(code: int) -> bool:
    return code < 0xD800 or 0xE000 <= code <= 0x10FFFF
