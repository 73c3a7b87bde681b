"""Making, listing and ending CI tokens, as every implementation of the inbound port owes it."""

from collections.abc import Callable

import pytest

from contctl.core.api import Contctl
from contctl.core.domain.audit import Phase
from contctl.core.domain.grants import EVERYTHING, Scope
from contctl.core.domain.roles import Role
from contctl.core.errors import ErrorCode
from tests.contracts.services import ADMIN, PASSWORD, last_intent_and_outcome, refused
from tests.contracts.token_services import DAY, Jobs, JobsFixture


class TokenManagementContract(JobsFixture):
    """Who may make, list and end which tokens."""

    @pytest.mark.parametrize(
        "make",
        [
            lambda api: api.ci_tokens.create("another", Role.ADMIN, EVERYTHING, DAY),
            lambda api: api.users.check_new("eve"),
            lambda api: api.users.add("eve", PASSWORD, Role.ADMIN),
            lambda api: api.users.set_password(None, PASSWORD),
            lambda api: api.users.set_password("bob", PASSWORD),
        ],
    )
    def test_it_makes_no_credentials(
        self, services: Jobs, make: Callable[[Contctl], object]
    ) -> None:
        services.add("bob", None)
        made = services.token()
        before = len(services.entries())
        with services.by(made.text), refused(ErrorCode.FORBIDDEN) as raised:
            make(services.api)
        assert raised.value.message.startswith("a CI token cannot make credentials: ")
        (denial,) = services.entries()[before:]
        assert (denial.phase, denial.token_id) == (Phase.DENIED, made.token.id)
        assert [account.user.name for account in services.api.users.list()] == [ADMIN, "bob"]
        assert len(services.api.ci_tokens.list(None)) == 1

    def test_its_owners_sessions_and_tokens_are_not_its_own(self, services: Jobs) -> None:
        name = services.login_as(Role.DEVELOPER)
        made = services.token()
        session_id = services.api.sessions.status().session_id
        with services.by(made.text):
            for question in (
                lambda: services.api.ci_tokens.list(None),
                lambda: services.api.ci_tokens.list(name),
                lambda: services.api.logins.list(None),
                lambda: services.api.logins.list(name),
            ):
                with refused(ErrorCode.FORBIDDEN):
                    question()
            for (error,) in (
                services.api.ci_tokens.revoke([made.token.id]),
                services.api.logins.revoke([session_id]),
            ):
                assert error is not None
                assert error.code is ErrorCode.NOT_FOUND
        assert services.api.sessions.status().session_id == session_id
        assert len(services.api.ci_tokens.list(None)) == 1

    def test_with_the_permissions_it_manages_them(self, services: Jobs) -> None:
        made, other = services.token(), services.token()
        session_id = services.api.sessions.status().session_id
        with services.by(made.text):
            assert len(services.api.ci_tokens.list(None)) == 2
            assert [login.current for login in services.api.logins.list(None)] == [False]
            assert services.api.ci_tokens.revoke([other.token.id]) == (None,)
            assert services.api.logins.revoke([session_id]) == (None,)
        with refused(ErrorCode.NOT_AUTHENTICATED):
            services.api.sessions.status()

    def test_everyone_lists_and_revokes_its_own_only(self, services: Jobs) -> None:
        admins = services.token()
        name = services.login_as(Role.VIEWER)
        own = services.token()
        assert [each.token for each in services.api.ci_tokens.list(None)] == [own.token]
        with refused(ErrorCode.FORBIDDEN):
            services.api.ci_tokens.list(ADMIN)
        (error,) = services.api.ci_tokens.revoke([admins.token.id])
        assert error is not None
        assert error.message == f"no such token: {admins.token.id}"
        unknown, done, again = services.api.ci_tokens.revoke(["nope", own.token.id, own.token.id])
        assert done is None
        for error in (unknown, again):
            assert error is not None
            assert error.code is ErrorCode.NOT_FOUND
        assert services.api.ci_tokens.list(name) == ()

    def test_with_token_manage_others_too(self, services: Jobs) -> None:
        name = services.login_as(Role.VIEWER)
        made = services.token()
        services.login()
        (listed,) = services.api.ci_tokens.list(name)
        assert (listed.token, listed.owner.name) == (made.token, name)
        assert services.api.ci_tokens.revoke([made.token.id]) == (None,)
        with services.by(made.text), refused(ErrorCode.NOT_AUTHENTICATED):
            services.api.users.show(None)
        with refused(ErrorCode.NOT_FOUND):
            services.api.ci_tokens.list("nobody")

    def test_expired_tokens_are_not_listed_nor_revoked(self, services: Jobs) -> None:
        made = services.token(lifetime=60)
        services.clock.advance(60)
        assert services.api.ci_tokens.list(None) == ()
        (error,) = services.api.ci_tokens.revoke([made.token.id])
        assert error is not None
        assert error.code is ErrorCode.NOT_FOUND

    def test_a_token_in_place_of_an_id_is_not_repeated(self, services: Jobs) -> None:
        made = services.token()
        (error,) = services.api.ci_tokens.revoke([made.text.reveal()])
        assert error is not None
        assert made.text.reveal()[20:] not in f"{error.message}{error.hint}"

    @pytest.mark.parametrize(
        ("name", "scope", "lifetime"),
        [
            ("a b", EVERYTHING, DAY),
            ("deploy", Scope(names=("a b",)), DAY),
            ("deploy", Scope(labels=(("contctl.x", ""),)), DAY),
            ("deploy", EVERYTHING, 0),
            ("deploy", EVERYTHING, 90 * DAY + 1),
        ],
    )
    def test_impossible_tokens_are_usage_errors(
        self, services: Jobs, name: str, scope: Scope, lifetime: int
    ) -> None:
        with refused(ErrorCode.USAGE):
            services.api.ci_tokens.create(name, Role.ADMIN, scope, lifetime)
        assert services.api.ci_tokens.list(None) == ()

    def test_making_and_revoking_are_recorded_without_the_secret(self, services: Jobs) -> None:
        made = services.token(Role.OPERATOR, Scope(names=("shop-*",)))
        services.api.ci_tokens.revoke([made.token.id])
        for action in ("token:create", "token:revoke"):
            intent, outcome = last_intent_and_outcome(services, action)
            assert (intent.target, intent.target_name) == (made.token.id, "deploy")
            assert (intent.token_id, outcome.result) == ("", "ok")
        assert last_intent_and_outcome(services, "token:create")[0].detail == (
            "operator on name shop-*"
        )
        text = made.text.reveal()
        recorded = repr(services.entries())
        assert text not in recorded
        assert text[20:84] not in recorded
