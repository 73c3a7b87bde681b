"""What every Store does."""

from uuid import UUID

import pytest

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
