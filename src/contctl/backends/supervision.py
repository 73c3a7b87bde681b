"""Checks of running streams, every few seconds, by a few threads."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from collections.abc import Callable

INTERVAL = 2.0
"""Seconds between two checks of a stream: with the checks of all others in between, a right that
ends ends the stream within 5."""
THREADS = 4
"""So many checks may hang before the others have to wait."""


@dataclass(eq=False, slots=True)
class _Watched:
    check: Callable[[], None]
    end: Callable[[ContctlError], None]
    live: bool = True


class PeriodicSupervision:
    """Implements `Supervision` for all streams of one process.

    interval: seconds.  threads: how many there are at most; without streams there are none.
    """

    def __init__(self, interval: float = INTERVAL, threads: int = THREADS) -> None:
        self._interval = interval
        self._threads = threads
        self._running = 0
        # Those that wait for their next check, with its time; equal intervals keep them in order.
        self._waiting: OrderedDict[_Watched, float] = OrderedDict()
        self._lock = threading.Lock()

    def watch(
        self, check: Callable[[], None], end: Callable[[ContctlError], None]
    ) -> Callable[[], None]:
        """Check from one interval on, until the returned function is called."""
        watched = _Watched(check, end)
        with self._lock:
            if self._running < self._threads:
                threading.Thread(target=self._work, name="supervision", daemon=True).start()
                self._running += 1
            self._put_back(watched)

        def stop() -> None:
            with self._lock:
                watched.live = False
                self._waiting.pop(watched, None)

        return stop

    def _put_back(self, watched: _Watched) -> None:
        self._waiting[watched] = time.monotonic() + self._interval

    def _work(self) -> None:
        while (watched := self._next()) is not None:
            error = _error_of(watched.check)
            with self._lock:
                if not watched.live:
                    continue
                if error is None:
                    self._put_back(watched)
                    continue
            with suppress(Exception):
                watched.end(error)

    def _next(self) -> _Watched | None:
        """Wait for the next check that is due; None where none is left, and this thread ends."""
        while True:
            with self._lock:
                if not self._waiting:
                    self._running -= 1
                    return None
                watched, due = next(iter(self._waiting.items()))
                left = due - time.monotonic()
                if left <= 0:
                    del self._waiting[watched]
                    return watched
            time.sleep(left)


def _error_of(check: Callable[[], None]) -> ContctlError | None:
    """Why what is checked has to end; None if it may go on, or that cannot be told now."""
    try:
        check()
    except ContctlError as error:
        return None if error.code is ErrorCode.STORE else error
    except Exception:  # noqa: BLE001 - nothing may end the thread, or go on unchecked
        return ContctlError(
            ErrorCode.FAILED,
            "contctl has a bug: it could not tell whether you still may do this",
            details={"reason": "bug"},
        )
    return None
