"""Sessions, as every implementation of the inbound port owes them."""

import pytest

from contctl.core.domain.audit import Phase
from contctl.core.domain.credentials import StoreKind
from contctl.core.domain.roles import Role
from contctl.core.domain.secret import Secret
from contctl.core.errors import ErrorCode
from tests.contracts.services import ADMIN, PASSWORD, Services, ServicesFixture, refused

WEEK = 7 * 86400


class SessionServiceContract(ServicesFixture):
    """init, login, refresh, logout, status."""

    def test_a_second_init_is_a_conflict(self, services: Services) -> None:
        with refused(ErrorCode.CONFLICT):
            services.api.sessions.check_uninitialised()
        with refused(ErrorCode.CONFLICT):
            services.api.sessions.initialise("eve", PASSWORD)
        services.login()
        assert [account.user.name for account in services.api.users.list()] == [ADMIN]

    @pytest.mark.parametrize(
        ("name", "password"),
        [("Ada", "a long enough password"), ("", "a long enough password"), ("bob", "short")],
    )
    def test_init_refuses_bad_names_and_passwords(
        self, services: Services, name: str, password: str
    ) -> None:
        with refused(ErrorCode.USAGE):
            services.api.sessions.initialise(name, Secret(password))

    def test_login_begins_a_session_with_the_users_roles(self, services: Services) -> None:
        logged_in = services.api.sessions.login(ADMIN, PASSWORD, None)
        status = logged_in.status
        assert logged_in.ended is None
        assert (status.user.name, status.roles) == (ADMIN, (Role.ADMIN,))
        assert services.api.sessions.status() == status
        assert status.access_expires_at == services.clock.now() + 600
        assert status.refresh_expires_at == services.clock.now() + WEEK

    def test_every_failed_login_says_the_same_and_is_recorded(self, services: Services) -> None:
        services.add("bob", None)
        services.api.users.set_enabled("bob", enabled=False)
        services.api.sessions.logout(everywhere=False)
        said = set()
        for name, password in [
            (ADMIN, "a wrong long password"),
            ("nobody", PASSWORD.reveal()),
            ("bob", PASSWORD.reveal()),
            ("no such\0name ''; --", "x" * 2000),
        ]:
            before = len(services.entries())
            with refused(ErrorCode.NOT_AUTHENTICATED) as raised:
                services.api.sessions.login(name, Secret(password), None)
            said.add((raised.value.message, raised.value.hint))
            intent, outcome = services.entries()[before:]
            assert (intent.phase, outcome.phase) == (Phase.INTENT, Phase.OUTCOME)
            assert outcome.result == "not-authenticated"
        assert len(said) == 1
        assert services.credential is None

    def test_a_login_ends_the_session_that_it_replaces(self, services: Services) -> None:
        services.login()
        old = services.credential
        ended = services.api.sessions.login(ADMIN, PASSWORD, None).ended
        assert ended is not None
        assert ended.name == ADMIN
        assert old is not None
        services.put_back(old)
        with refused(ErrorCode.NOT_AUTHENTICATED):
            services.api.sessions.status()

    def test_a_failed_login_keeps_the_session_there_was(self, services: Services) -> None:
        services.login()
        with refused(ErrorCode.NOT_AUTHENTICATED):
            services.api.sessions.login(ADMIN, Secret("a wrong long password"), None)
        assert services.api.sessions.status().user.name == ADMIN

    def test_login_uses_the_store_that_is_asked_for(self, services: Services) -> None:
        services.api.sessions.prepare_login(StoreKind.FILE)
        services.api.sessions.login(ADMIN, PASSWORD, StoreKind.FILE)
        assert services.ports.stores.choose(None, services.kept_under).kind is StoreKind.FILE
        assert services.api.sessions.status().user.name == ADMIN

    def test_without_a_session_nothing_is_answered(self, services: Services) -> None:
        for question in (
            services.api.sessions.status,
            lambda: services.api.sessions.refresh(None),
            lambda: services.api.users.show(None),
        ):
            with refused(ErrorCode.NOT_AUTHENTICATED) as raised:
                question()
            assert raised.value.hint == "run 'contctl login'"

    def test_an_expired_access_token_is_renewed_only_by_refresh(self, services: Services) -> None:
        services.login()
        services.clock.advance(599)
        services.api.sessions.status()
        services.clock.advance(1)
        for _ in range(2):
            with refused(ErrorCode.NOT_AUTHENTICATED) as raised:
                services.api.sessions.status()
            assert raised.value.message == "the access token has expired"
            assert raised.value.hint == "run 'contctl refresh'"
        assert services.api.sessions.refresh(None).rotated
        assert services.api.sessions.status().access_expires_at == services.clock.now() + 600

    def test_refresh_if_expiring_waits_until_little_time_is_left(self, services: Services) -> None:
        services.login()
        before = services.credential
        assert not services.api.sessions.refresh(120).rotated
        assert services.credential == before
        services.clock.advance(481)
        assert services.api.sessions.refresh(120).rotated
        services.clock.advance(700)
        assert services.api.sessions.refresh(120).rotated

    def test_refreshing_never_moves_the_end_of_the_session(self, services: Services) -> None:
        services.login()
        end = services.api.sessions.status().ends_at
        for _ in range(4):
            services.clock.advance(WEEK - 60)
            services.api.sessions.refresh(None)
            assert services.api.sessions.status().ends_at == end
        services.clock.advance(WEEK - 60)
        with refused(ErrorCode.NOT_AUTHENTICATED) as raised:
            services.api.sessions.refresh(None)
        assert raised.value.hint == "run 'contctl login'"

    def test_an_idle_session_cannot_be_refreshed(self, services: Services) -> None:
        services.login()
        services.clock.advance(WEEK)
        with refused(ErrorCode.NOT_AUTHENTICATED) as raised:
            services.api.sessions.refresh(None)
        assert raised.value.hint == "run 'contctl login'"
        with refused(ErrorCode.NOT_AUTHENTICATED) as raised:
            services.api.sessions.status()
        assert raised.value.hint == "run 'contctl login'"

    def test_a_lost_answer_is_delivered_again(self, services: Services) -> None:
        services.login()
        first = services.credential
        assert first is not None
        services.api.sessions.refresh(None)
        second = services.credential
        services.put_back(first)
        services.clock.advance(5)
        services.api.sessions.refresh(None)
        assert services.credential == second
        assert services.api.sessions.status().user.name == ADMIN

    @pytest.mark.parametrize("then", ["status", "refresh"])
    def test_a_refresh_token_used_twice_ends_the_session(
        self, services: Services, then: str
    ) -> None:
        services.login()
        first = services.credential
        assert first is not None
        services.api.sessions.refresh(None)
        if then == "status":
            services.api.sessions.status()
        else:
            services.api.sessions.refresh(None)
        newest = services.credential
        assert newest is not None
        services.put_back(first)
        with refused(ErrorCode.NOT_AUTHENTICATED):
            services.api.sessions.refresh(None)
        services.put_back(newest)
        with refused(ErrorCode.NOT_AUTHENTICATED):
            services.api.sessions.status()
        with refused(ErrorCode.NOT_AUTHENTICATED):
            services.api.sessions.refresh(None)

    def test_tokens_ahead_of_a_restored_store_are_denied_and_the_session_kept(
        self, services: Services
    ) -> None:
        services.login()
        session_id = services.api.sessions.status().session_id
        backup = services.ports.sessions.get(session_id)
        older = services.credential
        assert backup is not None
        assert older is not None
        services.api.sessions.refresh(None)
        services.api.sessions.refresh(None)
        services.ports.sessions.update(session_id, lambda _: backup)
        for question in (
            services.api.sessions.status,
            lambda: services.api.sessions.refresh(None),
        ):
            with refused(ErrorCode.NOT_AUTHENTICATED):
                question()
        services.put_back(older)
        assert services.api.sessions.status().session_id == session_id

    def test_logout_forgets_the_tokens_and_copies_are_worth_nothing(
        self, services: Services
    ) -> None:
        services.login()
        copy = services.credential
        assert copy is not None
        user = services.api.sessions.logout(everywhere=False)
        assert user is not None
        assert user.name == ADMIN
        assert services.credential is None
        services.put_back(copy)
        for question in (
            services.api.sessions.status,
            lambda: services.api.sessions.refresh(None),
        ):
            with refused(ErrorCode.NOT_AUTHENTICATED):
                question()

    def test_logout_without_a_session_is_done_already(self, services: Services) -> None:
        assert services.api.sessions.logout(everywhere=False) is None

    def test_logout_works_with_an_expired_access_token(self, services: Services) -> None:
        services.login()
        services.clock.advance(3600)
        assert services.api.sessions.logout(everywhere=False) is not None
        assert services.credential is None

    def test_logout_everywhere_ends_all_sessions_of_the_user_only(self, services: Services) -> None:
        services.login_as(Role.VIEWER)
        others = services.put_aside()
        services.login()
        elsewhere = services.put_aside()
        services.login()
        services.api.sessions.logout(everywhere=True)
        services.put_back(elsewhere)
        with refused(ErrorCode.NOT_AUTHENTICATED):
            services.api.sessions.status()
        services.put_back(others)
        services.api.sessions.status()

    def test_no_token_or_password_is_in_the_audit_log(self, services: Services) -> None:
        services.login()
        services.api.sessions.refresh(None)
        credential = services.credential
        assert credential is not None
        text = repr(services.entries())
        for secret in (PASSWORD, credential.access, credential.refresh):
            assert secret.reveal() not in text

    def test_foreign_text_in_the_credential_store_is_no_session(self, services: Services) -> None:
        services.login()
        kept = services.credential
        assert kept is not None
        for text in ("", "x", "a.b.c", "é" * 10, "\0", kept.refresh.reveal()):
            forged = type(kept)(Secret(text), kept.refresh, kept.generation)
            services.put_back(forged)
            with refused(ErrorCode.NOT_AUTHENTICATED):
                services.api.sessions.status()
        services.put_back(kept)
        services.api.sessions.status()

    def test_sessions_are_seen_and_ended_from_anywhere(self, services: Services) -> None:
        services.add("bob", None)
        services.login("bob")
        elsewhere = services.put_aside()
        services.clock.advance(5)
        services.login("bob")
        first, second = services.api.logins.list(None)
        assert (first.current, second.current) == (False, True)
        assert second.created_at == first.created_at + 5
        assert services.api.logins.revoke([first.session_id]) == (None,)
        assert services.api.logins.list(None) == (second,)
        (error,) = services.api.logins.revoke([first.session_id])
        assert error is not None
        assert error.code is ErrorCode.NOT_FOUND
        own = services.put_aside()
        services.put_back(elsewhere)
        with refused(ErrorCode.NOT_AUTHENTICATED):
            services.api.sessions.status()
        services.put_back(own)
        services.api.sessions.status()

    def test_others_sessions_are_for_those_who_manage_them(self, services: Services) -> None:
        services.login()
        admins = services.api.sessions.status().session_id
        services.put_aside()
        services.login_as(Role.DEVELOPER)
        with refused(ErrorCode.FORBIDDEN) as raised:
            services.api.logins.list(ADMIN)
        assert "session:manage" in raised.value.message
        (error,) = services.api.logins.revoke([admins])
        assert error is not None
        assert error.message == f"no such session: {admins}"
        (own,) = services.api.logins.list(None)
        services.put_aside()
        services.login()
        assert services.api.logins.list(own.user.name)[0].session_id == own.session_id
        assert services.api.logins.revoke([own.session_id]) == (None,)
        with refused(ErrorCode.NOT_FOUND):
            services.api.logins.list("nobody")
