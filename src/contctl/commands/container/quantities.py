"""Numbers, sizes and times as docker's options take them.

Every function raises ValueError with the reason, in the words of the library that docker uses.
"""

import re
from fractions import Fraction

_WHOLE = re.compile(
    r"([+-]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|[1-9][0-9]*(?:_[0-9]+)*|0)", re.ASCII
)
_SIZE = re.compile(r"([^-]*[0-9. ])([^0-9. ]*)", re.ASCII)
_DECIMAL = re.compile(r"\+?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?", re.ASCII)
_SUFFIX = re.compile(r"b?|([kmgtp])(?:i?b)?", re.ASCII | re.IGNORECASE)
_UNITS = ("", "k", "m", "g", "t", "p")
_RATIONAL = re.compile(
    r"[+-]?(?:[0-9]{1,18}/[0-9]{1,18}|[0-9]{0,18}(?:\.[0-9]{0,18})?(?:[eE][+-]?[0-9]{1,2})?)",
    re.ASCII,
)
_PART = re.compile(r"([0-9]*(?:\.[0-9]*)?)([^0-9.]*)", re.ASCII)
_NANOSECONDS = {
    "ns": 1,
    "us": 10**3,
    "\u00b5s": 10**3,
    "\u03bcs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
_LONGEST = 100
_LARGEST = 2**62
"""No number of a request is further from zero."""


def whole(text: str) -> int:
    """An integer as Go's strconv.ParseInt reads it in any base: `0x1f`, `017`, `-1`."""
    match = _WHOLE.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        raise ValueError(f'strconv.ParseInt: parsing "{_cut(text)}": invalid syntax')
    digits = match[2].lower()
    octal = digits.startswith("0") and digits[1:].isdigit()
    number = int(digits, 8) if octal else int(digits, 0)
    if number > _LARGEST:
        raise ValueError(f'strconv.ParseInt: parsing "{text}": value out of range')
    return -number if match[1] == "-" else number


def natural(text: str) -> int:
    """An integer of at least 0, as strconv.ParseUint reads it."""
    if text.startswith(("+", "-")):
        raise ValueError(f'strconv.ParseUint: parsing "{_cut(text)}": invalid syntax')
    return whole(text)


def natural16(text: str) -> int:
    """An integer from 0 to 65535."""
    number = natural(text)
    if number > 65535:
        raise ValueError(f'strconv.ParseUint: parsing "{text}": value out of range')
    return number


def size_of(text: str) -> int:
    """Bytes: `512`, `64k`, `1.5g`, in powers of 1024 (docker/go-units 0.5, RAMInBytes)."""
    match = _SIZE.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        raise ValueError(f"invalid size: '{_cut(text)}'")
    number, suffix = match[1].removesuffix(" "), match[2]
    unit = _SUFFIX.fullmatch(suffix)
    if _DECIMAL.fullmatch(number) is None:
        raise ValueError(f'strconv.ParseFloat: parsing "{number}": invalid syntax')
    if unit is None:
        raise ValueError(f"invalid suffix: '{suffix}'")
    size = float(number) * 1024 ** _UNITS.index((unit[1] or "").lower())
    if not size <= _LARGEST:
        raise ValueError(f"invalid size: '{text}'")
    return int(size)


def swap_of(text: str) -> int:
    """Bytes, or -1 for no limit."""
    return -1 if text == "-1" else size_of(text)


def nano_cpus(text: str) -> int:
    """`1.5` CPUs in units of 10^-9 (docker/cli, opts.ParseCPUs)."""
    match = _RATIONAL.fullmatch(text)
    try:
        nano = Fraction(text) * 10**9 if match else None
    except (ValueError, ZeroDivisionError):
        nano = None
    if nano is None or abs(nano) > _LARGEST:
        raise ValueError(f"failed to parse {_cut(text)} as a rational number")
    if nano.denominator != 1:
        raise ValueError("value is too precise")
    return int(nano)


def nanoseconds(text: str) -> int:
    """`1h30m`, `1.5s`, `100ms` (Go, time.ParseDuration)."""
    sign, rest = (-1 if text.startswith("-") else 1), text.lstrip("+-")
    if len(text) - len(rest) > 1 or not rest or len(text) > _LONGEST:
        raise ValueError(f'time: invalid duration "{_cut(text)}"')
    if rest == "0":
        return 0
    total = Fraction(0)
    while rest:
        match = _PART.match(rest)
        if match is None or match[1] in ("", "."):
            raise ValueError(f'time: invalid duration "{text}"')
        if not match[2]:
            raise ValueError(f'time: missing unit in duration "{text}"')
        if match[2] not in _NANOSECONDS:
            raise ValueError(f'time: unknown unit "{match[2]}" in duration "{text}"')
        total += Fraction(f"0{match[1]}0" if "." in match[1] else match[1]) * _NANOSECONDS[match[2]]
        rest = rest[match.end() :]
    if total > _LARGEST:
        raise ValueError(f'time: invalid duration "{text}"')
    return sign * int(total)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}\u2026"
