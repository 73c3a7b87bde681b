"""Fixtures of a real Kubernetes cluster: that of KUBECONFIG, or a private one that the processes
of a test run share."""

import fcntl
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devtools.kubernetes import cluster as clusters
from devtools.kubernetes.access import Access
from tests.foreign_kubernetes import ForeignCluster
from tests.requirements import unavailable

_EXPORT = "export KUBECONFIG="
_ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def kubernetes_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Access]:
    """The cluster that KUBECONFIG names, or else a private one. It has the image `busybox:latest`.

    A test that needs users of its own is skipped where KUBECONFIG's is not of `make kubernetes`.
    """
    named = os.environ.get("KUBECONFIG")
    if named:
        folder = Path(named).parent
        own = (folder / "ca.key").exists()
        yield Access(folder) if own else ForeignCluster(tmp_path_factory.mktemp("cluster"), named)
        return
    missing = clusters.missing()
    if missing:
        unavailable(missing)
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    with _shared(folder) as access:
        yield access


@pytest.fixture(scope="session")
def kubernetes_config(kubernetes_cluster: Access) -> Path:
    """The kubeconfig of `kubernetes_cluster`."""
    return kubernetes_cluster.kubeconfig


@pytest.fixture
def make_kubernetes_namespace(kubernetes_cluster: Access) -> Iterator[Callable[[], str]]:
    """Makes a namespace that admits pods, and answers its name; it is deleted after the test."""
    names: list[str] = []

    def make() -> str:
        names.append(f"test-{uuid.uuid4().hex[:8]}")
        kubernetes_cluster.make_namespace(names[-1])
        return names[-1]

    yield make
    for name in names:
        kubernetes_cluster.remove_namespace(name)


@pytest.fixture
def kubernetes_namespace(make_kubernetes_namespace: Callable[[], str]) -> str:
    """The name of a namespace of the test's own."""
    return make_kubernetes_namespace()


@contextmanager
def _shared(folder: Path) -> Iterator[Access]:
    """The cluster of all who name `folder`: the first starts it, it ends with the last of them."""
    use, output = folder / "kubernetes.use", folder / "kubernetes.out"
    with (folder / "kubernetes.start").open("w") as start, use.open("w") as held:
        fcntl.flock(start, fcntl.LOCK_EX)
        fcntl.flock(held, fcntl.LOCK_SH)
        access = _running(output) or _start(use, output)
        fcntl.flock(start, fcntl.LOCK_UN)
        yield access


def _start(use: Path, output: Path) -> Access:
    with output.open("w") as stdout, output.with_suffix(".err").open("w+") as stderr:
        server = subprocess.Popen(
            [sys.executable, "-m", "devtools.kubernetes", "run", "--while-locked", str(use)],
            cwd=_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
        )
        access = None
        while access is None and server.poll() is None:
            access = _running(output)
            time.sleep(0.1)
        if access is None:
            unavailable(f"no private Kubernetes cluster: {output.with_suffix('.err').read_text()}")
        return access


def _running(output: Path) -> Access | None:
    """The cluster that a server has written down, as long as it is there."""
    line = output.read_text() if output.exists() else ""
    if not (line.startswith(_EXPORT) and line.endswith("\n")):
        return None
    kubeconfig = Path(line.removeprefix(_EXPORT).strip())
    return Access(kubeconfig.parent) if kubeconfig.exists() else None
