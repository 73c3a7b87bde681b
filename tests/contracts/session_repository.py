"""What every SessionRepository does."""

from dataclasses import replace

import pytest

from contctl.core.domain.sessions import Session, revoked, rotated, used
from contctl.core.errors import ContctlError, ErrorCode
from tests.contracts.stores import (
    ADMIN,
    ALICE,
    LIFETIMES,
    NOW,
    Stores,
    StoresContract,
    session_of,
)


class SessionRepositoryContract(StoresContract):
    """A SessionRepository's part of the suite."""

    def test_keeps_every_field_of_a_session(self, stores: Stores) -> None:
        session = Session("id", ADMIN.id, 1, 2, 3, True, "key", 4, 5, 6, 7)
        stores.sessions.add(session)
        assert stores.sessions.get("id") == session

    def test_keeps_a_new_session(self, stores: Stores) -> None:
        session = session_of(ADMIN, "one")
        stores.sessions.add(session)
        assert stores.sessions.get("one") == session

    def test_a_session_is_of_an_existing_user(self, stores: Stores) -> None:
        with pytest.raises(ContctlError) as caught:
            stores.sessions.add(session_of(ALICE, "one"))
        assert caught.value.code is ErrorCode.NOT_FOUND
        assert stores.sessions.get("one") is None

    @pytest.mark.parametrize("session_id", ["", "one ", "ONE", "\udcff", "' OR 1=1 --"])
    def test_other_ids_are_unknown(self, stores: Stores, session_id: str) -> None:
        stores.sessions.add(session_of(ADMIN, "one"))
        assert stores.sessions.get(session_id) is None
        assert stores.sessions.update(session_id, used) is None

    def test_updates(self, stores: Stores) -> None:
        session = session_of(ADMIN, "one")
        stores.sessions.add(session)
        next_one = rotated(session, "key-2", NOW + 60, LIFETIMES)
        assert stores.sessions.update("one", lambda _: next_one) == next_one
        assert stores.sessions.get("one") == next_one

    def test_an_update_sees_the_stored_session(self, stores: Stores) -> None:
        stores.sessions.add(session_of(ADMIN, "one"))
        for _ in range(3):
            stores.sessions.update(
                "one", lambda kept: replace(kept, generation=kept.generation + 1)
            )
        kept = stores.sessions.get("one")
        assert kept is not None
        assert kept.generation == 4

    def test_an_update_may_change_nothing(self, stores: Stores) -> None:
        session = session_of(ADMIN, "one")
        stores.sessions.add(session)
        assert stores.sessions.update("one", lambda kept: kept) == session
        assert stores.sessions.get("one") == session

    def test_an_update_that_raises_changes_nothing(self, stores: Stores) -> None:
        def refuse(session: Session) -> Session:
            raise ContctlError(ErrorCode.NOT_AUTHENTICATED, session.id)

        session = session_of(ADMIN, "one")
        stores.sessions.add(session)
        with pytest.raises(ContctlError, match="one"):
            stores.sessions.update("one", refuse)
        assert stores.sessions.get("one") == session

    def test_an_update_leaves_the_others_alone(self, stores: Stores) -> None:
        stores.sessions.add(session_of(ADMIN, "one"))
        stores.sessions.add(session_of(ADMIN, "two"))
        stores.sessions.update("one", used)
        assert stores.sessions.get("two") == session_of(ADMIN, "two")

    def test_revokes_all_but_one(self, stores: Stores) -> None:
        stores.users.add(ALICE, "hash", ())
        stores.sessions.add(session_of(ALICE, "hers"))
        for session_id in ("one", "two", "three"):
            stores.sessions.add(session_of(ADMIN, session_id))
        assert stores.sessions.revoke_all(ADMIN.id, NOW + 9, "two") == 2
        assert stores.sessions.get("one") == revoked(session_of(ADMIN, "one"), NOW + 9)
        assert stores.sessions.get("two") == session_of(ADMIN, "two")
        assert stores.sessions.get("hers") == session_of(ALICE, "hers")

    def test_revokes_live_sessions_only(self, stores: Stores) -> None:
        ended = replace(session_of(ADMIN, "ended"), ends_at=NOW + 9)
        revoked_before = revoked(session_of(ADMIN, "revoked"), NOW + 1)
        for session in (ended, revoked_before, session_of(ADMIN, "live")):
            stores.sessions.add(session)
        assert stores.sessions.revoke_all(ADMIN.id, NOW + 9, None) == 1
        assert stores.sessions.revoke_all(ADMIN.id, NOW + 9, None) == 0
        assert stores.sessions.get("ended") == ended
        assert stores.sessions.get("revoked") == revoked_before

    @pytest.mark.parametrize("user_id", ["", "nobody", "\udcff"])
    def test_an_unknown_user_has_no_sessions_to_revoke(self, stores: Stores, user_id: str) -> None:
        assert stores.sessions.revoke_all(user_id, NOW, None) == 0

    def test_live_sessions_are_listed_the_oldest_first(self, stores: Stores) -> None:
        sessions = [session_of(ADMIN, name) for name in ("b", "a")]
        older = replace(session_of(ADMIN, "c"), created_at=NOW - 1)
        ended = [
            revoked(session_of(ADMIN, "revoked"), NOW),
            replace(session_of(ADMIN, "over"), ends_at=NOW),
        ]
        stores.users.add(ALICE, "hash", ())
        for session in (*sessions, older, *ended, session_of(ALICE, "hers")):
            stores.sessions.add(session)
        assert stores.sessions.live(ADMIN.id, NOW) == (older, *reversed(sessions))
        assert stores.sessions.live("nobody", NOW) == ()
        assert stores.sessions.live("\udcff", NOW) == ()

    def test_sessions_that_ended_long_ago_are_deleted(self, stores: Stores) -> None:
        stores.users.add(ALICE, "hash", ())
        over = replace(session_of(ALICE, "over"), ends_at=NOW - 1)
        ended = [over, revoked(session_of(ADMIN, "revoked"), NOW - 1)]
        kept = [
            replace(session_of(ADMIN, "just over"), ends_at=NOW),
            revoked(session_of(ADMIN, "just revoked"), NOW),
            session_of(ADMIN, "live"),
        ]
        for session in (*ended, *kept):
            stores.sessions.add(session)
        assert stores.sessions.prune(NOW) == 2
        assert [stores.sessions.get(session.id) for session in ended] == [None, None]
        assert [stores.sessions.get(session.id) for session in kept] == kept
        assert stores.sessions.prune(NOW) == 0

    def test_everyones_sessions_end(self, stores: Stores) -> None:
        stores.users.add(ALICE, "hash-alice", ())
        stores.sessions.add(session_of(ADMIN, "one"))
        stores.sessions.add(session_of(ALICE, "two"))
        stores.sessions.add(revoked(session_of(ALICE, "before"), NOW))
        assert stores.sessions.revoke_everyones(NOW + 5) == 2
        ended = {each: stores.sessions.get(each) for each in ("one", "two", "before")}
        assert {each: found.revoked_at for each, found in ended.items() if found} == {
            "one": NOW + 5,
            "two": NOW + 5,
            "before": NOW,
        }
        assert stores.sessions.revoke_everyones(NOW + 6) == 0

    def test_keys_are_in_use_while_a_live_session_names_them(self, stores: Stores) -> None:
        assert stores.sessions.keys_in_use(NOW) == set()
        stores.users.add(ALICE, "hash-alice", ())
        stores.sessions.add(session_of(ADMIN, "one"))
        stores.sessions.add(replace(session_of(ALICE, "two"), key_id="key-2"))
        stores.sessions.add(replace(session_of(ALICE, "three"), key_id="key-2"))
        stores.sessions.add(replace(revoked(session_of(ALICE, "over"), NOW), key_id="key-3"))
        assert stores.sessions.keys_in_use(NOW) == {"key-1", "key-2"}
        assert stores.sessions.keys_in_use(NOW + LIFETIMES.absolute) == set()
