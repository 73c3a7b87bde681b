"""What every `ServiceHost` owes its callers."""

from abc import ABC, abstractmethod
from dataclasses import replace

import pytest

from contctl.core.domain.gateway_plan import (
    EngineSocket,
    JoinGroup,
    MakeFolder,
    MakeGroup,
    MakeUser,
    Reload,
    Step,
    WriteFile,
)
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import ServiceHost

OWNER = "ct-service"
GROUP = "ct-callers"
ENGINE = "ct-engine"
FOREIGN = "nobody"


class Site(ABC):
    """A machine without systemd to install on, and what can be put on it and seen of it from
    outside. All paths are below `top`."""

    host: ServiceHost
    top: str

    @abstractmethod
    def members(self, group: str) -> set[str]:
        """Who is a member of the group beside those whose own group it is."""

    @abstractmethod
    def folder(self, path: str) -> tuple[int, str, str]:
        """A folder's mode, user and group."""

    @abstractmethod
    def content(self, path: str) -> str:
        """A file's content; its mode is 0644, and it is root's."""

    @abstractmethod
    def put_folder(self, path: str, mode: int, user: str) -> None:
        """Make a folder."""

    @abstractmethod
    def put_link(self, path: str) -> None:
        """Make a link to nothing."""

    @abstractmethod
    def put_socket(self, path: str, group: str, mode: int) -> None:
        """Make a Unix socket."""


class ServiceHostContract:
    """A subclass gives the fixture `site`."""

    @pytest.fixture
    def site(self) -> Site:
        raise NotImplementedError

    def test_accounts_are_made_once(self, site: Site) -> None:
        host = site.host
        assert host.user(OWNER) is None
        assert host.group_id(GROUP) is None
        steps: list[Step] = [
            MakeGroup(GROUP), MakeGroup(ENGINE), MakeUser(OWNER, GROUP), JoinGroup(OWNER, ENGINE),
        ]  # fmt: skip
        assert [host.perform(step) for step in steps] == [True] * 4
        user = host.user(OWNER)
        assert user is not None
        assert 0 < user.uid < 1000
        assert user.shell == "/usr/sbin/nologin"
        assert 0 < (host.group_id(GROUP) or 0) < 1000
        assert site.members(ENGINE) == {OWNER}
        assert [host.perform(step) for step in steps] == [False] * 4
        assert (host.user(OWNER), site.members(ENGINE)) == (user, {OWNER})

    def test_the_root_user_and_group_are_known(self, site: Site) -> None:
        user = site.host.user("root")
        assert user is not None
        assert user.uid == 0
        assert site.host.group_id("root") == 0
        assert site.host.uid == 0

    def test_a_program_that_fails_is_an_error(self, site: Site) -> None:
        site.host.perform(MakeGroup(ENGINE))
        for step in (JoinGroup("ct-nobody", ENGINE), JoinGroup("root", "ct-nothing"), Reload()):
            with pytest.raises(ContctlError) as caught:
                site.host.perform(step)
            assert caught.value.code is ErrorCode.FAILED
            assert "\n" not in caught.value.message

    def test_a_folder_is_made_and_mended(self, site: Site) -> None:
        host = site.host
        step = MakeFolder(f"{site.top}/data", 0o700, OWNER, GROUP)
        host.perform(MakeGroup(GROUP))
        host.perform(MakeUser(OWNER, GROUP))
        assert host.perform(step)
        assert site.folder(step.path) == (0o700, OWNER, GROUP)
        assert not host.perform(step)
        site.put_folder(f"{site.top}/loose", 0o777, "root")
        step = replace(step, path=f"{site.top}/loose")
        assert host.perform(step)
        assert site.folder(step.path) == (0o700, OWNER, GROUP)
        assert not host.perform(step)

    def test_what_is_anothers_is_refused(self, site: Site) -> None:
        host = site.host
        path = f"{site.top}/foreign"
        site.put_folder(path, 0o700, FOREIGN)
        with pytest.raises(ContctlError) as caught:
            host.perform(MakeFolder(path, 0o755, "root", "root"))
        assert caught.value.code is ErrorCode.CONFLICT
        assert site.folder(path)[:2] == (0o700, FOREIGN)

    def test_a_link_is_refused(self, site: Site) -> None:
        path = f"{site.top}/link"
        site.put_link(path)
        file = WriteFile(path, "x")
        for step in (MakeFolder(path, 0o755, "root", "root"), file, replace(file, keep=True)):
            with pytest.raises(ContctlError) as caught:
                site.host.perform(step)
            assert caught.value.code is ErrorCode.CONFLICT

    def test_a_file_is_written_and_brought_up_to_date(self, site: Site) -> None:
        host = site.host
        step = WriteFile(f"{site.top}/deep/below/unit", "one\n")
        assert host.perform(step)
        assert site.content(step.path) == "one\n"
        assert not host.perform(step)
        assert host.perform(replace(step, content="two\n"))
        assert site.content(step.path) == "two\n"

    def test_a_file_to_keep_is_left(self, site: Site) -> None:
        step = WriteFile(f"{site.top}/settings", "one\n", keep=True)
        assert site.host.perform(step)
        assert not site.host.perform(replace(step, content="two\n"))
        assert site.content(step.path) == "one\n"

    def test_who_may_open_a_socket(self, site: Site) -> None:
        host = site.host
        host.perform(MakeGroup(ENGINE))
        path = f"{site.top}/engine.sock"
        assert host.engine_socket(path) is None
        site.put_socket(path, ENGINE, 0o660)
        gid = host.group_id(ENGINE)
        assert gid is not None
        assert host.engine_socket(path) == EngineSocket(ENGINE, gid, True)
        site.put_socket(f"{site.top}/narrow.sock", "root", 0o600)
        assert host.engine_socket(f"{site.top}/narrow.sock") == EngineSocket("root", 0, False)
        host.perform(WriteFile(f"{site.top}/file", ""))
        assert host.engine_socket(f"{site.top}/file") is None

    def test_the_program(self, site: Site) -> None:
        parts = site.host.program_parts()
        assert len(parts) == 3
        assert all(part.startswith("/") for part in parts)
        assert site.host.has_modules([])
        assert not site.host.has_modules(["contctl_has_no_such_module"])
