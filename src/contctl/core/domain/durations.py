"""Durations as people write them: `90s`, `10m`, `12h`, `7d`."""

import re

from contctl.core.errors import ContctlError, ErrorCode

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION = re.compile(r"([0-9]{1,9})([smhd])", re.ASCII)


def parse_duration(text: str) -> int:
    """The seconds that `text` stands for; ContctlError USAGE where it is not a duration above 0."""
    match = _DURATION.fullmatch(text)
    if match is None or int(match[1]) == 0:
        raise ContctlError(
            ErrorCode.USAGE,
            f"not a duration: {text!r}",
            hint="durations are written 90s, 10m, 12h or 7d",
        )
    return int(match[1]) * _UNITS[match[2]]


def format_duration(seconds: int) -> str:
    """`seconds` in the largest unit that divides it, as `parse_duration` reads it."""
    for unit in ("d", "h", "m"):
        if seconds and seconds % _UNITS[unit] == 0:
            return f"{seconds // _UNITS[unit]}{unit}"
    return f"{seconds}s"
