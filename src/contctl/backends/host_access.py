"""What the user of this process can reach, found out by trying."""

import errno
import grp
import os
import pwd
import socket
from collections.abc import Callable

from contctl.core.domain.host_access import Access

_SECONDS = 2.0
_ABSENT = (errno.ENOENT, errno.ENOTDIR)
_DENIED = (errno.EACCES, errno.EPERM)


class LocalAccess:
    """Implements the port `HostAccess`. engine_addresses: as the port says."""

    def __init__(self, engine_addresses: Callable[[], tuple[str, ...]]) -> None:
        self.engine_addresses = engine_addresses
        self.uid = os.geteuid()

    def groups(self) -> dict[int, str]:
        """As the port says."""
        ids = {os.getgid(), os.getegid(), *os.getgroups()}
        try:
            entry = pwd.getpwuid(self.uid)
        except KeyError:
            pass
        else:
            ids |= set(os.getgrouplist(entry.pw_name, entry.pw_gid))
        return {each: _group_name(each) for each in sorted(ids)}

    def open_socket(self, path: str) -> Access:
        """As the port says."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(_SECONDS)
            try:
                connection.connect(path)
            except (OSError, ValueError) as error:
                # The kernel asks for permission before it asks who listens (Linux, af_unix.c).
                return _access(error)
        return Access.OPEN

    def group_of(self, path: str) -> int | None:
        """As the port says."""
        try:
            return os.stat(path).st_gid
        except (OSError, ValueError):
            return None

    def read(self, path: str) -> Access:
        """As the port says."""
        try:
            os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC))
        except (OSError, ValueError) as error:
            return _access(error)
        return Access.OPEN


def _access(error: Exception) -> Access:
    """What a failure to open something says. One that says nothing counts as open: what was not
    seen to be closed is not called so."""
    number = error.errno if isinstance(error, OSError) else None
    if number in _ABSENT:
        return Access.ABSENT
    return Access.DENIED if number in _DENIED else Access.OPEN


def _group_name(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
