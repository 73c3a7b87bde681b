"""A clock that moves only when it is told to."""


class FakeClock:
    """Clock at `now`, in seconds since the epoch."""

    def __init__(self, now: float = 1_700_000_000.0) -> None:
        self._now = now

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move by `seconds`, backwards where that is negative."""
        self._now += seconds
