"""A look at all processes, again and again, for words that none of them may show."""

import threading
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

_PAUSE = 0.01


class Watcher:
    """A context manager: meanwhile a thread reads the command lines of all processes, and the
    environments of those that have `mark` in theirs. found: the secrets that were seen, and where.
    seen: how many environments were read."""

    def __init__(self, mark: bytes, secrets: Collection[bytes]) -> None:
        self.found: set[tuple[bytes, str]] = set()
        self.seen = 0
        self._mark = mark
        self._secrets = secrets
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join(10)

    def _watch(self) -> None:
        while not self._over.wait(_PAUSE):
            for process in Path("/proc").glob("[0-9]*"):
                with suppress(OSError):
                    self._look(process)

    def _look(self, process: Path) -> None:
        self._search(process, "cmdline", (process / "cmdline").read_bytes())
        environ = (process / "environ").read_bytes()
        if self._mark in environ:
            self.seen += 1
            self._search(process, "environ", environ)

    def _search(self, process: Path, where: str, text: bytes) -> None:
        for secret in tuple(self._secrets):
            if secret in text:
                name = (process / "comm").read_text().strip()
                self.found.add((secret, f"{where} of {name}"))
