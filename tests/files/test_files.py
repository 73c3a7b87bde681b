"""Private files: modes, links, owners, and what a crash or a crowd leaves."""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from contctl.backends import files
from contctl.core.errors import ContctlError, ErrorCode


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A private folder."""
    files.ensure_folder(tmp_path / "private")
    return tmp_path / "private"


@pytest.fixture(params=[0o000, 0o022, 0o777], ids=oct)
def any_umask(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    """A folder made under the usual umask; each umask in turn comes after it."""
    before = os.umask(request.param)
    yield tmp_path
    os.umask(before)


def refusal(work: Callable[[], object]) -> str | None:
    """The reason of the ContctlError STORE that `work` raises."""
    with pytest.raises(ContctlError) as caught:
        work()
    assert caught.value.code is ErrorCode.STORE
    assert caught.value.message.isprintable()
    return caught.value.reason


def mode(path: Path) -> int:
    """The permission bits."""
    return path.lstat().st_mode & 0o7777


def test_modes_do_not_depend_on_the_umask(any_umask: Path) -> None:
    folder = any_umask / "a" / "b"
    files.ensure_folder(folder)
    assert files.create_private(folder / "created", b"1")
    files.replace_private(folder / "replaced", b"2")
    files.create_empty(folder / "empty")
    assert mode(any_umask / "a") == mode(folder) == 0o700
    assert {path.name: mode(path) for path in folder.iterdir()} == {
        "created": 0o600,
        "replaced": 0o600,
        "empty": 0o600,
    }


def test_creates_once(folder: Path) -> None:
    assert files.create_private(folder / "file", b"first")
    assert not files.create_private(folder / "file", b"second")
    assert files.read_private(folder / "file") == b"first"
    assert os.listdir(folder) == ["file"]


def test_replaces(folder: Path) -> None:
    for content in (b"first", b"second", b""):
        files.replace_private(folder / "file", content)
        assert files.read_private(folder / "file") == content
    assert os.listdir(folder) == ["file"]


def test_a_link_is_replaced_and_not_followed(folder: Path) -> None:
    (folder / "elsewhere").write_bytes(b"kept")
    (folder / "file").symlink_to("elsewhere")
    assert not files.create_private(folder / "file", b"new")
    files.replace_private(folder / "file", b"new")
    assert files.read_private(folder / "file") == b"new"
    assert (folder / "elsewhere").read_bytes() == b"kept"


def test_a_draft_that_a_killed_writer_left_is_cleared_away(folder: Path) -> None:
    draft = folder / ".file.new"
    draft.write_bytes(b"left over")
    draft.chmod(0o666)
    files.replace_private(folder / "file", b"new")
    assert os.listdir(folder) == ["file"]
    assert mode(folder / "file") == 0o600


def test_what_is_written_to_be_read_is_gone_afterwards(folder: Path) -> None:
    for name in ("probe", ".probe.new"):
        (folder / name).write_bytes(b"left over by a killed writer")
    assert files.written_and_read(folder / "probe", b"content") == b"content"
    assert os.listdir(folder) == []


def test_many_write_and_read_one_file_at_once(folder: Path) -> None:
    contents = [str(number).encode() * 1000 for number in range(24)]
    with ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda each: files.written_and_read(folder / "probe", each), contents)
        assert list(found) == contents
    assert os.listdir(folder) == []


def test_an_empty_file_is_made_once(folder: Path) -> None:
    files.create_empty(folder / "file")
    assert files.read_private(folder / "file") == b""
    refusal(lambda: files.create_empty(folder / "file"))


def test_moves_and_removes(folder: Path) -> None:
    files.create_private(folder / "file", b"1")
    files.move(folder / "file", folder / "moved")
    assert files.read_private(folder / "moved") == b"1"
    files.remove(folder / "moved")
    files.remove(folder / "moved")
    assert os.listdir(folder) == []


def test_what_is_not_there_is_absent(folder: Path) -> None:
    for work in (files.read_private, files.read_trusted, files.check_file, files.check_folder):
        assert refusal(lambda work=work: work(folder / "nothing")) == "absent"  # type: ignore[misc]


def _link(path: Path) -> None:
    files.create_private(path.with_name("elsewhere"), b"")
    path.symlink_to("elsewhere")


def _second_name(path: Path) -> None:
    files.create_private(path, b"")
    path.with_name("elsewhere").hardlink_to(path)


def _fifo(path: Path) -> None:
    os.mkfifo(path, 0o600)


def _folder(path: Path) -> None:
    path.mkdir(0o700)


def _readable(path: Path) -> None:
    path.write_bytes(b"")
    path.chmod(0o640)


@pytest.mark.parametrize("place", [_link, _second_name, _fifo, _folder, _readable])
def test_what_is_no_private_file_is_refused(folder: Path, place: Callable[[Path], None]) -> None:
    place(folder / "file")
    assert refusal(lambda: files.check_file(folder / "file")) == "not-private"
    assert refusal(lambda: files.read_private(folder / "file")) == "not-private"


@pytest.mark.parametrize("bits", [0o755, 0o770, 0o701])
def test_a_shared_folder_is_refused(folder: Path, bits: int) -> None:
    folder.chmod(bits)
    assert refusal(lambda: files.check_folder(folder)) == "not-private"
    assert refusal(lambda: files.ensure_folder(folder)) == "not-private"
    assert mode(folder) == bits


def test_a_link_to_a_folder_is_refused(folder: Path) -> None:
    folder.with_name("link").symlink_to(folder)
    assert refusal(lambda: files.ensure_folder(folder.with_name("link"))) == "not-private"


@pytest.mark.parametrize("bits", [0o777, 0o775, 0o757])
def test_a_folder_that_others_may_exchange_is_refused(folder: Path, bits: int) -> None:
    files.ensure_folder(folder / "inner")
    folder.chmod(bits)
    assert refusal(lambda: files.check_folder(folder / "inner")) == "not-private"


def test_a_folder_in_a_sticky_one_is_not_refused(folder: Path) -> None:
    files.ensure_folder(folder / "inner")
    folder.chmod(0o1777)
    files.check_folder(folder / "inner")


def test_a_trusted_file_may_be_a_link_or_readable(folder: Path) -> None:
    _readable(folder / "file")
    (folder / "link").symlink_to("file")
    assert files.read_trusted(folder / "link") == b""


def test_a_trusted_file_may_not_be_written_by_others(folder: Path) -> None:
    _readable(folder / "file")
    (folder / "file").chmod(0o620)
    assert refusal(lambda: files.read_trusted(folder / "file")) == "not-private"


def test_no_more_than_the_limit_is_read(folder: Path) -> None:
    files.create_private(folder / "file", b"12345")
    assert files.read_private(folder / "file", limit=5) == b"12345"
    refusal(lambda: files.read_private(folder / "file", limit=4))


def test_one_writer_at_a_time(folder: Path) -> None:
    with files.exclusive(folder):
        assert refusal(lambda: files.exclusive(folder, 0.05).__enter__()) == "locked"
    with files.exclusive(folder, 0):
        pass


def test_a_writer_waits_for_the_other_one(folder: Path) -> None:
    writer = threading.Thread(target=files.replace_private, args=(folder / "file", b"late"))
    with files.exclusive(folder):
        writer.start()
        writer.join(0.1)
        assert writer.is_alive()
        assert os.listdir(folder) == []
    writer.join(10)
    assert files.read_private(folder / "file") == b"late"


def test_of_many_creators_one_wins(folder: Path) -> None:
    won: list[bool] = []
    creators = [
        threading.Thread(
            target=lambda: won.append(files.create_private(folder / "file", b"content"))
        )
        for _ in range(20)
    ]
    for creator in creators:
        creator.start()
    for creator in creators:
        creator.join(10)
    assert sorted(won) == [False] * 19 + [True]


def test_a_file_that_is_replaced_while_it_is_read(folder: Path) -> None:
    path = folder / "file"
    files.replace_private(path, b"0")

    def replace() -> None:
        for number in range(300):
            files.replace_private(path, b"%d" % number)

    writing = threading.Thread(target=replace)
    writing.start()
    seen = set()
    while writing.is_alive():
        seen.add(int(files.read_private(path)))
    writing.join()
    assert len(seen) > 1
