"""What every Store does."""

from pathlib import Path
from uuid import UUID

import pytest

from contctl.core.answers import Level
from contctl.core.domain.accounts import Account
from contctl.core.errors import ContctlError, ErrorCode
from tests.contracts.stores import ADMIN, ADMIN_GRANT, ALICE, VIEWER, Stores, StoresContract


class StoreContract(StoresContract):
    """A Store's part of the suite."""

    def test_a_store_that_was_never_made_is_absent(self, fresh: Stores) -> None:
        with pytest.raises(ContctlError) as caught:
            fresh.identity()
        assert caught.value.code is ErrorCode.STORE
        assert caught.value.reason == "absent"
        assert "contctl init" in (caught.value.hint or "")

    def test_asking_does_not_make_it(self, fresh: Stores) -> None:
        for _ in range(2):
            with pytest.raises(ContctlError):
                fresh.identity()
        assert fresh.create(ADMIN, "hash-admin", ADMIN_GRANT)

    def test_creating_makes_the_identity(self, fresh: Stores) -> None:
        identity = fresh.create(ADMIN, "hash-admin", ADMIN_GRANT)
        assert str(UUID(identity)) == identity
        assert fresh.identity() == identity

    def test_creating_makes_the_first_admin(self, stores: Stores) -> None:
        assert stores.users.page("", 10) == (Account(ADMIN, (ADMIN_GRANT,)),)
        assert stores.users.password_hash(ADMIN.id) == "hash-admin"

    def test_it_is_created_once(self, stores: Stores) -> None:
        identity = stores.identity()
        with pytest.raises(ContctlError) as caught:
            stores.create(ALICE, "hash-alice", VIEWER)
        assert caught.value.code is ErrorCode.CONFLICT
        assert stores.identity() == identity
        assert stores.users.page("", 10) == (Account(ADMIN, (ADMIN_GRANT,)),)

    def test_nothing_can_be_asked_of_an_absent_store(self, fresh: Stores) -> None:
        for ask in (
            lambda: fresh.users.by_name("root"),
            lambda: fresh.sessions.get("session"),
            lambda: fresh.identities.find("user", "session"),
            lambda: fresh.audit.page(0, 10),
        ):
            with pytest.raises(ContctlError) as caught:
                ask()
            assert caught.value.reason == "absent"

    def test_an_older_store_is_refused_until_it_is_upgraded(self, older: Stores) -> None:
        for ask in (
            older.identity,
            lambda: older.users.by_name(ADMIN.name),
            lambda: older.sessions.revoke_everyones(1),
            lambda: older.identities.find(ADMIN.id, "session"),
            lambda: older.audit.page(0, 10),
        ):
            with pytest.raises(ContctlError) as caught:
                ask()
            assert caught.value.code is ErrorCode.STORE
            assert caught.value.reason == "older"
            assert "contctl store check --migrate" in (caught.value.hint or "")
        upgraded = older.upgrade()
        assert upgraded is not None
        assert (upgraded.before, upgraded.after) == (1, 2)
        assert older.upgrade() is None
        assert str(UUID(older.identity())) == older.identity()
        assert older.users.page("", 10) == (Account(ADMIN, (ADMIN_GRANT,)),)
        assert older.users.password_hash(ADMIN.id) == "hash-admin"

    def test_there_is_nothing_to_upgrade(self, fresh: Stores) -> None:
        assert fresh.upgrade() is None
        fresh.create(ADMIN, "hash-admin", ADMIN_GRANT)
        assert fresh.upgrade() is None

    def test_a_sound_store_passes_every_check(self, stores: Stores) -> None:
        checks = stores.examine()
        assert {check.level for check in checks} == {Level.OK}
        assert "integrity" in {check.name for check in checks}

    def test_an_absent_store_fails_a_check(self, fresh: Stores) -> None:
        (check,) = fresh.examine()
        assert check.level is Level.FAILED
        assert "contctl init" in (check.hint or "")

    def test_an_older_store_fails_a_check(self, older: Stores) -> None:
        failed = [check for check in older.examine() if check.level is Level.FAILED]
        assert [check.hint or "" for check in failed] != []
        assert "contctl store check --migrate" in (failed[0].hint or "")
        older.upgrade()
        assert {check.level for check in older.examine()} == {Level.OK}

    def test_a_backup_never_replaces_a_file(self, stores: Stores, tmp_path: Path) -> None:
        tmp_path.chmod(0o700)
        stores.back_up(tmp_path / "one")
        with pytest.raises(ContctlError) as caught:
            stores.back_up(tmp_path / "one")
        assert caught.value.code is ErrorCode.CONFLICT
        stores.back_up(tmp_path / "two")

    def test_an_absent_store_cannot_be_backed_up(self, fresh: Stores, tmp_path: Path) -> None:
        with pytest.raises(ContctlError) as caught:
            fresh.back_up(tmp_path / "one")
        assert caught.value.reason == "absent"
