"""Several streams as one."""

import threading

from contctl.core.services.streams import BUFFERED, merged
from tests.bounded import eventually


class Endless:
    """A stream that always has more."""

    def __init__(self) -> None:
        self.closed = False

    def __iter__(self) -> "Endless":
        return self

    def __next__(self) -> int:
        return 1

    def close(self) -> None:
        """Noted only: the reader has to let go by itself."""
        self.closed = True


def test_no_thread_stays_behind_a_reader_that_left() -> None:
    before = threading.active_count()
    streams = [Endless() for _ in range(BUFFERED * 2)]
    stream = merged(streams)
    assert [next(stream) for _ in range(BUFFERED * 3)] == [1] * BUFFERED * 3
    stream.close()
    assert all(each.closed for each in streams)
    eventually(lambda: threading.active_count() <= before, "all threads have ended")
    assert list(stream) == []
