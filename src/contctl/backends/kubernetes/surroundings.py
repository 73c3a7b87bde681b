"""What a cluster says of itself."""

from contctl.backends.kubernetes.client import Cluster
from contctl.backends.kubernetes.errors import garbage
from contctl.core.domain.engines import EngineInfo


def info(cluster: Cluster, reason: str) -> EngineInfo:
    """Which cluster answers."""
    version = cluster.get("/version").get("gitVersion")
    if not isinstance(version, str):
        raise garbage(cluster.access)
    address = f"{cluster.address}, namespace {cluster.namespace}"
    return EngineInfo("Kubernetes", version.removeprefix("v"), address, reason)
