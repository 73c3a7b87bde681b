"""Times and sizes as people and programs read them."""

from datetime import UTC, datetime


def local(seconds: float) -> str:
    """Local time, to the second."""
    return datetime.fromtimestamp(seconds).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def rfc3339(seconds: float) -> str:
    """RFC 3339 in UTC, to the second."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def engine_time(seconds: float) -> str:
    """As docker shows when a container was created: local time with its zone."""
    moment = datetime.fromtimestamp(seconds).astimezone()
    return moment.strftime("%Y-%m-%d %H:%M:%S %z %Z")


def ago(seconds: float) -> str:
    """How long that is, in docker's words (go-units, HumanDuration) and `ago`."""
    return f"{_duration(int(seconds))} ago"


def _duration(seconds: int) -> str:
    minutes, hours = seconds // 60, (seconds + 1800) // 3600
    if seconds < 1:
        return "Less than a second"
    if seconds == 1:
        return "1 second"
    if seconds < 60:
        return f"{seconds} seconds"
    if minutes == 1:
        return "About a minute"
    if minutes < 60:
        return f"{minutes} minutes"
    if hours == 1:
        return "About an hour"
    return _long_duration(hours)


def _long_duration(hours: int) -> str:
    days = hours // 24
    if hours < 48:
        return f"{hours} hours"
    if days < 14:
        return f"{days} days"
    if days < 60:
        return f"{days // 7} weeks"
    if days < 730:
        return f"{days // 30} months"
    return f"{days // 365} years"


def size(count: float, digits: int = 3) -> str:
    """Bytes in docker's decimal units (go-units, HumanSizeWithPrecision). digits: how many say
    something."""
    units = ("B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB")
    at = 0
    while count >= 1000 and at < len(units) - 1:
        count, at = count / 1000, at + 1
    return f"{count:.{digits}g}{units[at]}"
