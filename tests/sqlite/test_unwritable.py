"""Stores that cannot be written: read-only ones and full disks."""

import os
from functools import partial
from pathlib import Path

import pytest

from contctl.core.errors import ContctlError
from tests.contracts.stores import ADMIN, session_of
from tests.sqlite.processes import run_unprivileged
from tests.sqlite.stores import SqliteStores, created
from tests.sqlite.uses import ENTRY, WRITES, Use, refusal


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize(("folder_mode", "file_mode"), [(0o700, 0o400), (0o500, 0o600)])
def test_a_read_only_store_can_be_read(
    reachable: Path,
    write: Use,
    folder_mode: int,
    file_mode: int,
) -> None:
    def use() -> str | None:
        stores = created(reachable / "contctl")
        stores.sessions.add(session_of(ADMIN, "one"))
        stores.database.path.chmod(file_mode)
        stores.database.folder.chmod(folder_mode)
        try:
            reason = refusal(lambda: write(stores)).reason
            found = stores.identities.find(ADMIN.id, "one")
            assert found is not None
            assert not found.session.generation_used
            assert stores.users.password_hash(ADMIN.id) == "hash-admin"
        finally:
            stores.database.folder.chmod(0o700)
        return reason

    assert run_unprivileged(use) == "read-only"


def test_what_is_noted_already_needs_no_write(reachable: Path) -> None:
    def use() -> None:
        stores = created(reachable / "contctl")
        stores.sessions.add(session_of(ADMIN, "one"))
        stores.identities.mark_used("one", 1)
        stores.database.path.chmod(0o400)
        stores.identities.mark_used("one", 1)

    run_unprivileged(use)


def test_a_store_cannot_be_made_in_a_read_only_folder(reachable: Path) -> None:
    def create() -> str | None:
        reachable.chmod(0o500)
        return refusal(SqliteStores(reachable / "contctl").create_with_admin).reason

    assert run_unprivileged(create) == "read-only"


def fill(disk: Path, leave: int) -> None:
    """Leave about `leave` bytes free on `disk`."""
    found = os.statvfs(disk)
    with open(disk / "filler", "wb") as filler:
        filler.write(b"\0" * max(0, found.f_bavail * found.f_frsize - leave))


def test_a_full_disk_loses_nothing(small_disk: Path) -> None:
    stores = created(small_disk / "contctl")
    stores.sessions.add(session_of(ADMIN, "one"))
    written = stores.audit.append(ENTRY)
    fill(small_disk, 0)
    for write in WRITES:
        assert refusal(partial(write, stores)).reason == "full"
    assert stores.users.password_hash(ADMIN.id) == "hash-admin"
    (small_disk / "filler").unlink()
    assert [record.number for record in stores.audit.page(0, 10)] == [written]
    for write in WRITES:
        write(stores)


@pytest.mark.parametrize("leave", range(0, 160 * 1024, 16 * 1024))
def test_a_disk_that_fills_up_during_init_leaves_nothing(small_disk: Path, leave: int) -> None:
    fill(small_disk, leave)
    stores = SqliteStores(small_disk / "contctl")
    try:
        stores.create_with_admin()
    except ContctlError as error:
        if error.reason != "full":
            raise
        (small_disk / "filler").unlink()
        stores.create_with_admin()
    assert stores.users.get(ADMIN.id) == ADMIN
