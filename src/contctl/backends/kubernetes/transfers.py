"""Files in and out of pods."""

from collections.abc import Iterable

from contctl.backends.kubernetes.client import Cluster
from contctl.backends.kubernetes.kinds import Found
from contctl.core.api import Stream
from contctl.core.domain.transfers import PathStat, PutOptions
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from contctl.backends.kubernetes.client import Cluster
    from contctl.backends.kubernetes.sessions import Session
    from contctl.core.domain.containers import Json

_STAT = (
    'if [ ! -e "$1" ] && [ ! -L "$1" ]; then exit 121; fi; stat -c "%f %s %Y" -- "$1" || exit;'
    ' if [ -L "$1" ]; then readlink -f -- "$1" || readlink -- "$1"; fi'
)
_UNPACK = (
    'if [ ! -e "$1" ]; then code=121; elif [ ! -d "$1" ]; then code=122;'
    ' else shift; tar "$@"; code=$?; fi; cat >/dev/null; exit $code'
)
"""What is left of the input is read, for a process that ends before it can block its connection."""
_ABSENT, _NO_FOLDER = 121, 122
_CANNOT_RUN = (126, 127)
_LONGEST = 4096
"""Bytes kept of what tar complains about."""


def path_stat(cluster: Cluster, found: Found, path: str) -> PathStat:
    raise NotImplementedError


def archive(cluster: Cluster, found: Found, path: str) -> Stream[bytes]:
    raise NotImplementedError


def put(
    cluster: Cluster, found: Found, path: str, tar: Iterable[bytes], options: PutOptions
) -> None:
    raise NotImplementedError
