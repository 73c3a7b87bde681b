"""Network file systems, on which SQLite's locks are not to be trusted
(https://sqlite.org/howtocorrupt.html#_filesystems_with_broken_or_missing_lock_implementations)."""

import os
import re
from pathlib import Path

from contctl.core.errors import ContctlError, ErrorCode

MOUNTS = Path("/proc/self/mountinfo")
_NETWORK = {
    *("9p", "afs", "beegfs", "ceph", "cifs", "coda", "gpfs", "lustre", "ncpfs", "nfs", "nfs4"),
    *("orangefs", "smb3", "smbfs"),
    *("fuse.ceph", "fuse.glusterfs", "fuse.rclone", "fuse.s3fs", "fuse.sshfs"),
}


def refuse_network_filesystem(folder: Path, mounts_file: Path = MOUNTS) -> None:
    """ContctlError STORE, reason `network`, where the existing `folder` lies on a network file
    system. Where the system has no /proc nothing is known, and nothing refused."""
    try:
        # What a block device holds is local. All others have the major number 0 (Linux,
        # Documentation/admin-guide/devices.txt), and only those are worth reading the list for,
        # which can be long where containers run.
        if os.major(os.stat(folder).st_dev) != 0:
            return
        with open(mounts_file, encoding="utf-8", errors="surrogateescape") as file:
            mounts = file.read()
    except OSError:
        return
    kind = filesystem_of(os.path.realpath(folder), mounts)
    if kind in _NETWORK:
        raise ContctlError(
            ErrorCode.STORE,
            f"{folder} is on a network file system ({kind}), whose locks SQLite cannot rely on",
            hint="name a folder on a local disk with CONTCTL_HOME",
            details={"reason": "network"},
        )


def filesystem_of(path: str, mounts: str) -> str:
    """The type of the file system that holds `path`, empty if unknown.

    mounts: the text of /proc/self/mountinfo (proc_pid_mountinfo(5)).
    """
    found = ("", "")
    for line in mounts.splitlines():
        before, _, after = line.partition(" - ")
        point = _unescaped(before.split(" ")[4])
        inside = path == point or path.startswith(point.rstrip("/") + "/")
        # Of two mounts on one point the later one hides the earlier.
        if inside and len(point) >= len(found[0]):
            found = (point, after.split(" ")[0])
    return found[1]


def _unescaped(field: str) -> str:
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match[1], 8)), field)
