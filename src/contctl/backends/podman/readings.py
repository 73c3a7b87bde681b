"""What containers use, asked for again and again.

Podman's own stream of readings has one every five seconds (podman v4.3, `pkg/api/handlers/compat/
containers_stats.go`, DefaultStatsPeriod), and ends for a container that does not run.
"""

import threading
from typing import Any, Self

from contctl.backends.docker.errors import garbage
from contctl.backends.docker.listing import inspect
from contctl.backends.docker.transport import Transport, container_path
from contctl.backends.podman.transport import of_silent
from contctl.core.domain.streams import Stats
from contctl.core.errors import ContctlError, ErrorCode

_PERIOD = 1.0


class Readings:
    """A Stream of readings, one a second, until closed or the container is gone; without `stream`
    the second one, or the first of a container that does not run."""

    def __init__(self, http: Transport, container_id: str, *, stream: bool) -> None:
        self._http = http
        self._id = container_id
        self._endless = stream
        self._closed = threading.Event()
        self._name = str(inspect(http, container_id).get("Name") or "")
        self._before: dict[str, Any] = {}
        self._begun = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Stats:
        while not self._closed.is_set():
            if self._begun and self._closed.wait(_PERIOD):
                break
            reading = self._read()
            if reading is None:
                break
            first, self._begun = not self._begun, True
            if self._endless:
                return Stats(self._id, reading)
            if not first or not reading["cpu_stats"]:
                self.close()
                return Stats(self._id, reading)
        raise StopIteration

    def close(self) -> None:
        """End the iteration, also one that waits in another thread."""
        self._closed.set()

    def _read(self) -> dict[str, Any] | None:
        """A reading; None once the container is gone."""
        path = container_path(self._id, "stats")
        try:
            found = self._http.ask(path, {"stream": 0}, refuse=of_silent(self._id))
        except ContctlError as error:
            if error.code is ErrorCode.NOT_FOUND:
                return None
            raise
        if found is None:
            found = {"memory_stats": {}, "cpu_stats": {}}  # it does not run
        if not isinstance(found, dict) or not isinstance(found.get("cpu_stats"), dict):
            raise garbage(self._http.endpoint)
        reading = {**found, "name": self._name, "id": self._id, "precpu_stats": self._before}
        self._before = found["cpu_stats"]
        return reading
