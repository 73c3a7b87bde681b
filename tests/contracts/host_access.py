"""What every `HostAccess` owes its callers."""

from abc import ABC, abstractmethod

import pytest

from contctl.core.domain.host_access import Access
from contctl.core.ports import HostAccess


class Host(ABC):
    """A host as an ordinary user reaches it. gid: the group of what is made here.

    open: whether that user may open it.
    """

    access: HostAccess
    top: str
    gid: int

    @abstractmethod
    def socket(self, name: str, *, open: bool, served: bool = True) -> str:
        """Make a socket; its path. served: whether somebody listens."""

    @abstractmethod
    def file(self, name: str, *, open: bool) -> str:
        """Make a plain file; its path."""

    @abstractmethod
    def folder(self, name: str, *, open: bool) -> str:
        """Make a folder; its path."""


class HostAccessContract:
    """A subclass gives the fixture `host`."""

    @pytest.fixture
    def host(self) -> Host:
        raise NotImplementedError

    def test_an_ordinary_user(self, host: Host) -> None:
        assert host.access.uid == 65534
        groups = host.access.groups()
        assert groups
        assert host.gid not in groups
        assert all(isinstance(name, str) and name for name in groups.values())

    @pytest.mark.parametrize("served", [True, False])
    def test_sockets(self, host: Host, served: bool) -> None:
        assert host.access.open_socket(host.socket("a", open=True, served=served)) is Access.OPEN
        assert host.access.open_socket(host.socket("b", open=False, served=served)) is Access.DENIED

    def test_files(self, host: Host) -> None:
        assert host.access.read(host.file("a", open=True)) is Access.OPEN
        assert host.access.read(host.file("b", open=False)) is Access.DENIED

    def test_folders(self, host: Host) -> None:
        assert host.access.read(host.folder("a", open=True)) is Access.OPEN
        assert host.access.read(host.folder("b", open=False)) is Access.DENIED

    def test_what_is_in_a_closed_folder(self, host: Host) -> None:
        host.folder("closed", open=False)
        file, socket = host.file("closed/a", open=True), host.socket("closed/b", open=True)
        assert host.access.read(file) is Access.DENIED
        assert host.access.open_socket(socket) is Access.DENIED
        assert host.access.group_of(file) is None

    def test_what_is_not_there(self, host: Host) -> None:
        path = f"{host.top}/absent"
        assert host.access.read(path) is Access.ABSENT
        assert host.access.open_socket(path) is Access.ABSENT
        assert host.access.group_of(path) is None

    def test_whose_group_it_is(self, host: Host) -> None:
        assert host.access.group_of(host.socket("a", open=False)) == host.gid
