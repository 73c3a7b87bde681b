"""FileCredentialStore: its contract, and what may not stand in a file's place."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from contctl.backends.credential_file import FileCredentialStore
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import CredentialStore
from tests.contracts.credential_store import CredentialStoreContract, credential
from tests.fakes.credentials import FakeCredentialStore

AUTHORITY = "f3b0a1de-2f0b-4a55-9b35-0a1a6c1b7d11"


class TestFileCredentialStore(CredentialStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> CredentialStore:
        return FileCredentialStore(tmp_path / "data" / "credentials")


class TestFakeCredentialStore(CredentialStoreContract):
    @pytest.fixture
    def store(self) -> CredentialStore:
        return FakeCredentialStore()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a store that keeps one credential."""
    found = tmp_path / "credentials"
    FileCredentialStore(found).write(AUTHORITY, credential())
    return found


def assert_refused(store: FileCredentialStore, authority: str = AUTHORITY) -> None:
    calls: list[Callable[[], object]] = [
        lambda: store.read(authority),
        lambda: store.write(authority, credential(2)),
        lambda: store.delete(authority),
    ]
    for call in calls:
        with pytest.raises(ContctlError) as caught:
            call()
        assert caught.value.code is ErrorCode.STORE


def test_is_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        FileCredentialStore(tmp_path / "a" / "b").write(AUTHORITY, credential())
    finally:
        os.umask(before)
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o700
    (file,) = (tmp_path / "a" / "b").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


def test_reading_makes_nothing(tmp_path: Path) -> None:
    store = FileCredentialStore(tmp_path / "credentials")
    assert store.read(AUTHORITY) is None
    store.delete(AUTHORITY)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("left", ["probe", ".probe.new"])
def test_the_probe_leaves_nothing_not_even_of_a_killed_one(folder: Path, left: str) -> None:
    (folder / left).write_bytes(b"left over")
    FileCredentialStore(folder).probe()
    assert [file.name for file in folder.iterdir()] == [f"{AUTHORITY}.json"]


@pytest.mark.parametrize(
    "authority",
    [
        "",
        ".",
        "..",
        "../other",
        "/etc/passwd",
        f"{AUTHORITY}\n",
        f"{AUTHORITY}/",
        AUTHORITY.upper(),
        AUTHORITY.replace("-", ""),
        "\0",
        "\ud800",
        "a" * 36,
        f"../{AUTHORITY}",
    ],
)
def test_only_a_uuid_becomes_a_file_name(folder: Path, authority: str) -> None:
    assert_refused(FileCredentialStore(folder), authority)
    assert len(list(folder.iterdir())) == 1


def _link(path: Path) -> None:
    target = path.with_name("target")
    path.rename(target)
    path.symlink_to(target)


def _dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to("nowhere")


def _fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path, 0o600)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir(0o700)


@pytest.mark.parametrize(
    "swap",
    [
        _link,
        _dangling,
        _fifo,
        _folder,
        lambda path: path.with_name("second").hardlink_to(path),
        lambda path: path.chmod(0o640),
        lambda path: path.chmod(0o604),
        lambda path: path.parent.chmod(0o755),
        lambda path: path.parent.chmod(0o770),
    ],
    ids=["link", "dangling", "fifo", "folder", "hard link", "group", "others", "0755", "0770"],
)
def test_what_is_not_private_is_refused(folder: Path, swap: Callable[[Path], None]) -> None:
    swap(folder / f"{AUTHORITY}.json")
    assert_refused(FileCredentialStore(folder))


def test_another_users_folder_is_refused(folder: Path) -> None:
    if os.geteuid() == 0:
        os.chown(folder, 65534, 65534)
    else:
        folder = Path("/etc")
    assert_refused(FileCredentialStore(folder))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"garbage",
        b"\xff\xfe",
        b"{" * 60_000,
        b"x" * 70_000,
        '{"access":"ä","refresh":"r","gen":1}'.encode(),
        b'{"access":1,"refresh":"r","gen":1}',
        b'{"access":"a","refresh":"r","gen":true}',
        b'{"access":"a","refresh":"r"}',
    ],
    ids=range(12),
)
def test_a_damaged_file_is_an_error(folder: Path, content: bytes) -> None:
    (folder / f"{AUTHORITY}.json").write_bytes(content)
    store = FileCredentialStore(folder)
    with pytest.raises(ContctlError) as caught:
        store.read(AUTHORITY)
    assert caught.value.code is ErrorCode.STORE
    store.write(AUTHORITY, credential(2))
    assert store.read(AUTHORITY) == credential(2)
