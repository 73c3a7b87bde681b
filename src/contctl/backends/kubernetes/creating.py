"""Making workloads and pods."""

from contctl.backends.kubernetes.client import Cluster
from contctl.core.domain.create import Created, CreateSpec


def create(cluster: Cluster, spec: CreateSpec, request: str) -> Created:
    raise NotImplementedError
