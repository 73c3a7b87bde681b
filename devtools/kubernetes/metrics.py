"""The metrics API of a private cluster: kubelet's measurements, as `metrics.k8s.io/v1beta1`.

It stands in for metrics-server, which no archive has; apiserver serves them as custom resources.
"""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from devtools.kubernetes.access import Access
from devtools.kubernetes.node import NAME

SECONDS = 30.0
_DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
_API = "/apis/metrics.k8s.io/v1beta1"
_NAME = "pods.metrics.k8s.io"
_SCHEMA = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
_DEFINITION = {
    "metadata": {
        "name": _NAME,
        "annotations": {"api-approved.kubernetes.io": "unapproved, for tests alone"},
    },
    "spec": {
        "group": "metrics.k8s.io",
        "scope": "Namespaced",
        "names": {"plural": "pods", "kind": "PodMetrics", "listKind": "PodMetricsList"},
        "versions": [
            {
                "name": "v1beta1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": _SCHEMA},
            }
        ],
    },
}


@contextmanager
def metrics_api(access: Access) -> Iterator[None]:
    """The cluster has a metrics API, empty until `publish`; afterwards it has none again. Waits
    for those who are in `no_metrics_api`."""
    with (access.folder / "metrics.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        access.api.request("POST", _DEFINITIONS, _DEFINITION)
        try:
            _await(lambda: _served(access), "the metrics API is not served")
            yield
        finally:
            access.api.request("DELETE", f"{_DEFINITIONS}/{_NAME}")
            _await(lambda: not _served(access), "the metrics API is still served")


@contextmanager
def no_metrics_api(access: Access) -> Iterator[None]:
    """The cluster has no metrics API meanwhile; waits for those who are in `metrics_api`."""
    with (access.folder / "metrics.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


def publish(access: Access, namespace: str, pod: str) -> None:
    """Publish what kubelet has measured of a running pod; waits for its first measurement."""
    found: list[dict[str, Any]] = []

    def measured() -> bool:
        found[:] = _measurement(access, namespace, pod)
        return bool(found)

    _await(measured, f"kubelet has not measured {pod}")
    access.api.request("POST", f"{_API}/namespaces/{namespace}/pods", found[0])


def _measurement(access: Access, namespace: str, pod: str) -> list[dict[str, Any]]:
    summary = access.api.request("GET", f"/api/v1/nodes/{NAME}/proxy/stats/summary")
    for each in summary["pods"]:
        containers = each.get("containers") or []
        known = all("usageNanoCores" in container.get("cpu", {}) for container in containers)
        reference = each["podRef"]
        if (reference["namespace"], reference["name"]) == (namespace, pod) and containers and known:
            return [
                {
                    "apiVersion": "metrics.k8s.io/v1beta1",
                    "kind": "PodMetrics",
                    "metadata": {"name": pod},
                    "timestamp": containers[0]["cpu"]["time"],
                    "window": "10s",
                    "containers": [_usage(container) for container in containers],
                }
            ]
    return []


def _usage(container: dict[str, Any]) -> dict[str, Any]:
    cpu, memory = container["cpu"]["usageNanoCores"], container["memory"]["workingSetBytes"]
    return {"name": container["name"], "usage": {"cpu": f"{cpu}n", "memory": f"{memory // 1024}Ki"}}


def _served(access: Access) -> bool:
    try:
        access.api.request("GET", f"{_API}/pods")
    except RuntimeError:
        return False
    return True


def _await(ready: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + SECONDS
    while not ready():
        if time.monotonic() > deadline:
            raise RuntimeError(otherwise)
        time.sleep(0.1)
