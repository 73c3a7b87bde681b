"""What pods wrote.

Source: Kubernetes API reference, `GET …/pods/{name}/log`: output and errors come as one, times are
to the second, and there is no end; what is finer is done here, line by line.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from heapq import merge
from typing import TYPE_CHECKING

from contctl.backends.kubernetes.following import MOST_PODS, followed, too_many
from contctl.backends.kubernetes.kinds import Found, Kind
from contctl.backends.kubernetes.pod_log import PodLog
from contctl.backends.kubernetes.pods import state
from contctl.backends.kubernetes.streams import Rows, Until
from contctl.core.domain.engines import cannot
from contctl.core.domain.streams import Chunk, LogOptions, Out
from contctl.core.services.streams import Mapped

if TYPE_CHECKING:
    from contctl.backends.kubernetes.client import Cluster
    from contctl.core.api import Stream


def logs(cluster: Cluster, found: Found, options: LogOptions) -> Stream[Chunk]:
    """As `Engine.logs`. The lines of several pods come behind the pod's name and ` | `, in the
    order of time, or as they come where they are followed. A workload is followed through its pods
    that come later, until it is to have none and all of them have ended."""
    if options.details:
        raise cannot("show details of logs", "Kubernetes keeps none")
    now = cluster.clock.now()
    follow = options.follow and (options.until is None or options.until > now)
    stream: Stream[bytes]
    if follow and found.kind is not Kind.POD:
        stream = followed(cluster, found, options)
    elif follow:
        stream = PodLog(cluster, cluster.get(found.path), options, follow=True)
    else:
        stream = _so_far(cluster, found, options, now)
    if follow and options.until is not None:
        stream = Until(stream, options.until - now)
    return Mapped(stream, lambda piece: Chunk(found.id, Out(piece)))


def _so_far(cluster: Cluster, found: Found, options: LogOptions, now: float) -> Stream[bytes]:
    pods = cluster.pods_like(found)
    if len(pods) > MOST_PODS:
        raise too_many(len(pods))
    pods = [pod for pod in pods if state(pod, now).name != "created"]
    several = len(pods) > 1
    opened = [PodLog(cluster, pod, options, by_line=several) for pod in pods]
    if several or options.until is not None or not opened:
        return Rows(_in_order(opened, options), opened)
    return opened[0]


def _in_order(opened: list[PodLog], options: LogOptions) -> Iterator[bytes]:
    """The lines of all logs in the order of time, as far as `options` ask for them."""

    def rows(log: PodLog) -> Iterator[tuple[float, bytes]]:
        for at, stamp, line in log.stamped_lines():
            early = options.since is not None and at < options.since
            late = options.until is not None and at > options.until
            if not early and not late:
                shown = stamp + b" " + line if options.timestamps else line
                yield at, log.prefix + shown + b"\n"

    found = merge(*(rows(log) for log in opened), key=lambda row: row[0])
    chosen = found if options.tail is None else deque(found, maxlen=max(0, options.tail))
    return (line for _, line in chosen)
