"""Contexts in memory, and in files, keep the contracts."""

import hashlib
import json
from pathlib import Path

import pytest

from contctl.backends.docker.contexts import DockersOwnContexts
from contctl.backends.places import PlacesOfThisUser
from contctl.core.ports import ContextStore
from tests.contracts.contexts import (
    ContextStoreContract,
    Docker,
    DockerContextsContract,
    Surroundings,
)
from tests.fakes.contexts import FakeContextStore, FakeDockerContexts


class FakeSurroundings(Surroundings):
    def __init__(self) -> None:
        self.environ = {}
        self._store = FakeContextStore(self.environ)

    @property
    def store(self) -> ContextStore:
        return self._store

    def make_socket(self) -> None:
        self._store.is_there = True


class RealSurroundings(Surroundings):
    def __init__(self, folder: Path) -> None:
        self.environ = {}
        self._folder = folder

    @property
    def store(self) -> ContextStore:
        return PlacesOfThisUser(self._folder / "config", self.environ, str(self._folder / "sock"))

    def make_socket(self) -> None:
        (self._folder / "sock").touch()


class FakeDocker(Docker):
    def __init__(self) -> None:
        self.environ = {}
        self.contexts = self.fake = FakeDockerContexts(self.environ)

    def make(self, name: str, address: str | None) -> None:
        self.fake.engines[name] = address

    def use(self, name: str) -> None:
        self.fake.chosen = name


class RealDocker(Docker):
    def __init__(self, home: Path) -> None:
        self.environ = {"HOME": str(home)}
        self.contexts = DockersOwnContexts(self.environ)
        self._folder = home / ".docker"
        self._folder.mkdir()

    def make(self, name: str, address: str | None) -> None:
        digest = hashlib.sha256(name.encode()).hexdigest()
        entry = self._folder / "contexts" / "meta" / digest
        entry.mkdir(parents=True)
        endpoints = {"docker": {"Host": address}} if address else {}
        meta = {"Name": name, "Metadata": {}, "Endpoints": endpoints}
        (entry / "meta.json").write_text(json.dumps(meta))

    def use(self, name: str) -> None:
        (self._folder / "config.json").write_text(json.dumps({"currentContext": name}))


class TestContextsInMemory(ContextStoreContract):
    @pytest.fixture
    def here(self) -> Surroundings:
        return FakeSurroundings()


class TestContextsInAFile(ContextStoreContract):
    @pytest.fixture
    def here(self, tmp_path: Path) -> Surroundings:
        return RealSurroundings(tmp_path)


class TestDockersInMemory(DockerContextsContract):
    @pytest.fixture
    def docker(self) -> Docker:
        return FakeDocker()


class TestDockersOwn(DockerContextsContract):
    @pytest.fixture
    def docker(self, tmp_path: Path) -> Docker:
        return RealDocker(tmp_path)
