"""How much may be under way at once."""

import threading
from collections import Counter

from contctl.core.errors import ContctlError, ErrorCode


class Bound:
    """So many at once for each key, and no more. what: of what, for the refusal."""

    def __init__(self, most: int, what: str) -> None:
        self._most = most
        self._what = what
        self._under_way: Counter[str] = Counter()
        self._lock = threading.Lock()

    def enter(self, key: str = "") -> None:
        """Begin one more, to be left again; UNAVAILABLE, reason `busy`, where there is no room."""
        with self._lock:
            if self._under_way[key] >= self._most:
                raise ContctlError(
                    ErrorCode.UNAVAILABLE,
                    f"too many {self._what} at once: the gateway allows {self._most}",
                    hint="try again when others have ended",
                    details={"reason": "busy"},
                )
            self._under_way[key] += 1

    def leave(self, key: str = "") -> None:
        """End one."""
        with self._lock:
            self._under_way[key] -= 1
            if not self._under_way[key]:
                del self._under_way[key]

    def __len__(self) -> int:
        """How many are under way, of all keys."""
        with self._lock:
            return self._under_way.total()
