"""Contctl's own files looked over, and their modes repaired."""

import os
from pathlib import Path

import pytest

from contctl.backends.file_modes import OwnFiles
from tests.requirements import unavailable
from tests.sqlite.processes import NOBODY

OWN = (
    "contctl.db",
    "contctl.db-journal",
    "contctl.db.v1-backup",
    "keys/signing.json",
    "keys/initialised",
    "credentials/one.json",
    "credential-stores.json",
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder as contctl has it, but open to everyone, beside a file of the user's own."""
    home = tmp_path / "contctl"
    for name in ("", "keys", "credentials", "credentials.lock", "mine"):
        (home / name).mkdir()
    for name in (*OWN, "config.toml", "mine/notes"):
        (home / name).write_bytes(b"content")
        (home / name).chmod(0o666)
    for folder in (home / "mine", home / "keys", home / "credentials.lock", home):
        folder.chmod(0o777)
    (home / "credentials").chmod(0o700)
    return home


def own_files(home: Path) -> OwnFiles:
    """As the composition root makes it where CONTCTL_HOME names one folder for all."""
    return OwnFiles([home, home], shared=[home / "config.toml"])


def mode(path: Path) -> int:
    """The permission bits."""
    return path.lstat().st_mode & 0o7777


def test_the_access_of_others_is_taken_away_and_said(home: Path) -> None:
    lines = own_files(home).repair()
    for name in OWN:
        assert mode(home / name) == 0o600
        line = f"{home / name}: took other users' access away (its mode was 0666)"
        assert lines.count(line) == 1
    for name in ("", "keys", "credentials", "credentials.lock"):
        assert mode(home / name) == 0o700
    assert len(lines) == len(OWN) + 3
    assert lines[0] == f"{home}: took other users' access away (its mode was 0777)"
    assert (home / "contctl.db").read_bytes() == b"content"
    assert own_files(home).repair() == ()


def test_what_is_not_contctls_is_left(home: Path) -> None:
    own_files(home).repair()
    assert own_files(home).problems() == ()
    assert mode(home / "config.toml") == 0o666
    assert (mode(home / "mine"), mode(home / "mine" / "notes")) == (0o777, 0o666)


def test_links_are_named_and_not_followed(home: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "file").write_bytes(b"")
    (tmp_path / "elsewhere" / "file").chmod(0o644)
    (tmp_path / "elsewhere").chmod(0o755)
    for path in (home / "credentials" / "one.json", home / "credentials"):
        path.rename(tmp_path / path.name) if path.is_dir() else path.unlink()
        path.symlink_to(tmp_path / "elsewhere" / ("file" if path.suffix else ""))
        own_files(home).repair()
        assert mode(tmp_path / "elsewhere" / "file") == 0o644
        assert mode(tmp_path / "elsewhere") == 0o755
        assert any(line.startswith(f"{path} is refused: ") for line in own_files(home).problems())


def test_a_link_in_place_of_the_whole_folder_is_not_followed(home: Path, tmp_path: Path) -> None:
    home.rename(tmp_path / "elsewhere")
    home.symlink_to(tmp_path / "elsewhere")
    assert own_files(home).repair() == ()
    assert mode(tmp_path / "elsewhere") == 0o777
    assert f"{home} is refused: it is a link" in own_files(home).problems()


def test_second_names_and_fifos_are_named_and_left(home: Path) -> None:
    os.link(home / "keys" / "initialised", home / "keys" / "second")
    (home / "contctl.db-journal").unlink()
    os.mkfifo(home / "contctl.db-journal", 0o666)
    (home / "contctl.db-journal").chmod(0o666)
    own_files(home).repair()
    problems = own_files(home).problems()
    for name in ("keys/initialised", "keys/second"):
        assert mode(home / name) == 0o666
        assert f"{home / name} is refused: it has a second name (a hard link)" in problems
    assert mode(home / "contctl.db-journal") == 0o666
    assert f"{home / 'contctl.db-journal'} is refused: it is not a plain file" in problems


def test_another_users_files_are_named_and_left(home: Path) -> None:
    if os.geteuid() != 0:
        unavailable("only root can make another user's file")
    os.chown(home / "contctl.db", NOBODY, NOBODY)
    own_files(home).repair()
    assert mode(home / "contctl.db") == 0o666
    assert any(
        line.startswith(f"{home / 'contctl.db'} is refused: it belongs to uid {NOBODY}")
        for line in own_files(home).problems()
    )


def test_where_there_is_nothing_nothing_is_repaired(tmp_path: Path) -> None:
    assert own_files(tmp_path / "nowhere").repair() == ()
    assert list(tmp_path.iterdir()) == []
