"""Spans of time in docker's words."""


def duration(seconds: float) -> str:
    """A span as docker says it (docker/go-units, HumanDuration). Negative ones are none."""
    whole = max(0, int(seconds))
    minutes, hours = whole // 60, (whole + 1800) // 3600
    if whole < 1:
        return "Less than a second"
    if whole == 1:
        return "1 second"
    if whole < 60:
        return f"{whole} seconds"
    if minutes == 1:
        return "About a minute"
    if minutes < 60:
        return f"{minutes} minutes"
    if hours == 1:
        return "About an hour"
    if hours < 48:
        return f"{hours} hours"
    return _days(hours // 24)


def _days(days: int) -> str:
    if days < 14:
        return f"{days} days"
    if days < 60:
        return f"{days // 7} weeks"
    return f"{days // 30} months" if days < 730 else f"{days // 365} years"
