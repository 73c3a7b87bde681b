"""What pods use, as the cluster's metrics API tells it.

Source: kubernetes/metrics, `metrics.k8s.io/v1beta1`, PodMetrics; quantities as Kubernetes writes
them (apimachinery, resource.Quantity).
"""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Self
from urllib.parse import quote

from contctl.backends.kubernetes.kinds import Found
from contctl.backends.kubernetes.pods import part, parts, text
from contctl.core.domain.engines import cannot
from contctl.core.domain.streams import Stats
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from contctl.backends.kubernetes.client import Cluster
    from contctl.core.domain.containers import Json

_API = "/apis/metrics.k8s.io/v1beta1"
_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]+)?)(?:e([0-9]{1,2})|([numkMGTPE]|[KMGTPE]i)?)", re.ASCII)
_UNITS = {
    "n": 1e-9, "u": 1e-6, "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15,
    "E": 1e18, "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40, "Pi": 2.0**50,
    "Ei": 2.0**60,
}  # fmt: skip
_NANOSECONDS = 1_000_000_000


def stats(cluster: Cluster, container_id: str, *, stream: bool) -> Readings:
    """Readings of a pod, or of all pods of a workload together; as `Engine.stats`. UNSUPPORTED
    where the cluster has no metrics API."""
    try:
        cluster.get(_API)
    except ContctlError as error:
        if error.code in (ErrorCode.NOT_FOUND, ErrorCode.UNAVAILABLE) and error.reason != "unsent":
            raise cannot("measure", "the cluster has no metrics API") from None
        raise
    return Readings(cluster, cluster.found(container_id), stream=stream)


class Readings:
    """A Stream of readings, one a second, until the container is removed."""

    def __init__(self, cluster: Cluster, found: Found, *, stream: bool) -> None:
        self._cluster = cluster
        self._found = found
        self._endless = stream
        self._given = False
        self._closed = threading.Event()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Stats:
        if self._given and (not self._endless or self._closed.wait(1.0)):
            raise StopIteration
        if self._closed.is_set():
            raise StopIteration
        self._given = True
        try:
            return Stats(self._found.id, self._read())
        except ContctlError as error:
            if error.code is ErrorCode.NOT_FOUND:
                raise StopIteration from None
            raise

    def close(self) -> None:
        """End the iteration, also one that waits in another thread."""
        self._closed.set()

    def _read(self) -> Json:
        self._cluster.found(self._found.id)
        pods = self._cluster.pods_like(self._found)
        return reading(self._found.name, pods, [self._metrics(pod) for pod in pods])

    def _metrics(self, pod: Json) -> Json:
        namespace, name = text(pod, "metadata", "namespace"), text(pod, "metadata", "name")
        try:
            return self._cluster.get(f"{_API}/namespaces/{quote(namespace)}/pods/{quote(name)}")
        except ContctlError as error:
            # There are none of a pod that just began, or does not run.
            if error.code is ErrorCode.NOT_FOUND:
                return {}
            raise


def reading(name: str, pods: list[Json], metrics: list[Json]) -> Json:
    """docker's reading of these pods together. The share of the processor, of which docker tells
    two sums of nanoseconds, is that of one second."""
    used = [part(each, "usage") for metric in metrics for each in parts(metric, "containers")]
    cores = sum(quantity(text(each, "cpu")) for each in used)
    limits = [
        quantity(str(part(each, "resources", "limits").get("memory") or ""))
        for pod in pods
        for each in parts(pod, "spec", "containers")
    ]
    return {
        "name": f"/{name}",
        "read": max((text(each, "timestamp") for each in metrics), default=""),
        "cpu_stats": {
            "cpu_usage": {"total_usage": int(cores * _NANOSECONDS)},
            "system_cpu_usage": 2 * _NANOSECONDS,
            "online_cpus": 1,
        },
        "precpu_stats": {"cpu_usage": {"total_usage": 0}, "system_cpu_usage": _NANOSECONDS},
        "memory_stats": {
            "usage": int(sum(quantity(text(each, "memory")) for each in used)),
            "limit": int(sum(limits)) if limits and all(limits) else 0,
        },
    }


def quantity(written: str) -> float:
    """A quantity in its base unit; 0 for none."""
    match = _QUANTITY.fullmatch(written)
    if match is None:
        return 0.0
    return float(match[1]) * (10.0 ** int(match[2]) if match[2] else _UNITS[match[3] or ""])
