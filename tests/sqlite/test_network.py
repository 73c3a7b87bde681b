"""Network file systems are told from local ones."""

from pathlib import Path

import pytest

from contctl.backends.sqlite.network import filesystem_of, refuse_network_filesystem

MOUNTS = """\
22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
30 22 0:40 / /home rw,relatime shared:1 - nfs4 server:/home rw
31 30 0:41 / /home/me/disk rw - xfs /dev/vdb rw
32 22 0:42 / /mnt/a\\040b rw - cifs //server/share rw
33 22 0:43 / /srv rw - nfs server:/srv rw
34 33 0:44 / /srv rw - ext4 /dev/vdc rw
"""


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "ext4"),
        ("/homes/me", "ext4"),
        ("/home", "nfs4"),
        ("/home/me/contctl", "nfs4"),
        ("/home/me/disk/contctl", "xfs"),
        ("/mnt/a b/contctl", "cifs"),
        ("/srv/contctl", "ext4"),
    ],
)
def test_the_innermost_and_latest_mount_counts(path: str, kind: str) -> None:
    assert filesystem_of(path, MOUNTS) == kind


def test_nothing_is_known_without_mounts() -> None:
    assert filesystem_of("/home", "") == ""


def test_a_local_folder_is_not_refused(tmp_path: Path) -> None:
    refuse_network_filesystem(tmp_path)
