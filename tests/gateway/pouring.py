"""An authority of streams that a test watches: how far they were read, whether they were closed."""

import threading
from collections.abc import Iterable, Sequence
from typing import Any, Self

from contctl.core.domain.streams import AttachSpec, Chunk, Exit, Frame, LogOptions, Out
from contctl.core.errors import ContctlError
from tests.bounded import SECONDS

PIECE = b"x" * 65536


class Poured:
    """A stream of `count` pieces, that then waits to be closed, or raises `error`."""

    def __init__(self, count: int, error: BaseException | None = None) -> None:
        self.taken = 0
        self.closed = threading.Event()
        self._count = count
        self._error = error

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Any:
        if self.closed.is_set():
            raise StopIteration
        if self.taken == self._count:
            if self._error is not None:
                raise self._error
            self.closed.wait(SECONDS)
            raise StopIteration
        self.taken += 1
        return Chunk("c0ffee", Out(PIECE))

    def close(self) -> None:
        self.closed.set()


class Process:
    """A duplex that says `count` pieces, and swallows one piece of its input when it is let."""

    def __init__(self, count: int) -> None:
        self.output = Poured(count)
        self.swallowing = threading.Semaphore(0)
        self.written = 0
        self.sizes: list[tuple[int, int]] = []
        self.input_closed = threading.Event()

    def read(self) -> Frame | None:
        for chunk in self.output:
            frame: Frame = chunk.output
            return frame
        return None

    def write(self, data: bytes) -> None:
        while not self.swallowing.acquire(timeout=0.05):
            if self.output.closed.is_set():
                return
        self.written += len(data)

    def close_write(self) -> None:
        self.input_closed.set()

    def resize(self, columns: int, rows: int) -> None:
        self.sizes.append((columns, rows))

    def close(self) -> None:
        self.output.close()


class Exited:
    """A duplex that has ended."""

    def __init__(self, code: int) -> None:
        self._frames: list[Frame] = [Out(b"y" * (3 * 1024 * 1024)), Exit(code)]
        self.closed = threading.Event()

    def read(self) -> Frame | None:
        return self._frames.pop(0) if self._frames else None

    def write(self, data: bytes) -> None: ...
    def close_write(self) -> None: ...
    def resize(self, columns: int, rows: int) -> None: ...
    def close(self) -> None:
        self.closed.set()


class Pouring:
    """An authority whose containers log and talk as the test says."""

    def __init__(self, count: int = 0, error: BaseException | None = None) -> None:
        self.opened: list[Poured] = []
        self.talks: list[Any] = []
        self.received: list[bytes] = []
        self.cut: ContctlError | None = None
        self.slow_opening = threading.Event()
        self.slow_opening.set()
        self.exits: int | None = None
        self.refusal: ContctlError | None = None
        self.swallowing: threading.Semaphore | None = None
        self._count = count
        self._error = error

    @property
    def containers(self) -> Self:
        return self

    def logs(self, refs: Sequence[str], options: LogOptions) -> Poured:  # noqa: ARG002
        assert self.slow_opening.wait(SECONDS)
        self.opened.append(Poured(self._count, self._error))
        return self.opened[-1]

    def attach(self, ref: str, spec: AttachSpec) -> Any:  # noqa: ARG002
        if self.refusal is not None:
            raise self.refusal
        self.talks.append(Process(self._count) if self.exits is None else Exited(self.exits))
        return self.talks[-1]

    def put_archive(
        self,
        ref: str,  # noqa: ARG002
        path: str,  # noqa: ARG002
        tar: Iterable[bytes],
        options: object = None,  # noqa: ARG002
    ) -> None:
        if self.refusal is not None:
            raise self.refusal
        try:
            for piece in tar:
                if self.swallowing is not None:
                    assert self.swallowing.acquire(timeout=SECONDS)
                self.received.append(piece)
        except ContctlError as error:
            self.cut = error
            raise
