"""Starting, stopping and restarting workloads."""

from contctl.backends.kubernetes.client import Cluster
from contctl.backends.kubernetes.kinds import Found


def start(cluster: Cluster, found: Found) -> None:
    raise NotImplementedError


def stop(cluster: Cluster, found: Found, grace: int | None, signal: str | None) -> None:
    raise NotImplementedError


def restart(cluster: Cluster, found: Found, grace: int | None, signal: str | None) -> None:
    raise NotImplementedError
