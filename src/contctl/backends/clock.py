"""The system's clock."""

import time


class SystemClock:
    """Clock of the machine."""

    def now(self) -> float:
        """Seconds since the epoch."""
        return time.time()
