"""Network file systems are told from local ones."""

import os
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from contctl.backends.sqlite.connection import Database
from contctl.backends.sqlite.network import filesystem_of, refuse_network_filesystem
from tests.requirements import unavailable
from tests.sqlite.stores import SqliteStores, created
from tests.sqlite.uses import USES, refusal

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


@pytest.fixture
def in_memory() -> Iterator[Path]:
    """A private folder that no block device holds, as none holds those of a network."""
    shared = Path("/dev/shm")
    if not shared.is_dir() or os.major(shared.stat().st_dev) != 0:
        unavailable("there is no file system in memory")
    with tempfile.TemporaryDirectory(dir=shared) as made:
        yield Path(made)


@pytest.fixture
def mounts(in_memory: Path) -> Path:
    """A list of mounts by which `in_memory` is on a network file system."""
    path = in_memory / "mountinfo"
    path.write_text(f"{MOUNTS}35 22 0:45 / {in_memory} rw - fuse.sshfs me@server: rw\n")
    return path


def test_a_store_on_a_network_file_system_is_refused(in_memory: Path, mounts: Path) -> None:
    folder = in_memory / "contctl"
    local = created(folder)
    moved = SqliteStores(folder, mounts=mounts)
    before = local.database.path.read_bytes()
    for use in USES:
        error = refusal(partial(use, moved))
        assert error.reason == "network"
        assert "(fuse.sshfs)" in error.message
        assert "CONTCTL_HOME" in (error.hint or "")
    assert local.database.path.read_bytes() == before
    local.identity()


def test_no_store_is_made_on_a_network_file_system(in_memory: Path, mounts: Path) -> None:
    stores = SqliteStores(in_memory / "contctl", mounts=mounts)
    assert refusal(stores.create_with_admin).reason == "network"
    assert not stores.database.path.exists()


def test_where_nothing_is_known_of_mounts_nothing_is_refused(in_memory: Path) -> None:
    folder = in_memory / "contctl"
    identity = created(folder).identity()
    assert SqliteStores(folder, mounts=in_memory / "nothing").identity() == identity


def test_the_kernels_own_list_is_the_default(tmp_path: Path) -> None:
    assert Database(tmp_path).mounts == Path("/proc/self/mountinfo")
