"""Times as docker's `--since` and `--until` take them."""

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from fractions import Fraction
from math import floor

from contctl.core.errors import ContctlError, ErrorCode

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
_NUMBER = r"[0-9]{1,18}(?:\.[0-9]{0,18})?|\.[0-9]{1,18}"
_PART = re.compile(rf"({_NUMBER})(ns|us|\u00b5s|\u03bcs|ms|s|m|h)", re.ASCII)
_DURATION = re.compile(rf"[+-]?(?:{_PART.pattern}){{1,16}}", re.ASCII)
_UNIX = re.compile(r"\+?[0-9]{1,18}(?:\.[0-9]{1,18})?", re.ASCII)
_TIME = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:T(?P<hour>[0-9]{1,2})(?::(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,18}))?)?)?)?"
    r"(?P<zone>Z|[+-][0-9]{2}:[0-9]{2})?",
    re.ASCII,
)
_MAX_DURATION = 2**63


def moment(text: str, now: float) -> float:
    """Seconds since the epoch; ContctlError USAGE for what is no time.

    text: as docker takes it (moby, `api/types/time/timestamp.go`): a duration of Go's before `now`,
    such as `1h30m`; an RFC 3339 time whose end may be left out, in the local zone of `now` where it
    names none; or seconds since the epoch. A duration leads to a whole second.
    now: seconds since the epoch.
    """
    try:
        if text != "0" and (duration := _duration(text)) is not None:
            return float(floor(Fraction(now) - duration))
        if match := _TIME.fullmatch(text):
            return _time(match, _zone(match["zone"], now))
        if match := _UNIX.fullmatch(text):
            return float(text)
    except (ValueError, OverflowError):
        pass
    raise ContctlError(
        ErrorCode.USAGE,
        f"not a time: {text!r}",
        hint="times are written 2026-01-31T12:00:00Z, 2026-01-31, or 10m for ten minutes ago",
    )


def _duration(text: str) -> Fraction | None:
    """The seconds that a duration of Go's stands for (Go, `time.ParseDuration`); None for none."""
    if not _DURATION.fullmatch(text):
        return None
    total = sum(Fraction(_padded(n)) * _NANOSECONDS[unit] for n, unit in _PART.findall(text))
    if total >= _MAX_DURATION:
        return None
    return Fraction(-total if text.startswith("-") else total) / 10**9


def _padded(number: str) -> str:
    return f"0{number}0" if "." in number else number


def _zone(name: str | None, now: float) -> tzinfo:
    if name is None:
        return datetime.fromtimestamp(now).astimezone().tzinfo or UTC
    if name == "Z":
        return UTC
    offset = timedelta(hours=int(name[1:3]), minutes=_up_to(60, name[4:6]))
    return timezone(-offset if name[0] == "-" else offset)


def _time(match: re.Match[str], zone: tzinfo) -> float:
    day = datetime.fromisoformat(match["date"])
    moment = day.replace(
        hour=int(match["hour"] or 0),
        minute=int(match["minute"] or 0),
        second=int(match["second"] or 0),
        tzinfo=zone,
    )
    # Go keeps nine digits of a fraction.
    fraction = (match["fraction"] or "")[:9]
    return float(Fraction(int(moment.timestamp())) + Fraction(f"0.{fraction or 0}"))


def _up_to(limit: int, digits: str) -> int:
    if int(digits) > limit:
        raise ValueError(digits)
    return int(digits)
