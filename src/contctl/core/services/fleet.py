"""Doing one thing to many containers side by side."""

import queue
import threading
from collections.abc import Callable, Sequence
from typing import Self

from contctl.core.domain.actions import Outcome

Job = Callable[[], Outcome]


class Fleet:
    """A stream of outcomes: those that are known at once, then those of `jobs` as they end.

    The jobs begin when it is made, at most `width` at a time. Closing it lets those that run end,
    and begins no more.
    """

    def __init__(self, known: Sequence[Outcome], jobs: Sequence[Job], width: int) -> None:
        self._waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._outcomes: queue.SimpleQueue[Outcome | BaseException | None] = queue.SimpleQueue()
        self._left = len(known) + len(jobs)
        self._closed = False
        for outcome in known:
            self._outcomes.put(outcome)
        for job in jobs:
            self._waiting.put(job)
        self._threads = [
            threading.Thread(target=self._work, daemon=True) for _ in range(min(width, len(jobs)))
        ]
        for thread in self._threads:
            thread.start()

    def _work(self) -> None:
        while not self._closed:
            try:
                job = self._waiting.get_nowait()
            except queue.Empty:
                return
            try:
                self._outcomes.put(job())
            except BaseException as error:  # noqa: BLE001 - raised again in the reader's thread
                self._outcomes.put(error)

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Outcome:
        if not self._left or self._closed:
            raise StopIteration
        outcome = self._outcomes.get()
        if outcome is None:
            raise StopIteration
        self._left -= 1
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def close(self) -> None:
        """Begin no more jobs, and wake a blocked reader."""
        self._closed = True
        self._outcomes.put(None)

    def settle(self) -> None:
        """Wait until the jobs that have begun have ended; also after a close."""
        for thread in self._threads:
            thread.join()
