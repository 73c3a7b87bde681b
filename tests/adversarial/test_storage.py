"""The store on disk: modes, foreign hands, read-only and full disks, links and FIFOs."""

import os
import sqlite3
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.adversarial.homes import no_engine
from tests.adversarial.refusals import assert_refused
from tests.e2e.machine import CONTCTL, PASSWORD, SECONDS, Machine
from tests.e2e.unprivileged import NOBODY, Unprivileged
from tests.requirements import unavailable
from tests.small_disks import small_disk_at

LINE = PASSWORD.encode()
CHANGES = (
    ("user", "add", "bob", "--password-stdin"),
    ("user", "disable", "eve"),
    ("user", "rm", "eve"),
    ("user", "passwd", "--password-stdin"),
    ("token", "create", "deploy"),
    ("refresh",),
    ("login", "ada", "--password-stdin"),
    ("logout",),
)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """The root of a file system of 512 KiB."""
    with small_disk_at(tmp_path / "disk", 512) as point:
        yield point


@pytest.mark.parametrize("umask", [0o000, 0o777, 0o277])
def test_umask_000_or_any_other(tmp_path: Path, umask: int) -> None:
    machine = no_engine(tmp_path)
    for args in (
        ("init", "--username", "ada", "--password-stdin"),
        ("login", "ada", "--password-stdin"),
        ("refresh",),
        ("user", "add", "bob", "--password-stdin"),
    ):
        done = subprocess.run(
            [CONTCTL, *args],
            env=machine.environment(),
            input=LINE,
            capture_output=True,
            check=False,
            timeout=SECONDS,
            umask=umask,
        )
        assert done.returncode == 0, done.stderr
    home = tmp_path / "contctl"
    found = {path.relative_to(home): path.lstat() for path in [home, *home.rglob("*")]}
    files = {str(path) for path, about in found.items() if stat.S_ISREG(about.st_mode)}
    assert {"contctl.db", "keys/signing.json", "keys/initialised"} < files
    for path, about in found.items():
        expected = 0o700 if stat.S_ISDIR(about.st_mode) else 0o600
        assert (path, oct(stat.S_IMODE(about.st_mode))) == (path, oct(expected))


@pytest.mark.parametrize(("folder", "file"), [(0o700, 0o400), (0o500, 0o600)])
def test_a_read_only_store(unprivileged: Unprivileged, folder: int, file: int) -> None:
    home = unprivileged.home / "contctl"
    paths = [home, *home.rglob("*")]
    for path in reversed(paths):
        path.chmod(folder if path.is_dir() else file)
    assert unprivileged.done("whoami") == "ada\n"
    assert unprivileged.done("user", "ls").split()[4] == "ada"
    assert unprivileged.run("ps").code == 7
    for change in CHANGES:
        assert_refused(unprivileged.run(*change, stdin=LINE), 9)
    for path in paths:
        path.chmod(0o700 if path.is_dir() else 0o600)
    assert unprivileged.done("whoami") == "ada\n"
    unprivileged.done("refresh")
    assert "eve" in unprivileged.done("user", "ls")


def test_a_full_disk_at_each_command(small_disk: Path) -> None:
    machine = no_engine(small_disk)
    machine.init()
    machine.done("user", "add", "eve", "--password-stdin", stdin=LINE)
    found = os.statvfs(small_disk)
    with open(small_disk / "filler", "wb") as filler:
        filler.write(b"\0" * (found.f_bavail * found.f_frsize))
    for change in CHANGES:
        assert_refused(machine.run(*change, stdin=LINE), 9)
    assert machine.done("whoami") == "ada\n"
    assert "eve" in machine.done("user", "ls")
    assert machine.run("ps").code == 7
    (small_disk / "filler").unlink()
    assert machine.done("whoami") == "ada\n"
    machine.done("refresh")
    assert machine.done("whoami") == "ada\n"
    machine.done("user", "rm", "eve")
    connection = sqlite3.connect(small_disk / "contctl" / "contctl.db")
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()


def _as_link(path: Path) -> None:
    away = path.with_name(f"{path.name}.away")
    path.rename(away)
    path.symlink_to(away)


def _as_fifo(path: Path) -> None:
    path.rename(path.with_name(f"{path.name}.away"))
    os.mkfifo(path, 0o600)


def _as_second_name(path: Path) -> None:
    os.link(path, path.with_name(f"{path.name}.away"))


def _as_dangling_link(path: Path) -> None:
    path.rename(path.with_name(f"{path.name}.away"))
    path.symlink_to(path.with_name("nowhere"))


