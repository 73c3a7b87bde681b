"""Files in and out of pods."""

from collections.abc import Iterable

from contctl.backends.kubernetes.client import Cluster
from contctl.backends.kubernetes.kinds import Found
from contctl.core.api import Stream
from contctl.core.domain.transfers import PathStat, PutOptions


def path_stat(cluster: Cluster, found: Found, path: str) -> PathStat:
    raise NotImplementedError


def archive(cluster: Cluster, found: Found, path: str) -> Stream[bytes]:
    raise NotImplementedError


def put(
    cluster: Cluster, found: Found, path: str, tar: Iterable[bytes], options: PutOptions
) -> None:
    raise NotImplementedError
