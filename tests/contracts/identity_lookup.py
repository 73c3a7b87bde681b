"""What every IdentityLookup does."""

from dataclasses import replace

import pytest

from contctl.core.domain.grants import Scope
from contctl.core.domain.identities import Identity
from contctl.core.domain.sessions import revoked, rotated, used
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


class IdentityLookupContract(StoresContract):
    """An IdentityLookup's part of the suite."""

    def test_finds_user_session_and_grants(self, stores: Stores) -> None:
        stores.users.add(ALICE, "hash", (OPERATOR, VIEWER))
        stores.sessions.add(session_of(ALICE, "hers"))
        stores.sessions.add(session_of(ADMIN, "his"))
        assert stores.identities.find(ALICE.id, "hers") == Identity(
            ALICE, session_of(ALICE, "hers"), (VIEWER, OPERATOR)
        )
        assert stores.identities.find(ADMIN.id, "his") == Identity(
            ADMIN, session_of(ADMIN, "his"), (ADMIN_GRANT,)
        )

    def test_finds_a_user_without_grants(self, stores: Stores) -> None:
        stores.users.add(ALICE, "hash", ())
        stores.sessions.add(session_of(ALICE, "hers"))
        assert stores.identities.find(ALICE.id, "hers") == Identity(
            ALICE, session_of(ALICE, "hers"), ()
        )

    def test_sees_every_change(self, stores: Stores) -> None:
        stores.users.add(ALICE, "hash", (VIEWER,))
        session = session_of(ALICE, "hers")
        stores.sessions.add(session)
        stores.users.set_enabled(ALICE.id, enabled=False)
        stores.sessions.update("hers", lambda kept: revoked(kept, NOW + 1))
        assert stores.identities.find(ALICE.id, "hers") == Identity(
            replace(ALICE, enabled=False), revoked(session, NOW + 1), (VIEWER,)
        )
        stores.users.remove(ALICE.id)
        assert stores.identities.find(ALICE.id, "hers") is None

    @pytest.mark.parametrize(
        ("user_id", "session_id"),
        [
            (ADMIN.id, "hers"),
            (ALICE.id, "nothing"),
            ("nobody", "hers"),
            ("", ""),
            (ALICE.id, "\udcff"),
            ("\udcff", "hers"),
            ("' OR 1=1 --", "hers"),
        ],
    )
    def test_what_does_not_belong_together_is_not_found(
        self, stores: Stores, user_id: str, session_id: str
    ) -> None:
        stores.users.add(ALICE, "hash", ())
        stores.sessions.add(session_of(ALICE, "hers"))
        assert stores.identities.find(user_id, session_id) is None

    def test_marks_the_current_generation(self, stores: Stores) -> None:
        stores.sessions.add(session_of(ADMIN, "one"))
        stores.sessions.add(session_of(ADMIN, "two"))
        for _ in range(2):
            stores.identities.mark_used("one", 1)
            assert stores.sessions.get("one") == used(session_of(ADMIN, "one"))
        assert stores.sessions.get("two") == session_of(ADMIN, "two")

    @pytest.mark.parametrize("generation", [0, 1, 3])
    def test_another_generation_is_not_marked(self, stores: Stores, generation: int) -> None:
        session = rotated(session_of(ADMIN, "one"), "key-1", NOW + 1, LIFETIMES)
        stores.sessions.add(session)
        stores.identities.mark_used("one", generation)
        assert stores.sessions.get("one") == session

    def test_marking_an_unknown_session_does_nothing(self, stores: Stores) -> None:
        stores.identities.mark_used("nothing", 1)
        stores.identities.mark_used("\udcff", 1)

    def test_finds_scopes_and_the_labels_in_all_of_them(self, stores: Stores) -> None:
        assert stores.identities.scope_label_keys() == frozenset()
        scope = Scope(("web",), (("team", "shop"), ("tier", "1")), "engine")
        stores.users.add(ALICE, "hash", (replace(VIEWER, scope=scope),))
        stores.users.add_grant(ADMIN.id, replace(OPERATOR, scope=Scope(labels=(("team", "x"),))))
        stores.sessions.add(session_of(ALICE, "hers"))
        found = stores.identities.find(ALICE.id, "hers")
        assert found is not None
        assert [grant.scope for grant in found.grants] == [scope]
        assert stores.identities.scope_label_keys() == {"team", "tier"}
