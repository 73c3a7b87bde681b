"""What the tests of the SQLite store share."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.requirements import unavailable
from tests.sqlite.processes import NOBODY
from tests.sqlite.stores import created


@pytest.fixture(scope="session", autouse=True)
def everything_imported(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Import what making a store imports on its way, before processes are forked: they begin sooner
    then, and an unprivileged one may not be able to read the interpreter's own modules."""
    stores = created(tmp_path_factory.mktemp("imported") / "contctl")
    stores.users.page("", 1)
    stores.audit.page(0, 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder that does not exist yet."""
    return tmp_path / "contctl"


@pytest.fixture
def reachable() -> Iterator[Path]:
    """An empty private folder that a process of `run_unprivileged` owns and can reach, as it cannot
    reach those of root's tests."""
    with tempfile.TemporaryDirectory() as made:
        if os.geteuid() == 0:
            os.chown(made, NOBODY, NOBODY)
        yield Path(made)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """The root of a file system of 256 KiB."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        unavailable("only root may mount a small file system")
    point = tmp_path / "disk"
    point.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256k,mode=700", "tmpfs", str(point)]
    if subprocess.run(mount, check=False, timeout=10).returncode != 0:
        unavailable("no file system can be mounted here")
    yield point
    subprocess.run(["umount", str(point)], check=True, timeout=10)
