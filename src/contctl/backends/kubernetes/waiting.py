"""Waiting for exits."""

from contctl.backends.kubernetes.client import Cluster
from contctl.backends.kubernetes.kinds import Found
from contctl.core.api import Stream
from contctl.core.domain.streams import Condition


def wait(cluster: Cluster, found: Found, until: Condition) -> Stream[int]:
    raise NotImplementedError
