"""The file system of this machine, and the one in memory, keep the contract."""

import os
import shutil
import tempfile
from collections.abc import Iterator

import pytest

from contctl.backends.host_paths import LocalPaths
from tests.contracts.host_paths import HostPathsContract, Tree
from tests.fakes.host_paths import Entry, FakeHostPaths
from tests.requirements import unavailable


class FakeTree(Tree):
    def __init__(self) -> None:
        self.fake = self.paths = FakeHostPaths()
        self.top = "/top"
        self.fake.add(self.top, Entry("folder"))

    def folder(self, name: str, mode: int = 0o755, owner: int = 0) -> str:
        return self._add(name, Entry("folder", mode, owner))

    def file(self, name: str, mode: int = 0o644, owner: int = 0) -> str:
        return self._add(name, Entry("file", mode, owner))

    def link(self, name: str, target: str) -> str:
        del target
        return self._add(name, Entry("link"))

    def fifo(self, name: str) -> str:
        return self._add(name, Entry("fifo", 0o600))

    def _add(self, name: str, entry: Entry) -> str:
        path = f"{self.top}/{name}"
        self.fake.add(path, entry)
        return path


class RealTree(Tree):
    def __init__(self, top: str) -> None:
        self.paths = LocalPaths()
        self.top = top

    def folder(self, name: str, mode: int = 0o755, owner: int = 0) -> str:
        path = f"{self.top}/{name}"
        os.mkdir(path)
        return self._given(path, mode, owner)

    def file(self, name: str, mode: int = 0o644, owner: int = 0) -> str:
        path = f"{self.top}/{name}"
        with open(path, "xb"):
            return self._given(path, mode, owner)

    def link(self, name: str, target: str) -> str:
        path = f"{self.top}/{name}"
        os.symlink(target, path)
        return path

    def fifo(self, name: str) -> str:
        path = f"{self.top}/{name}"
        os.mkfifo(path)
        return self._given(path, 0o600, 0)

    def _given(self, path: str, mode: int, owner: int) -> str:
        os.chown(path, owner, -1)
        os.chmod(path, mode)
        return path


class TestInMemory(HostPathsContract):
    @pytest.fixture
    def tree(self) -> Tree:
        return FakeTree()


class TestThisMachine(HostPathsContract):
    @pytest.fixture
    def tree(self) -> Iterator[Tree]:
        """Below a folder in which, unlike /tmp, only root may make one."""
        if os.geteuid() != 0:
            unavailable("making files of root's needs root")
        top = tempfile.mkdtemp(prefix="contctl-test-", dir="/var/lib")
        os.chmod(top, 0o755)
        yield RealTree(top)
        shutil.rmtree(top)
