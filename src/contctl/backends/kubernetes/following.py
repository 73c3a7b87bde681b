"""What all pods of a workload write, those that come later included.

A pod is joined once for each start of its main container. The list of pods is asked for again every
two seconds: all that a pod wrote since its last start is in its log, so what it wrote meanwhile is
not missed.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Self

from contctl.backends.kubernetes.body import LONGEST_LINE, complete_lines
from contctl.backends.kubernetes.kinds import Kind
from contctl.backends.kubernetes.pod_log import PodLog
from contctl.backends.kubernetes.pods import part, text
from contctl.backends.kubernetes.retries import current
from contctl.backends.kubernetes.scaling import is_complete, wanted
from contctl.backends.kubernetes.waiting import restarts
from contctl.core.domain.engines import cannot
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.services.streams import Merged

if TYPE_CHECKING:
    from contctl.backends.kubernetes.client import Cluster
    from contctl.backends.kubernetes.kinds import Found
    from contctl.core.api import Stream
    from contctl.core.domain.containers import Json
    from contctl.core.domain.streams import LogOptions

MOST_PODS = 50
"""As many connections one command opens at once."""
_SECONDS = 2.0
_PATIENCE = 5
"""As many times in a row the list of pods may be out of reach."""


def followed(cluster: Cluster, found: Found, options: LogOptions) -> Stream[bytes]:
    """The lines of all pods of a workload, until it is to have none, or is gone, and all of them
    have ended. As soon as there was a second pod, they come behind the pod's name and ` | `."""
    return Pods(cluster, found, options).merged


def too_many(count: int) -> ContctlError:
    """For more pods than MOST_PODS."""
    return cannot(
        f"show the logs of {count} pods at once", f"at most {MOST_PODS}; name some of them"
    )


class Pods:
    """A Stream of nothing, which joins the logs of pods to `merged` as they come."""

    def __init__(self, cluster: Cluster, found: Found, options: LogOptions) -> None:
        self._cluster = cluster
        self._found = found
        self._options = options
        self._closed = threading.Event()
        self._names: set[str] = set()
        self._joined: set[tuple[str, int]] = set()
        self._logs: list[_Log] = []
        self._labels: Json | None = None
        self._failed = 0
        self.merged: Merged[bytes] = Merged(())
        at_rest = self._join_new()
        # Only what was there from the beginning has a past to leave out.
        self._options = replace(options, tail=None)
        if not at_rest:
            self.merged.join(self)

    @property
    def several(self) -> bool:
        """Whether there was more than one pod."""
        return len(self._names) > 1

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        while not self._closed.wait(_SECONDS):
            if self._join_later():
                break
        raise StopIteration

    def close(self) -> None:
        """End the iteration, also one that waits in another thread."""
        self._closed.set()

    def _join_later(self) -> bool:
        """As `_join_new`; an API server that cannot be reached for a while leaves the logs as they
        are, for they tell themselves whether they were cut."""
        try:
            ended = self._join_new()
        except ContctlError as error:
            self._failed += 1
            if error.code is not ErrorCode.UNAVAILABLE or self._failed > _PATIENCE:
                raise
            return False
        self._failed = 0
        return ended

    def _join_new(self) -> bool:
        """Join what has come, the oldest first where there is no room for all; whether no more is
        to come."""
        try:
            read = current(self._cluster, self._found)
            pods = self._cluster.pods_like(self._found)
        except ContctlError as error:
            if error.code is ErrorCode.NOT_FOUND:
                return True
            raise
        if self._labels is None:
            self._labels = part(read, "spec", "template", "metadata", "labels")
            if len(pods) > MOST_PODS:
                raise too_many(len(pods))
        new = [pod for pod in pods if _key(pod) not in self._joined and self._may_read(pod)]
        self._logs = [log for log in self._logs if not log.over]
        room = MOST_PODS - len(self._logs)
        for pod in new[::-1][:room]:
            self._join(pod)
        return self._wants_none(read) and len(new) <= room

    def _may_read(self, pod: Json) -> bool:
        """Who may read the pods of the beginning need not be allowed to read those of other
        labels."""
        kept = self._labels or {}
        return kept.items() <= part(pod, "metadata", "labels").items()

    def _join(self, pod: Json) -> None:
        self._names.add(text(pod, "metadata", "name"))
        self._joined.add(_key(pod))
        self._logs.append(_Log(self, self._cluster, pod, self._options))
        self.merged.join(self._logs[-1])

    def _wants_none(self, read: Json) -> bool:
        return is_complete(read) if self._found.kind is Kind.JOB else wanted(read) == 0


def _key(pod: Json) -> tuple[str, int]:
    """Tells a start of the main container from all others."""
    return text(pod, "metadata", "uid"), restarts(pod)


class _Log:
    """The lines of one pod; it ends where the pod is gone."""

    def __init__(self, pods: Pods, cluster: Cluster, pod: Json, options: LogOptions) -> None:
        self._pods = pods
        self._prefix = f"{text(pod, 'metadata', 'name')} | ".encode()
        self._log = PodLog(cluster, pod, options, follow=True)
        self._lines: Iterator[bytes] = complete_lines(self._log, LONGEST_LINE)
        self.close = self._log.close
        self.over = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        try:
            line = next(self._lines)
        except ContctlError as error:
            self.over = True
            if error.code is ErrorCode.NOT_FOUND:
                raise StopIteration from None
            raise
        except StopIteration:
            self.over = True
            raise
        if not self._pods.several:
            return line
        return self._prefix + line.removesuffix(b"\n") + b"\n"