FILES = [
    "contctl.db",
    "keys/signing.json",
    "keys/initialised",
    "credentials/*.json",
    "credential-stores.json",
]
FOLDERS = ["", "keys", "credentials", "credentials.lock"]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """One machine for the tests that put back what they took away; it uses its record of logins."""
    machine = no_engine(tmp_path_factory.mktemp("kept"))
    del machine.environ["CONTCTL_CREDENTIAL_STORE"]
    machine.done("init", "--username", "ada", "--password-stdin", stdin=LINE)
    machine.done("login", "ada", "--store", "file", "--password-stdin", stdin=LINE)
    return machine


def put_back(path: Path) -> None:
    """Undo a swap."""
    path.unlink()
    path.with_name(f"{path.name}.away").rename(path)


@pytest.mark.parametrize("swap", [_as_link, _as_fifo, _as_second_name, _as_dangling_link])
@pytest.mark.parametrize("pattern", FILES)
def test_links_and_fifos_swapped_in(
    kept: Machine, pattern: str, swap: Callable[[Path], None]
) -> None:
    (path,) = (kept.home / "contctl").glob(pattern)
    swap(path)
    try:
        for args in (("whoami",), ("refresh",)):
            assert_refused(kept.run(*args), 9, f"{path} is refused: ")
    finally:
        put_back(path)
    assert kept.done("whoami") == "ada\n"


@pytest.mark.parametrize("swap", [_as_link, _as_fifo])
@pytest.mark.parametrize("name", FOLDERS)
def test_links_and_fifos_swapped_in_for_folders(
    kept: Machine, name: str, swap: Callable[[Path], None]
) -> None:
    path = kept.home / "contctl" / name
    swap(path)
    try:
        assert_refused(kept.run("refresh"), 9, f"{path} is refused: ")
    finally:
        put_back(path)
    assert kept.done("whoami") == "ada\n"


@pytest.mark.parametrize("mode", [0o604, 0o660])
@pytest.mark.parametrize("pattern", FILES)
def test_world_readable_files(kept: Machine, pattern: str, mode: int) -> None:
    (path,) = (kept.home / "contctl").glob(pattern)
    path.chmod(mode)
    try:
        message = f"{path} is refused: other users have access to it"
        for args in (("whoami",), ("refresh",), ("ps",)):
            assert_refused(kept.run(*args), 9, message)
    finally:
        path.chmod(0o600)
    assert kept.done("whoami") == "ada\n"


@pytest.mark.parametrize("name", FOLDERS)
def test_world_readable_folders(kept: Machine, name: str) -> None:
    path = kept.home / "contctl" / name
    path.chmod(0o755)
    try:
        assert_refused(kept.run("refresh"), 9, f"{path} is refused: ")
    finally:
        path.chmod(0o700)
    assert kept.done("whoami") == "ada\n"


def test_the_configuration_may_be_a_link_but_no_fifo(kept: Machine) -> None:
    kept.set_access_ttl("10m")
    config = kept.home / "contctl" / "config.toml"
    _as_link(config)
    kept.done("refresh")
    config.write_text("[session]\nunknown = 1\n")
    assert_refused(kept.run("refresh"), 9, "session.unknown")
    config.with_name("config.toml.away").unlink()
    assert_refused(kept.run("refresh"), 9, f"{config} is a link to what is not there")
    config.unlink()
    os.mkfifo(config, 0o600)
    try:
        assert_refused(kept.run("refresh"), 9, f"{config} is refused: it is not a plain file")
    finally:
        config.unlink()


@pytest.mark.parametrize("mode", [0o620, 0o602])
def test_a_configuration_that_others_may_write(kept: Machine, mode: int) -> None:
    kept.set_access_ttl("10m")
    config = kept.home / "contctl" / "config.toml"
    config.chmod(mode)
    try:
        assert_refused(kept.run("refresh"), 9, f"{config} is refused: others may write it")
    finally:
        config.unlink()


def test_a_foreign_uid(unprivileged: Unprivileged) -> None:
    """Root may read everything, and is refused all the same."""
    if os.geteuid() != 0:
        unavailable("only root can be two users")
    root = Machine(unprivileged.home, unprivileged.environ)
    for args in (("whoami",), ("ps",), ("refresh",), ("logout",), ("user", "ls"), CHANGES[0]):
        assert_refused(root.run(*args, stdin=LINE), 9, f"belongs to uid {NOBODY}")
    assert unprivileged.done("whoami") == "ada\n"
