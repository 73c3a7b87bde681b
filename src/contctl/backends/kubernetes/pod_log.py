"""What one pod wrote.

Source: Kubernetes API reference, `GET …/pods/{name}/log`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, Self

from contctl.backends.kubernetes.body import LONGEST_LINE, complete_lines
from contctl.backends.kubernetes.kinds import Kind
from contctl.backends.kubernetes.pods import main_name, moment, state, text, written

if TYPE_CHECKING:
    from contctl.backends.kubernetes.body import Body
    from contctl.backends.kubernetes.client import Cluster
    from contctl.backends.kubernetes.watching import Watch
    from contctl.core.domain.containers import Json
    from contctl.core.domain.streams import LogOptions


class PodLog:
    """A Stream of what one pod wrote, in pieces.

    by_line: it is read by `stamped_lines` instead.

    Where it is followed and has not begun, it is waited for. Else the request is made at once.
    """

    def __init__(
        self,
        cluster: Cluster,
        pod: Json,
        options: LogOptions,
        *,
        follow: bool = False,
        by_line: bool = False,
    ) -> None:
        self._cluster = cluster
        self._pod = pod
        self._options = options
        self._follow = follow
        self._stamped = not follow and (by_line or options.until is not None)
        self._name = text(pod, "metadata", "name")
        self._prefix = f"{self._name} | ".encode() if by_line else b""
        self._lock = threading.Lock()
        self._closing: list[Body | Watch] = []
        self._closed = False
        self._body: Body | None = None if follow else self._opened()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        if self._body is None:
            self._await_start()
            if self._closed:
                raise StopIteration
            self._body = self._opened()
        piece = self._body.read()
        if not piece:
            raise StopIteration
        return piece

    def stamped_lines(self) -> Iterator[tuple[float, bytes, bytes]]:
        """Lines with their times: seconds since the epoch, the time as it is written, and the line
        without its end. A very long one comes in parts, all with its time."""
        if self._body is None:
            return
        stamp, begins = b"", True
        for line in complete_lines(iter(self._body.read, b""), LONGEST_LINE):
            rest = line
            if begins:
                stamp, _, rest = line.partition(b" ")
            begins = line.endswith(b"\n")
            at = moment(_microseconds(stamp.decode("ascii", "replace")))
            yield at, stamp, rest.removesuffix(b"\n")

    @property
    def prefix(self) -> bytes:
        """What stands before each line of several pods."""
        return self._prefix

    def close(self) -> None:
        """End the iteration, also one that waits in another thread."""
        with self._lock:
            self._closed = True
            closing = list(self._closing)
        for each in closing:
            each.close()

    def _opened(self) -> Body:
        options = self._options
        query: dict[str, str | int | bool] = {
            "container": main_name(self._pod),
            "follow": self._follow,
            "timestamps": options.timestamps or self._stamped,
        }
        if options.since is not None:
            query["sinceTime"] = written(max(options.since, 1.0))
        if options.tail is not None and options.until is None:
            query["tailLines"] = max(0, options.tail)
        path = f"{Kind.POD.path(self._cluster.namespace, self._name)}/log"
        body = self._cluster.open(path, query, endless=self._follow)
        self._to_close(body)
        return body

    def _await_start(self) -> None:
        """Wait until the main container has begun, or never will."""
        if state(self._pod, 0.0).name != "created":
            return
        query = {"fieldSelector": f"metadata.name={self._name}"}
        watch = self._cluster.watch(Kind.POD.path(self._cluster.namespace), query)
        self._to_close(watch)
        for change, pod in watch:
            if change == "DELETED" or state(pod, 0.0).name != "created":
                break
        watch.close()

    def _to_close(self, each: Body | Watch) -> None:
        with self._lock:
            self._closing.append(each)
            closed = self._closed
        if closed:
            each.close()


def _microseconds(stamp: str) -> str:
    """A time with at most six digits behind the point; datetime reads no more."""
    head, point, rest = stamp.partition(".")
    digits = rest.rstrip("Z").partition("+")[0]
    return f"{head}.{digits[:6]}+00:00" if point and digits.isdecimal() else stamp
