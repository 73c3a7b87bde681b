"""Moments as people write them for `--since` and `--until`, the way docker's logs takes them."""

import re
from datetime import datetime

from contctl.core.errors import ContctlError, ErrorCode

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_PART = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|[smhd])", re.ASCII)
_AGO = re.compile(rf"(?:{_PART.pattern}){{1,5}}", re.ASCII)
_EPOCH = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,9})?", re.ASCII)
_DATE = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"(?:[Tt ][0-9]{2}(?::[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)?)?"
    r"(?P<zone>[Zz]|[+-][0-9]{2}:[0-9]{2})?",
    re.ASCII,
)


def parse_moment(text: str, now: float) -> float:
    """Seconds since the epoch; ContctlError USAGE for what is no moment.

    text: an RFC 3339 time or its beginning, local where it names no zone; a duration before `now`
    such as `90s` or `1h30m`; or seconds since the epoch.  now: seconds since the epoch.
    """
    try:
        if _AGO.fullmatch(text):
            seconds = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
            return now - seconds
        if _EPOCH.fullmatch(text):
            return float(text)
        if match := _DATE.fullmatch(text):
            return _date(text, match["zone"]).timestamp()
    except (ValueError, OverflowError):
        pass
    raise ContctlError(
        ErrorCode.USAGE,
        f"not a time: {text!r}",
        hint="times are written 2026-01-31T12:00:00Z, 2026-01-31, or 10m for ten minutes ago",
    )


def _date(text: str, zone: str | None) -> datetime:
    if zone and len(text) == len("2026-01-31") + len(zone):
        text = f"{text.removesuffix(zone)}T00{zone}"
    return datetime.fromisoformat(text.upper())
