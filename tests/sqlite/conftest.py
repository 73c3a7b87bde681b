"""What the tests of the SQLite store share."""

import gc
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.small_disks import small_disk_at
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
def warned(recwarn: pytest.WarningsRecorder) -> pytest.WarningsRecorder:
    """What this test warns of, without what earlier ones left to the garbage collector."""
    gc.collect()
    recwarn.clear()
    return recwarn


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
    with small_disk_at(tmp_path / "disk", 256) as point:
        yield point
