"""This machine, as its user `nobody` reaches it, and the one in memory, keep the contract."""

import os
import pickle
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest

from contctl.backends.host_access import LocalAccess
from contctl.core.domain.host_access import Access
from tests.contracts.host_access import Host, HostAccessContract
from tests.fakes.host_access import FakeHostAccess, Thing
from tests.requirements import unavailable

T = TypeVar("T")
NOBODY = 65534
GID = 4242


class FakeHost(Host):
    def __init__(self) -> None:
        self.access = self.fake = FakeHostAccess()
        self.top = "/top"
        self.gid = GID

    def socket(self, name: str, *, open: bool, served: bool = True) -> str:
        del served
        return self._add(name, open)

    def file(self, name: str, *, open: bool) -> str:
        return self._add(name, open)

    def folder(self, name: str, *, open: bool) -> str:
        return self._add(name, open)

    def _add(self, name: str, open: bool) -> str:
        path = f"{self.top}/{name}"
        self.fake.things[path] = Thing(open, self.gid)
        return path


class AsNobody:
    """LocalAccess in a process that has become `nobody`; one for each question."""

    @property
    def uid(self) -> int:
        return _as_nobody(lambda access: access.uid)

    def groups(self) -> dict[int, str]:
        return _as_nobody(lambda access: access.groups())

    def open_socket(self, path: str) -> Access:
        return _as_nobody(lambda access: access.open_socket(path))

    def group_of(self, path: str) -> int | None:
        return _as_nobody(lambda access: access.group_of(path))

    def read(self, path: str) -> Access:
        return _as_nobody(lambda access: access.read(path))

    def engine_addresses(self) -> tuple[str, ...]:
        return _as_nobody(lambda access: access.engine_addresses())


def _as_nobody(ask: Callable[[LocalAccess], T]) -> T:
    near, far = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            os.write(far, pickle.dumps(ask(LocalAccess(tuple))))
        finally:
            os._exit(0)
    os.close(far)
    with open(near, "rb") as answer:
        content = answer.read()
    os.waitpid(child, 0)
    found: T = pickle.loads(content)
    return found


class RealHost(Host):
    def __init__(self, top: str) -> None:
        self.access = AsNobody()
        self.top = top
        self.gid = GID
        self.servers: list[socket.socket] = []

    def socket(self, name: str, *, open: bool, served: bool = True) -> str:
        path = f"{self.top}/{name}"
        server = socket.socket(socket.AF_UNIX)
        self.servers.append(server)
        server.bind(path)
        if served:
            server.listen()
        return self._given(path, 0o666 if open else 0o660)

    def file(self, name: str, *, open: bool) -> str:
        path = f"{self.top}/{name}"
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
        return self._given(path, 0o644 if open else 0o640)

    def folder(self, name: str, *, open: bool) -> str:
        path = f"{self.top}/{name}"
        os.mkdir(path)
        return self._given(path, 0o755 if open else 0o750)

    def _given(self, path: str, mode: int) -> str:
        os.chown(path, 0, self.gid)
        os.chmod(path, mode)
        return path


class TestInMemory(HostAccessContract):
    @pytest.fixture
    def host(self) -> Host:
        return FakeHost()


class TestThisMachine(HostAccessContract):
    @pytest.fixture
    def host(self) -> Iterator[Host]:
        if os.geteuid() != 0:
            unavailable("becoming another user needs root")
        top = tempfile.mkdtemp(prefix="contctl-test-")
        os.chmod(top, 0o755)
        host = RealHost(top)
        yield host
        for server in host.servers:
            server.close()
        shutil.rmtree(top)


def test_root_is_let_in_everywhere(tmp_path: object) -> None:
    if os.geteuid() != 0:
        unavailable("this is about root")
    access = LocalAccess(tuple)
    assert (access.uid, access.groups()[0]) == (0, "root")
    assert access.read(str(tmp_path)) is Access.OPEN


@pytest.mark.parametrize("path", ["", "x\0y", "/" + "x" * 300])
def test_what_tells_nothing_counts_as_open(path: str) -> None:
    """What was not seen to be closed is not called so."""
    access = LocalAccess(tuple)
    assert access.open_socket(path) in (Access.OPEN, Access.ABSENT)
    assert access.group_of(path) is None
