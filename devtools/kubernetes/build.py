"""The programs of a Kubernetes cluster, built once a machine and kept outside the tree.

Debian 12's archive has their source alone. `build.sh` beside this is the recipe.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

VERSION = "1.20.2"
_RECIPE = Path(__file__).with_name("build.sh")
_TOOLS = ("apt-get", "dpkg-source", "go")


def built() -> Path | None:
    """The folder of `kube-apiserver`, `kube-controller-manager`, `kube-scheduler` and `kubelet`;
    None if they were not built on this machine with today's recipe."""
    folder = _folder()
    return folder if folder.is_dir() else None


def build() -> Path:
    """Build what was not built, which takes minutes, and return its folder.

    Of several at once one builds and the others wait. RuntimeError where it cannot be built.
    """
    folder = _folder()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with (folder.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            _build(folder)
    return folder


def _folder() -> Path:
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    recipe = hashlib.sha256(_RECIPE.read_bytes()).hexdigest()[:12]
    return cache / "contctl-kubernetes" / f"{VERSION}-{recipe}"


def _build(folder: Path) -> None:
    absent = [tool for tool in _TOOLS if shutil.which(tool) is None]
    if absent:
        raise RuntimeError(
            f"not installed: {', '.join(absent)} (devtools/install-packages.sh kubernetes)"
        )
    for abandoned in folder.parent.glob("scratch-*"):
        shutil.rmtree(abandoned)
    scratch = Path(tempfile.mkdtemp(prefix="scratch-", dir=folder.parent))
    output = scratch / "output"
    output.mkdir()
    try:
        done = subprocess.run(
            ["nice", str(_RECIPE), str(scratch), str(output), VERSION], check=False
        )
        if done.returncode:
            raise RuntimeError(
                f"Kubernetes was not built: {_RECIPE.name} ended with {done.returncode}"
            )
        output.rename(folder)
    finally:
        shutil.rmtree(scratch)
