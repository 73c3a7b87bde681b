"""Waits of tests, all of them bounded."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

from contctl.core.api import Duplex
from contctl.core.domain.streams import Err, Exit, Out

SECONDS = 20.0


class Closable(Protocol):
    def close(self) -> None: ...


C = TypeVar("C", bound=Closable)


def eventually(check: Callable[[], bool], what: str, seconds: float = SECONDS) -> None:
    """Return once `check()` holds; fail with `what` if that takes longer."""
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            raise AssertionError(f"not so after {seconds:g} s: {what}")
        time.sleep(0.02)


@contextmanager
def closing_after(stream: C, seconds: float = SECONDS) -> Iterator[C]:
    """`stream`, closed at the end, or after `seconds` by another thread."""
    timer = threading.Timer(seconds, stream.close)
    timer.daemon = True
    timer.start()
    try:
        yield stream
    finally:
        timer.cancel()
        stream.close()


def talk(duplex: Duplex) -> tuple[bytes, bytes, int | None]:
    """Everything that a process still says on stdout and stderr, and its exit code."""
    out, err = b"", b""
    with closing_after(duplex):
        while (frame := duplex.read()) is not None:
            match frame:
                case Out(data):
                    out += data
                case Err(data):
                    err += data
                case Exit(code):
                    assert duplex.read() is None
                    return out, err, code
    return out, err, None


def read_until(duplex: Duplex, text: bytes) -> bytes:
    """Standard output up to the frame that completes `text`."""
    out = b""
    timer = threading.Timer(SECONDS, duplex.close)
    timer.daemon = True
    timer.start()
    while text not in out:
        frame = duplex.read()
        assert isinstance(frame, Out), f"{frame} after {out!r}"
        out += frame.data
    timer.cancel()
    return out


def woken_by_close(stream: Closable, read: Callable[[], object]) -> object:
    """What `read()`, blocked in this thread, answers when another thread closes `stream`."""
    timer = threading.Timer(0.2, stream.close)
    timer.daemon = True
    timer.start()
    started = time.monotonic()
    answer = read()
    assert time.monotonic() - started < 5
    stream.close()
    return answer
