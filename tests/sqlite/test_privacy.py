"""Whose the files are, and what happens where they are not private."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contracts.stores import ADMIN
from tests.requirements import unavailable
from tests.sqlite.processes import run_unprivileged
from tests.sqlite.stores import SqliteStores, created
from tests.sqlite.uses import ENTRY, USES, Use, refusal


def modes(folder: Path) -> dict[str, int]:
    """The permission bits of all that is in `folder`, and its own."""
    paths = [folder, *folder.rglob("*")]
    return {path.name: path.stat().st_mode & 0o7777 for path in paths}


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o777])
def test_everything_is_private_whatever_the_umask(reachable: Path, mask: int) -> None:
    def create_and_use() -> dict[str, int]:
        os.umask(mask)
        stores = created(reachable / "above" / "contctl")
        stores.audit.append(ENTRY)
        with stores.database.writing() as connection:
            connection.execute("DELETE FROM audit")
            return modes(stores.database.folder)

    assert run_unprivileged(create_and_use) == {
        "contctl": 0o700,
        "contctl.db": 0o600,
        "contctl.db-journal": 0o600,
        "keys": 0o700,
        "audit.json": 0o600,
        "initialised": 0o600,
    }


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("mode", [0o644, 0o660, 0o606])
def test_a_database_open_to_others_is_refused(folder: Path, use: Use, mode: int) -> None:
    stores = created(folder)
    stores.database.path.chmod(mode)
    error = refusal(lambda: use(stores))
    assert error.reason == "not-private"
    assert error.hint == f"run 'chmod go= {stores.database.path}'"


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o701])
def test_a_folder_open_to_others_is_refused(folder: Path, mode: int) -> None:
    stores = created(folder)
    folder.chmod(mode)
    assert refusal(stores.identity).reason == "not-private"


def _link(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def _second_name(path: Path) -> None:
    path.with_name("elsewhere").hardlink_to(path)


def _fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path, 0o600)


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir(0o700)


@pytest.mark.parametrize("swap", [_link, _second_name, _fifo, _folder])
def test_what_is_not_a_plain_file_is_refused(folder: Path, swap: Callable[[Path], None]) -> None:
    stores = created(folder)
    swap(stores.database.path)
    assert refusal(stores.identity).reason == "not-private"
    assert refusal(lambda: stores.users.get(ADMIN.id)).reason == "not-private"


@pytest.mark.parametrize("swap", [_link, _second_name, _fifo, _folder])
def test_a_marker_that_was_swapped_is_refused(folder: Path, swap: Callable[[Path], None]) -> None:
    stores = created(folder)
    swap(stores.database.marker)
    for use in USES:
        error = refusal(lambda use=use: use(stores))  # type: ignore[misc]
        assert error.reason == "not-private"
        assert "initialised" in error.message


@pytest.mark.parametrize(("name", "mode"), [("keys", 0o750), ("keys/initialised", 0o644)])
def test_keys_open_to_others_are_refused(folder: Path, name: str, mode: int) -> None:
    stores = created(folder)
    (folder / name).chmod(mode)
    for use in USES:
        assert refusal(lambda use=use: use(stores)).reason == "not-private"  # type: ignore[misc]


def test_a_link_in_place_of_the_folder_is_refused(folder: Path) -> None:
    stores = created(folder)
    folder.rename(folder.with_name("elsewhere"))
    folder.symlink_to("elsewhere")
    assert refusal(stores.identity).reason == "not-private"


def test_another_users_store_is_refused(reachable: Path) -> None:
    if os.geteuid() != 0:
        unavailable("only root can reach another user's private folder")
    run_unprivileged(lambda: created(reachable / "contctl").identity())
    error = refusal(SqliteStores(reachable / "contctl").identity)
    assert error.reason == "not-private"
    assert "belongs to uid" in error.message
