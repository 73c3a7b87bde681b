"""How much may be under way at once."""

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from contctl.core.errors import ContctlError, ErrorCode


class Bound:
    """So many at once for each key, and no more. what: of what, for the refusal."""

    def __init__(self, most: int, what: str) -> None:
        self._most = most
        self._what = what
        self._under_way: Counter[str] = Counter()
        self._lock = threading.Lock()

    def enter(self, key: str = "", count: int = 1) -> None:
        """Begin so many more; UNAVAILABLE, reason `busy`, where there is no room for them."""
        with self._lock:
            if self._under_way[key] + count > self._most:
                raise ContctlError(
                    ErrorCode.UNAVAILABLE,
                    f"too many {self._what} at once: the gateway allows {self._most}",
                    hint="try again when others have ended",
                    details={"reason": "busy"},
                )
            self._under_way[key] += count

    def leave(self, key: str = "", count: int = 1) -> None:
        """End so many."""
        with self._lock:
            self._under_way[key] -= count
            if not self._under_way[key]:
                del self._under_way[key]

    def __len__(self) -> int:
        """How many are under way, of all keys."""
        with self._lock:
            return self._under_way.total()


class Turns:
    """So many at once for each key; whoever comes later waits, in order. On the event loop."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._keys: dict[str, tuple[asyncio.Semaphore, int]] = {}

    @asynccontextmanager
    async def of(self, key: str) -> AsyncIterator[None]:
        """A context for one of them."""
        semaphore, users = self._keys.get(key, (asyncio.Semaphore(self._most), 0))
        self._keys[key] = semaphore, users + 1
        try:
            async with semaphore:
                yield
        finally:
            _, users = self._keys.pop(key)
            if users > 1:
                self._keys[key] = semaphore, users - 1
