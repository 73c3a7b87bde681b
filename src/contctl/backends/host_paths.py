"""Paths of this machine, which is the host of engines that are reached by a Unix socket."""

import os
import stat
from collections.abc import Callable
from pathlib import PurePosixPath


class LocalPaths:
    """Implements the port `HostPaths`."""

    def trusted(self, path: str) -> bool:
        """Whether nobody but root could put something else in the place of `path`."""
        # Without the trailing slash that would follow a link (path_resolution(7)).
        parts = PurePosixPath(path)
        if not path.startswith("/") or ".." in parts.parts:
            return False
        if not all(_is_roots(os.fspath(folder), stat.S_ISDIR) for folder in parts.parents):
            return False
        own = os.fspath(parts)
        return _is_roots(own, stat.S_ISDIR) or _is_roots(own, stat.S_ISREG)


def _is_roots(path: str, is_kind: Callable[[int], bool]) -> bool:
    try:
        found = os.lstat(path)
    except (OSError, ValueError):
        return False
    return is_kind(found.st_mode) and found.st_uid == 0 and not found.st_mode & 0o022
