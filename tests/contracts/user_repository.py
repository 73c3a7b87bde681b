"""What every UserRepository does."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from contctl.core.domain.accounts import Account, User
from contctl.core.domain.audit import AuditEntry, Phase
from contctl.core.domain.grants import Grant, Scope
from contctl.core.domain.roles import Role
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import UserRepository
from tests.contracts.stores import (
    ADMIN,
    ADMIN_GRANT,
    ALICE,
    LIFETIMES,
    NOW,
    OPERATOR,
    VIEWER,
    Stores,
    StoresContract,
    session_of,
)

SECOND_ADMIN = Grant(id="grant-admin-2", role=Role.ADMIN, created_at=NOW + 4)
ODD_NAMES = ("", "nobody", "ROOT", "root ", "r%t", "' OR 1=1 --", "root\0", "ro\u043et", "\udcff")
CHANGES: tuple[Callable[[UserRepository, str], None], ...] = (
    lambda users, user_id: users.set_password_hash(user_id, "hash"),
    lambda users, user_id: users.change_password(user_id, "hash", NOW, None),
    lambda users, user_id: users.set_enabled(user_id, enabled=False),
    lambda users, user_id: users.set_enabled(user_id, enabled=True),
    lambda users, user_id: users.remove(user_id),
)
DEMOTIONS: tuple[Callable[[UserRepository, str], None], ...] = (
    lambda users, user_id: users.set_enabled(user_id, enabled=False),
    lambda users, user_id: users.remove(user_id),
)


def add_user(stores: Stores, name: str) -> User:
    """A new user without a grant."""
    user = User(id=f"user-{name}", name=name, enabled=True, created_at=NOW)
    stores.users.add(user, "hash", ())
    return user


class UserRepositoryContract(StoresContract):
    """A UserRepository's part of the suite."""

    def test_keeps_what_is_added(self, stores: Stores) -> None:
        stores.users.add(ALICE, "hash-alice", (VIEWER,))
        assert stores.users.get(ALICE.id) == ALICE
        assert stores.users.by_name("alice") == ALICE
        assert stores.users.password_hash(ALICE.id) == "hash-alice"
        assert stores.users.grants(ALICE.id) == (VIEWER,)

    def test_keeps_a_disabled_user(self, stores: Stores) -> None:
        disabled = replace(ALICE, enabled=False)
        stores.users.add(disabled, "hash", ())
        assert stores.users.get(ALICE.id) == disabled

    def test_a_name_is_taken_once(self, stores: Stores) -> None:
        with pytest.raises(ContctlError) as caught:
            stores.users.add(replace(ALICE, name="root"), "hash", (VIEWER,))
        assert caught.value.code is ErrorCode.CONFLICT
        assert stores.users.get(ALICE.id) is None
        assert stores.users.grants(ALICE.id) == ()

    @pytest.mark.parametrize("name", ODD_NAMES)
    def test_other_names_are_unknown(self, stores: Stores, name: str) -> None:
        assert stores.users.by_name(name) is None
        assert stores.users.get(name) is None
        assert stores.users.password_hash(name) is None
        assert stores.users.grants(name) == ()

    def test_grants_come_the_oldest_first(self, stores: Stores) -> None:
        stores.users.add(ALICE, "hash", (OPERATOR, VIEWER))
        assert stores.users.grants(ALICE.id) == (VIEWER, OPERATOR)
        assert stores.users.page("", 1) == (Account(ALICE, (VIEWER, OPERATOR)),)

    def test_pages_are_by_name(self, stores: Stores) -> None:
        for name in ("b", "a.b", "a", "a-b", "a_b", "0"):
            add_user(stores, name)
        seen: list[str] = []
        while page := stores.users.page(seen[-1] if seen else "", 2):
            assert len(page) <= 2
            seen.extend(account.user.name for account in page)
        assert seen == ["0", "a", "a-b", "a.b", "a_b", "b", "root"]

    def test_a_page_holds_each_users_own_grants(self, stores: Stores) -> None:
        stores.users.add(ALICE, "hash", (VIEWER,))
        bob = add_user(stores, "bob")
        assert stores.users.page("", 10) == (
            Account(ALICE, (VIEWER,)),
            Account(bob, ()),
            Account(ADMIN, (ADMIN_GRANT,)),
        )

    def test_replaces_a_hash(self, stores: Stores) -> None:
        stores.sessions.add(session_of(ADMIN, "one"))
        stores.users.set_password_hash(ADMIN.id, "hash-new")
        assert stores.users.password_hash(ADMIN.id) == "hash-new"
        assert stores.sessions.get("one") == session_of(ADMIN, "one")

    def test_a_new_password_ends_the_other_sessions(self, stores: Stores) -> None:
        stores.users.add(ALICE, "hash", ())
        others = session_of(ALICE, "other")
        stores.sessions.add(others)
        for session_id in ("one", "two", "three"):
            stores.sessions.add(session_of(ADMIN, session_id))
        stores.users.change_password(ADMIN.id, "hash-new", NOW + 5, "two")
        assert stores.users.password_hash(ADMIN.id) == "hash-new"
        ends = [stores.sessions.get(session_id) for session_id in ("one", "two", "three")]
        assert [end and end.revoked_at for end in ends] == [NOW + 5, None, NOW + 5]
        assert stores.sessions.get("other") == others

    def test_a_new_password_leaves_ended_sessions_alone(self, stores: Stores) -> None:
        session = session_of(ADMIN, "one")
        stores.sessions.add(session)
        stores.users.change_password(ADMIN.id, "hash-new", NOW + LIFETIMES.absolute, None)
        assert stores.sessions.get("one") == session

    def test_disables_and_enables(self, stores: Stores) -> None:
        stores.users.add(ALICE, "hash", (VIEWER,))
        stores.users.set_enabled(ALICE.id, enabled=False)
        assert stores.users.get(ALICE.id) == replace(ALICE, enabled=False)
        stores.users.set_enabled(ALICE.id, enabled=True)
        assert stores.users.get(ALICE.id) == ALICE

    def test_removes_with_grants_and_sessions(self, stores: Stores) -> None:
        stores.users.add(ALICE, "hash", (VIEWER,))
        stores.sessions.add(session_of(ALICE, "hers"))
        stores.sessions.add(session_of(ADMIN, "his"))
        entry = AuditEntry(1, Phase.INTENT, "container:stop", 0, ALICE.id, "alice", "hers")
        stores.audit.append(entry)
        stores.users.remove(ALICE.id)
        assert stores.users.get(ALICE.id) is None
        assert stores.users.grants(ALICE.id) == ()
        assert stores.sessions.get("hers") is None
        assert stores.sessions.get("his") is not None
        assert [record.entry for record in stores.audit.page(0, 10)] == [entry]

    def test_a_removed_name_is_free(self, stores: Stores) -> None:
        stores.users.add(ALICE, "hash", (VIEWER,))
        stores.users.remove(ALICE.id)
        again = replace(ALICE, id="user-alice-2")
        stores.users.add(again, "hash", ())
        assert stores.users.by_name("alice") == again
        assert stores.users.grants(again.id) == ()

    @pytest.mark.parametrize("change", CHANGES)
    @pytest.mark.parametrize("user_id", ["", "nobody", "\udcff"])
    def test_an_unknown_user_cannot_be_changed(
        self, stores: Stores, change: Callable[[UserRepository, str], None], user_id: str
    ) -> None:
        with pytest.raises(ContctlError) as caught:
            change(stores.users, user_id)
        assert caught.value.code is ErrorCode.NOT_FOUND

    @pytest.mark.parametrize("demote", DEMOTIONS)
    def test_the_last_enabled_admin_stays(
        self, stores: Stores, demote: Callable[[UserRepository, str], None]
    ) -> None:
        stores.users.add(ALICE, "hash", (VIEWER,))
        disabled = User(id="user-disabled", name="disabled", enabled=False, created_at=NOW)
        stores.users.add(disabled, "hash", (SECOND_ADMIN,))
        stores.sessions.add(session_of(ADMIN, "one"))
        with pytest.raises(ContctlError) as caught:
            demote(stores.users, ADMIN.id)
        assert caught.value.code is ErrorCode.CONFLICT
        assert caught.value.reason == "last-admin"
        assert stores.users.get(ADMIN.id) == ADMIN
        assert stores.users.grants(ADMIN.id) == (ADMIN_GRANT,)
        assert stores.sessions.get("one") is not None

    @pytest.mark.parametrize("demote", DEMOTIONS)
    def test_one_of_two_admins_may_go(
        self, stores: Stores, demote: Callable[[UserRepository, str], None]
    ) -> None:
        stores.users.add(ALICE, "hash", (VIEWER, SECOND_ADMIN))
        demote(stores.users, ADMIN.id)
        with pytest.raises(ContctlError) as caught:
            demote(stores.users, ALICE.id)
        assert caught.value.reason == "last-admin"

    def test_keeps_grants_with_their_scopes(self, stores: Stores) -> None:
        user = add_user(stores, "bob")
        scope = Scope(("web-*", "db"), (("team", "shop"), ("tier", "")), "unix:///x.sock")
        scoped = Grant("grant-scoped", Role.OPERATOR, NOW + 1, scope)
        stores.users.add_grant(user.id, scoped)
        stores.users.add_grant(user.id, VIEWER)
        assert stores.users.grants(user.id) == (scoped, VIEWER)
        stores.users.remove_grant(user.id, scoped.id)
        assert stores.users.grants(user.id) == (VIEWER,)

    def test_unknown_users_and_grants_are_not_found(self, stores: Stores) -> None:
        user = add_user(stores, "bob")
        for user_id, grant_id in (
            ("nobody", ADMIN_GRANT.id),
            (user.id, ADMIN_GRANT.id),
            (user.id, "none"),
            (user.id, "\udcff"),
        ):
            with pytest.raises(ContctlError) as raised:
                stores.users.remove_grant(user_id, grant_id)
            assert raised.value.code is ErrorCode.NOT_FOUND
        with pytest.raises(ContctlError) as raised:
            stores.users.add_grant("nobody", VIEWER)
        assert raised.value.code is ErrorCode.NOT_FOUND

    def test_the_last_admins_grant_stays(self, stores: Stores) -> None:
        scoped = Grant("grant-scoped", Role.ADMIN, NOW + 5, Scope(names=("*",)))
        stores.users.add_grant(ADMIN.id, scoped)
        with pytest.raises(ContctlError) as raised:
            stores.users.remove_grant(ADMIN.id, ADMIN_GRANT.id)
        assert raised.value.reason == "last-admin"
        assert stores.users.grants(ADMIN.id) == (ADMIN_GRANT, scoped)
        with pytest.raises(ContctlError):
            stores.users.set_enabled(ADMIN.id, enabled=False)
        stores.users.add_grant(ADMIN.id, SECOND_ADMIN)
        stores.users.remove_grant(ADMIN.id, ADMIN_GRANT.id)
        stores.users.remove_grant(ADMIN.id, scoped.id)
        assert stores.users.grants(ADMIN.id) == (SECOND_ADMIN,)
