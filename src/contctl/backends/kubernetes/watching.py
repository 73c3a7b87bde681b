"""Watches: what happens to the objects of a list.

Source: Kubernetes API concepts, "Efficient detection of changes" (resuming, 410 Gone, bookmarks).
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

from contctl.backends.kubernetes.body import lines
from contctl.backends.kubernetes.errors import garbage
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from contctl.backends.kubernetes.body import Body
    from contctl.backends.kubernetes.client import Cluster
    from contctl.core.domain.containers import Json

Change = tuple[str, dict[str, Any]]
"""`ADDED`, `MODIFIED` or `DELETED`, and the object."""

_SECONDS = 280
"""How long one request watches; idle connections are cut by proxies after five minutes."""


class Watch:
    """A Stream of changes, which goes on where a request of it ended. Where the cluster has
    forgotten what came since, the list is read again, and all that is there comes as ADDED."""

    def __init__(
        self, cluster: Cluster, path: str, query: dict[str, Any], version: str | None
    ) -> None:
        self._cluster = cluster
        self._path = path
        self._query = query
        self._version = version
        self._ready: deque[Change] = deque()
        self._lines: Iterator[bytes] | None = None
        self._body: Body | None = None
        self._lock = threading.Lock()
        self._closed = False
        if version is None:
            self._list()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Change:
        while not self._closed:
            if self._ready:
                return self._ready.popleft()
            line = next(self._opened(), None)
            if line is None:
                self._lines = None
            elif line.strip():
                self._take(line)
        raise StopIteration

    def close(self) -> None:
        """End the iteration, also one that waits in another thread."""
        with self._lock:
            self._closed = True
            body = self._body
        if body is not None:
            body.close()

    def _opened(self) -> Iterator[bytes]:
        if self._lines is None:
            query = {
                **self._query,
                "watch": True,
                "allowWatchBookmarks": True,
                "resourceVersion": self._version or "",
                "timeoutSeconds": _SECONDS,
            }
            body = self._cluster.open(self._path, query, endless=True)
            with self._lock:
                self._body = body
                closed = self._closed
            if closed:
                body.close()
            self._lines = lines(body)
        return self._lines

    def _take(self, line: bytes) -> None:
        try:
            event = json.loads(line)
            kind, item = event["type"], event["object"]
            metadata = item.get("metadata") or {}
        except (ValueError, KeyError, TypeError, AttributeError):
            raise garbage(self._cluster.access) from None
        if kind == "ERROR":
            self._failed(item)
            return
        self._version = str(metadata.get("resourceVersion") or self._version or "")
        if kind != "BOOKMARK":
            self._ready.append((kind, item))

    def _failed(self, status: Json) -> None:
        if status.get("code") != 410:
            raise ContctlError(ErrorCode.UNAVAILABLE, f"the watch ended: {status.get('message')}")
        if self._body is not None:
            self._body.close()
        self._lines = None
        self._list()

    def _list(self) -> None:
        items, self._version = self._cluster.listed(self._path, self._query)
        self._ready += [("ADDED", item) for item in items]
