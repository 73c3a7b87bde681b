"""File systems that are soon full."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.requirements import unavailable


@contextmanager
def small_disk_at(point: Path, kibibytes: int) -> Iterator[Path]:
    """A file system of so many KiB, mounted at `point`, which is made."""
    if os.geteuid() != 0 or shutil.which("mount") is None:
        unavailable("only root may mount a small file system")
    point.mkdir()
    options = f"size={kibibytes}k,mode=700"
    mount = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(point)]
    if subprocess.run(mount, check=False, timeout=10).returncode != 0:
        unavailable("no file system can be mounted here")
    yield point
    subprocess.run(["umount", str(point)], check=True, timeout=10)
