"""What every CiTokenRepository, and every CiTokenLookup onto the same store, does."""

from dataclasses import replace

import pytest

from contctl.core.domain.ci_tokens import CiToken, TokenHolder
from contctl.core.domain.grants import Scope
from contctl.core.domain.roles import Role
from contctl.core.errors import ContctlError, ErrorCode
from tests.contracts.stores import (
    ADMIN,
    ADMIN_GRANT,
    ALICE,
    NOW,
    OPERATOR,
    VIEWER,
    Stores,
    StoresContract,
)

SCOPE = Scope(("web-*", "db"), (("team", "shop"), ("tier", "1")), "engine")
TOKEN = CiToken("token-1", ADMIN.id, "deploy", Role.OPERATOR, NOW + 1, NOW + 100, SCOPE)
HERS = CiToken("token-2", ALICE.id, "deploy", Role.VIEWER, NOW, NOW + 100)
UNKNOWN = ("", "nothing", "TOKEN-1", "token-1 ", "\udcff", "' OR 1=1 --")


class CiTokensContract(StoresContract):
    """A CiTokenRepository's and a CiTokenLookup's part of the suite."""

    @pytest.mark.parametrize("token", [TOKEN, replace(TOKEN, scope=Scope(), revoked_at=NOW + 5)])
    def test_keeps_every_field_of_a_token(self, stores: Stores, token: CiToken) -> None:
        stores.ci_tokens.add(token, "d1")
        assert stores.ci_tokens.get(TOKEN.id) == token
        assert stores.ci_token_lookup.find(TOKEN.id) == TokenHolder(
            ADMIN, token, "d1", (ADMIN_GRANT,)
        )

    def test_a_token_is_of_an_existing_user(self, stores: Stores) -> None:
        with pytest.raises(ContctlError, check=lambda error: error.code is ErrorCode.NOT_FOUND):
            stores.ci_tokens.add(HERS, "d2")
        assert stores.ci_tokens.get(HERS.id) is None

    @pytest.mark.parametrize("token_id", UNKNOWN)
    def test_other_token_ids_are_unknown(self, stores: Stores, token_id: str) -> None:
        stores.ci_tokens.add(TOKEN, "d1")
        assert stores.ci_tokens.get(token_id) is None
        assert stores.ci_token_lookup.find(token_id) is None
        stores.ci_tokens.revoke(token_id, NOW)
        assert stores.ci_tokens.get(TOKEN.id) == TOKEN

    def test_finds_the_owner_and_the_grants_of_now(self, stores: Stores) -> None:
        stores.users.add(ALICE, "hash", (OPERATOR, VIEWER))
        stores.ci_tokens.add(TOKEN, "d1")
        stores.ci_tokens.add(HERS, "d2")
        assert stores.ci_token_lookup.find(HERS.id) == TokenHolder(
            ALICE, HERS, "d2", (VIEWER, OPERATOR)
        )
        stores.users.remove_grant(ALICE.id, OPERATOR.id)
        stores.users.set_enabled(ALICE.id, enabled=False)
        stores.ci_tokens.revoke(HERS.id, NOW + 7)
        assert stores.ci_token_lookup.find(HERS.id) == TokenHolder(
            replace(ALICE, enabled=False), replace(HERS, revoked_at=NOW + 7), "d2", (VIEWER,)
        )

    def test_deleting_a_user_deletes_its_tokens(self, stores: Stores) -> None:
        stores.users.add(ALICE, "hash", ())
        stores.ci_tokens.add(TOKEN, "d1")
        stores.ci_tokens.add(HERS, "d2")
        stores.users.remove(ALICE.id)
        assert stores.ci_tokens.get(HERS.id) is None
        assert stores.ci_token_lookup.find(HERS.id) is None
        assert stores.ci_tokens.live(ALICE.id, NOW) == ()
        assert stores.ci_tokens.get(TOKEN.id) == TOKEN

    def test_a_revoked_token_keeps_its_time(self, stores: Stores) -> None:
        stores.ci_tokens.add(TOKEN, "d1")
        stores.ci_tokens.revoke(TOKEN.id, NOW + 7)
        stores.ci_tokens.revoke(TOKEN.id, NOW + 8)
        assert stores.ci_tokens.get(TOKEN.id) == replace(TOKEN, revoked_at=NOW + 7)

    def test_live_tokens_are_listed_the_oldest_first(self, stores: Stores) -> None:
        stores.users.add(ALICE, "hash", ())
        same_age = [replace(TOKEN, id=token_id) for token_id in ("b", "a")]
        older = replace(TOKEN, id="c", created_at=NOW)
        over = replace(TOKEN, id="over", expires_at=NOW + 50)
        revoked = replace(TOKEN, id="revoked", revoked_at=NOW + 2)
        for token in (*same_age, older, over, revoked, HERS):
            stores.ci_tokens.add(token, "digest")
        assert stores.ci_tokens.live(ADMIN.id, NOW + 49)[-1] == over
        assert stores.ci_tokens.live(ADMIN.id, NOW + 50) == (older, *reversed(same_age))
        assert stores.ci_tokens.live(ALICE.id, NOW + 50) == (HERS,)

    @pytest.mark.parametrize("user_id", ["", "nobody", "\udcff"])
    def test_an_unknown_user_has_no_tokens(self, stores: Stores, user_id: str) -> None:
        stores.ci_tokens.add(TOKEN, "d1")
        assert stores.ci_tokens.live(user_id, NOW) == ()

    def test_a_digest_is_not_shown(self, stores: Stores) -> None:
        stores.ci_tokens.add(TOKEN, "digest-canary")
        assert "canary" not in repr(stores.ci_token_lookup.find(TOKEN.id))

    def test_the_labels_of_a_token_are_nobodys_own(self, stores: Stores) -> None:
        stores.ci_tokens.add(TOKEN, "d1")
        assert stores.identities.scope_label_keys() == frozenset()
