"""Archives of hostile containers: whatever they hold, nothing else than the destination changes."""

import io
import os
import stat
import tarfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contctl.commands.container.unpacking import Reader, unpack
from contctl.core.errors import ContctlError, ErrorCode

KINDS = {
    "dir": tarfile.DIRTYPE,
    "link": tarfile.SYMTYPE,
    "hard": tarfile.LNKTYPE,
    "fifo": tarfile.FIFOTYPE,
    "char": tarfile.CHRTYPE,
    "block": tarfile.BLKTYPE,
}
Entry = tuple[str, ...]


def tar(*entries: Entry, mode: int = 0o644) -> bytes:
    """An archive of (`file`, name, content) and (kind, name[, target])."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for kind, name, *rest in entries:
            entry = tarfile.TarInfo(name)
            entry.mode = mode
            content = b""
            if kind == "file":
                content = rest[0].encode()
                entry.size = len(content)
            else:
                entry.type = KINDS[kind]
                entry.linkname = rest[0] if rest else ""
            archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def unpacked(folder: Path, content: bytes, piece: int = 1000) -> ContctlError | None:
    pieces = (content[at : at + piece] for at in range(0, len(content), piece))
    try:
        unpack(Reader(pieces), str(folder), lambda name: name)
    except ContctlError as error:
        return error
    return None


def outside(folder: Path) -> list[tuple[object, ...]]:
    """All of `folder` but the destination in it."""
    found = []
    for at, _, names in os.walk(folder):
        if Path(at).is_relative_to(folder / "to"):
            continue
        for name in [".", *names]:
            path = Path(at, name)
            facts = path.lstat()
            content = path.read_bytes() if path.is_file() else b""
            found.append((str(path), facts.st_mode, facts.st_mtime_ns, facts.st_nlink, content))
    return sorted(found, key=str)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return furnished(tmp_path)


def furnished(folder: Path) -> Path:
    """A folder with a destination `to` and what must not change beside it."""
    (folder / "to").mkdir()
    (folder / "secret").mkdir()
    (folder / "secret" / "key").write_text("untouched")
    (folder / "file").write_text("untouched")
    (folder / "to" / "own").symlink_to("../secret")
    (folder / "to" / "kept").symlink_to("../file")
    os.utime(folder, (1, 1))
    os.utime(folder / "secret", (1, 1))
    return folder


ATTACKS: dict[str, tuple[Entry, ...]] = {
    "a path upwards": (("file", "../file", "evil"),),
    "a path upwards later": (("file", "a/../../file", "evil"),),
    "a link upwards": (("link", "x", "../secret"),),
    "a deep link upwards": (("dir", "a"), ("link", "a/x", "../../secret")),
    "through an absolute link": (("link", "x", "{}/secret"), ("file", "x/key", "evil")),
    "through a link of the user's": (("file", "own/key", "evil"),),
    "below a link of the user's": (("file", "own/new/key", "evil"),),
    "a folder over a link": (("link", "x", "{}/secret"), ("dir", "x"), ("file", "x/key", "evil")),
    "a hard link upwards": (("hard", "x", "../secret/key"),),
    "a hard link through a link": (("link", "x", "{}/secret"), ("hard", "y", "x/key")),
    "a hard link through the user's": (("hard", "y", "own/key"), ("file", "y", "evil")),
    "a link for a folder": (("dir", "a"), ("link", "a", "{}/secret")),
    "a device": (("char", "null"),),
    "a disk": (("block", "disk"),),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_leads_out_is_refused(place: Path, attack: str) -> None:
    before = outside(place)
    entries = [tuple(part.format(place) for part in entry) for entry in ATTACKS[attack]]
    error = unpacked(place / "to", tar(*entries))
    assert error is not None
    assert error.code is ErrorCode.CONFLICT
    assert outside(place) == before


def test_an_absolute_path_is_the_containers(place: Path) -> None:
    assert unpacked(place / "to", tar(("file", "/etc/passwd", "inside"))) is None
    assert (place / "to" / "etc" / "passwd").read_text() == "inside"


def test_what_was_there_is_replaced_and_never_written_through(place: Path) -> None:
    before = outside(place)
    os.link(place / "secret" / "key", place / "to" / "linked")
    linked = outside(place)
    content = tar(("file", "kept", "new"), ("file", "own", "new"), ("file", "linked", "new"))
    assert unpacked(place / "to", content) is None
    assert [(place / "to" / name).read_text() for name in ("kept", "own", "linked")] == ["new"] * 3
    assert outside(place) == before != linked


def test_modes_are_the_containers_but_for_set_id(place: Path) -> None:
    assert unpacked(place / "to", tar(("file", "tool", "x"), mode=0o6755)) is None
    assert stat.S_IMODE((place / "to" / "tool").lstat().st_mode) == 0o755


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["file", "dir", "link", "hard", "fifo"]),
            st.lists(st.sampled_from(["a", "b", "own", "..", "."]), min_size=1, max_size=3),
            st.sampled_from(["a", "b", "../a", "../../secret", "own/key", "{}/secret", "/", "."]),
        ),
        max_size=6,
    )
)
def test_no_archive_touches_anything_outside(
    tmp_path_factory: pytest.TempPathFactory, entries: list[tuple[str, list[str], str]]
) -> None:
    place = furnished(tmp_path_factory.mktemp("place"))
    before = outside(place)
    content = tar(
        *((kind, "/".join(parts), target.format(place)) for kind, parts, target in entries),
        mode=0o755,
    )
    unpacked(place / "to", content)
    assert outside(place) == before


@pytest.mark.parametrize("broken", ["garbage", "cut", "empty", "huge header", "number"])
def test_what_is_no_archive(place: Path, broken: str) -> None:
    good = tar(("file", "a", "x" * 5000))
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 1 << 40
    content = {
        "garbage": b"banana" * 1000,
        "cut": good[:3000],
        "empty": b"",
        "huge header": header.tobuf(tarfile.GNU_FORMAT) + b"x" * 5000,
        "number": good[:136] + b"\xff" * 12 + good[148:],
    }[broken]
    error = unpacked(place / "to", content)
    assert error is not None
    assert error.code is ErrorCode.FAILED
    assert error.message == "what came out of the container is no whole archive"
    assert not (place / "to" / "a").exists()


def test_large_archives_take_little_memory(place: Path) -> None:
    def pieces() -> Iterator[bytes]:
        for number in range(3000):
            yield tarfile.TarInfo(f"d/{number % 7}/{number}").tobuf()
        large = tarfile.TarInfo("large")
        large.size = 100 * 1024 * 1024
        yield large.tobuf()
        for _ in range(100):
            yield bytes(1024 * 1024)
        yield bytes(1024)

    tracemalloc.start()
    try:
        unpack(Reader(pieces()), str(place / "to"), lambda name: name)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (place / "to" / "large").stat().st_size == 100 * 1024 * 1024
    assert peak < 16 * 1024 * 1024


@pytest.mark.parametrize("content", [b"", b"x" * 600])
def test_a_negative_size(tmp_path: Path, content: bytes) -> None:
    header = bytearray(tar(("file", "note", ""))[:512])
    header[124:136] = (-512).to_bytes(12, "big", signed=True)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    error = unpacked(tmp_path, bytes(header) + content)
    assert error is not None
    assert error.code is ErrorCode.FAILED
    assert os.listdir(tmp_path) == []
