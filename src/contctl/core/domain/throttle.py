"""How failed logins slow down further ones (OWASP, Authentication Cheat Sheet, "Login Throttling").

The first four attempts in a row are free. From then on each waits for the one before it: 2 seconds,
doubled with every failure, and never more than 15 minutes, so that nobody is locked out for good.
"""

import hashlib
import re
from dataclasses import dataclass

FREE_ATTEMPTS = 4
FIRST_DELAY = 2
LONGEST_DELAY = 15 * 60
FORGOTTEN_AFTER = 24 * 60 * 60
"""Seconds, as the delays are."""

_KEY = re.compile(r"[ -~]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Failures:
    """Logins that failed in a row. last_at: when the last one that counted was, in seconds since
    the epoch."""

    count: int
    last_at: int


def delay_after(count: int) -> int:
    """Seconds to wait after `count` failures in a row."""
    if count < FREE_ATTEMPTS:
        return 0
    # The exponent is bounded, or the count of a day's failures would make a number of a mile.
    return min(LONGEST_DELAY, FIRST_DELAY << min(count - FREE_ATTEMPTS, 16))


def attempt(before: Failures | None, now: int) -> tuple[bool, Failures]:
    """Whether an attempt at `now`, in seconds since the epoch, may be judged; and what to keep.

    One that may counts as a failure until it is known better. One that may not changes nothing, or
    whoever goes on trying could keep a user out for good. A last attempt in the future, of a clock
    that was set back, counts as one of now.
    """
    if before is None or now - before.last_at >= FORGOTTEN_AFTER:
        return True, Failures(1, now)
    last_at = min(before.last_at, now)
    if now - last_at < delay_after(before.count):
        return False, Failures(before.count, last_at)
    return True, Failures(before.count + 1, now)


def bounded(text: str) -> str:
    """`text` itself where it is short and plain, else a digest of it: at most 71 characters of
    ASCII, and different for different texts."""
    if _KEY.fullmatch(text):
        return text
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"
