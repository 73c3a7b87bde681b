"""Group commit: what many threads write at the same time goes to the disk in one transaction."""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from contctl.core.errors import ContctlError

T = TypeVar("T")


class _Unwritten(Generic[T]):
    def __init__(self, value: T) -> None:
        self.value = value
        self.number: int | None = None


class GroupCommit(Generic[T]):
    """Writes values in the order in which they come.

    write: commits values durably, all or none of them, and answers a number for each.
    """

    def __init__(self, write: Callable[[Sequence[T]], Sequence[int]]) -> None:
        self._write = write
        self._changed = threading.Condition()
        self._unwritten: list[_Unwritten[T]] = []
        self._writing = False

    def __len__(self) -> int:
        """How many values wait, or are being written."""
        return len(self._unwritten)

    def append(self, value: T, seconds: float) -> int:
        """The number of `value`, once it is committed. TimeoutError where others take longer than
        so many seconds before its turn comes; what `write` raises for this value alone."""
        own = _Unwritten(value)
        with self._changed:
            self._unwritten.append(own)
            free = self._changed.wait_for(lambda: own.number or not self._writing, seconds)
            if own.number is None:
                if not free:
                    self._unwritten.remove(own)
                    raise TimeoutError
                self._writing = True
            else:
                return own.number
            group = list(self._unwritten)
        try:
            return self._lead(group, own)
        finally:
            with self._changed:
                self._writing = False
                # Those that this thread did not write have threads that will.
                self._unwritten = [
                    each for each in self._unwritten if each.number is None and each is not own
                ]
                self._changed.notify_all()

    def _lead(self, group: Sequence[_Unwritten[T]], own: _Unwritten[T]) -> int:
        try:
            numbers = self._write([each.value for each in group])
        except Exception as error:
            # Of a value that cannot be written only its own thread is to hear.
            locked = isinstance(error, ContctlError) and error.reason == "locked"
            if locked or len(group) == 1:
                raise
            return self._write([own.value])[0]
        for each, number in zip(group, numbers, strict=True):
            each.number = number
        return numbers[group.index(own)]
