"""The kinds of objects that contctl takes for containers, and where the API has them.

Source: Kubernetes API conventions, "Resources"; the API versions are those of Kubernetes 1.9 and
later (batch/v1 of 1.2).
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple
from urllib.parse import quote

NAMESPACE_LABEL = "io.kubernetes.pod.namespace"
"""The label that tells a container's namespace; container runtimes use the same name."""

REPLICAS = "contctl.replicas"
"""The annotation of a stopped workload that remembers how many pods it had."""


class Kind(Enum):
    """A kind, with its API version and the name of its resource."""

    POD = ("Pod", "v1", "pods")
    DEPLOYMENT = ("Deployment", "apps/v1", "deployments")
    STATEFUL_SET = ("StatefulSet", "apps/v1", "statefulsets")
    DAEMON_SET = ("DaemonSet", "apps/v1", "daemonsets")
    REPLICA_SET = ("ReplicaSet", "apps/v1", "replicasets")
    JOB = ("Job", "batch/v1", "jobs")

    def __init__(self, title: str, version: str, resource: str) -> None:
        self.title = title
        self.version = version
        self.resource = resource

    def path(self, namespace: str, name: str = "") -> str:
        """The path of the kind's list in a namespace, or of the object of that name."""
        api = "/api/" if "/" not in self.version else "/apis/"
        base = f"{api}{self.version}/namespaces/{quote(namespace, safe='')}/{self.resource}"
        return f"{base}/{quote(name, safe='')}" if name else base


class Found(NamedTuple):
    """What a full ID means: the object, a pod or a workload. id: its UID without dashes."""

    id: str
    kind: Kind
    namespace: str
    name: str

    @property
    def path(self) -> str:
        """Its path in the API."""
        return self.kind.path(self.namespace, self.name)


WORKLOADS = (Kind.DEPLOYMENT, Kind.STATEFUL_SET, Kind.DAEMON_SET, Kind.JOB)
"""The kinds that keep pods running. A pod without one of them stands for itself."""


def id_of(uid: str) -> str:
    """A full ID out of an object's UID."""
    return uid.replace("-", "")
