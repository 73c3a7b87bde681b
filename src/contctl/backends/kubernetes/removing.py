"""Deleting workloads and pods."""

from contctl.backends.kubernetes.client import Cluster
from contctl.backends.kubernetes.kinds import Found


def remove(cluster: Cluster, found: Found, *, force: bool, volumes: bool) -> None:
    raise NotImplementedError
