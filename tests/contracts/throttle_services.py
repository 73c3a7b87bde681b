"""Failed logins, unlocking, rules of new passwords and the way back in, as every implementation of
the inbound port owes them."""

import unicodedata

import pytest

from contctl.core.domain.audit import Phase
from contctl.core.domain.grants import Scope
from contctl.core.domain.roles import Role
from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode
from tests.contracts.services import (
    ADMIN,
    PASSWORD,
    Services,
    ServicesFixture,
    last_intent_and_outcome,
    refused,
)

WRONG = Secret("a wrong long password")
NEW = Secret("another long password")
FREE = 4
DAY = 86400


def failed_login(services: Services, name: str = ADMIN, password: Secret = WRONG) -> ContctlError:
    """Fail to log in; with what."""
    with refused(ErrorCode.NOT_AUTHENTICATED) as raised:
        services.api.sessions.login(name, password, None)
    return raised.value


def lock(services: Services, name: str = ADMIN) -> None:
    """Fail so often that the next login has to wait."""
    for _ in range(FREE):
        failed_login(services, name)


class ThrottleServiceContract(ServicesFixture):
    """Logins after failures, and `user unlock`."""

    def test_after_some_failures_the_right_password_has_to_wait(self, services: Services) -> None:
        wrong = failed_login(services)
        for _ in range(FREE - 1):
            failed_login(services)
        throttled = failed_login(services, password=PASSWORD)
        assert (throttled.message, throttled.hint) == (wrong.message, wrong.hint)
        services.clock.advance(1)
        failed_login(services, password=PASSWORD)
        services.clock.advance(1)
        services.login()

    def test_only_the_audit_log_tells_that_it_was_throttled(self, services: Services) -> None:
        lock(services)
        _, outcome = last_intent_and_outcome(services, "session:login")
        assert (outcome.detail, outcome.result) == ("", "not-authenticated")
        error = failed_login(services, password=PASSWORD)
        _, outcome = last_intent_and_outcome(services, "session:login")
        assert (outcome.detail, outcome.result) == ("throttled", "not-authenticated")
        assert "throttled" not in f"{error.message}{error.hint}{error.details}"

    def test_a_success_starts_the_count_anew(self, services: Services) -> None:
        for _ in range(3):
            for _ in range(FREE - 1):
                failed_login(services)
            services.login()

    def test_failures_of_one_account_do_not_touch_another(self, services: Services) -> None:
        services.add("bob", None)
        lock(services)
        services.login("bob")

    def test_nobody_waits_longer_than_a_quarter_of_an_hour(self, services: Services) -> None:
        for _ in range(15):
            failed_login(services)
            services.clock.advance(900)
        failed_login(services)
        failed_login(services, password=PASSWORD)
        services.clock.advance(900)
        services.login()

    def test_an_admin_unlocks_a_user_at_once(self, services: Services) -> None:
        services.add("bob", None)
        lock(services, "bob")
        failed_login(services, "bob", PASSWORD)
        assert services.api.users.unlock("bob").name == "bob"
        intent, outcome = last_intent_and_outcome(services, "user:unlock")
        assert (intent.user, intent.target_name, outcome.result) == (ADMIN, "bob", "ok")
        services.login("bob")

    def test_unlocking_who_is_not_locked_is_no_error(self, services: Services) -> None:
        services.login()
        assert services.api.users.unlock(ADMIN).name == ADMIN
        with refused(ErrorCode.NOT_FOUND):
            services.api.users.unlock("nobody")

    def test_unlocking_needs_user_manage(self, services: Services) -> None:
        name = services.login_as(Role.DEVELOPER)
        for whom in (name, ADMIN, "nobody"):
            with refused(ErrorCode.FORBIDDEN):
                services.api.users.unlock(whom)

    @pytest.mark.parametrize("name", ["", "nul\0", "Ünï", "\udcff", "x" * 100_000, "' OR 1=1 --"])
    def test_odd_names_are_throttled_like_any(self, services: Services, name: str) -> None:
        said = {failed_login(services, name).message for _ in range(FREE + 2)}
        assert said == {"wrong user name or password"}
        _, outcome = last_intent_and_outcome(services, "session:login")
        assert outcome.detail == "throttled"

    def test_a_name_that_nobody_has_is_not_kept(self, services: Services) -> None:
        failed_login(services, PASSWORD.reveal())
        assert PASSWORD.reveal() not in str(services.entries())
        _, outcome = last_intent_and_outcome(services, "session:login")
        assert (outcome.target, outcome.target_name) == ("", "(no such user)")

    def test_sessions_that_ended_long_ago_are_forgotten_at_a_login(
        self, services: Services
    ) -> None:
        services.add("bob", None)
        services.login("bob")
        ended = services.api.sessions.status().session_id
        services.api.sessions.logout(everywhere=False)
        services.login()
        over = services.api.sessions.status().session_id
        services.put_aside()
        repository = services.ports.sessions
        services.clock.advance(30 * DAY)
        services.login()
        assert repository.get(ended) is not None
        services.clock.advance(1)
        services.login()
        assert repository.get(ended) is None
        assert repository.get(over) is not None
        services.clock.advance(30 * DAY)
        services.login()
        assert repository.get(over) is None


class PasswordRuleContract(ServicesFixture):
    """What new passwords have to be, wherever one is set."""

    def test_the_rules_can_be_asked_without_a_session(self, services: Services) -> None:
        rules = services.api.password_rules
        assert rules.min_length == 15
        rules.check("bob", PASSWORD)
        for text in ("x" * 14, "passwordpassword", "contctl-contctl!", "bobbobbobbobbob", "\ud800"):
            with refused(ErrorCode.USAGE):
                rules.check("bob", Secret(text))

    def test_a_guessable_password_is_refused_wherever_it_is_set(self, services: Services) -> None:
        weak = Secret("passwordpassword")
        services.add("bob", None)
        for attempt in (
            lambda: services.api.users.add("eve", weak, None),
            lambda: services.api.users.set_password("bob", weak),
            lambda: services.api.users.set_password(None, weak),
            lambda: services.api.users.set_password("bob", Secret("bob" * 6)),
            lambda: services.api.recovery.reset(ADMIN, weak),
            lambda: services.api.sessions.initialise("eve", weak),
        ):
            with refused(ErrorCode.USAGE) as raised:
                attempt()
            assert "passwordpassword" not in f"{raised.value.message}{raised.value.hint}"
        services.login("bob")
        services.login()

    def test_the_own_name_is_no_password(self, services: Services) -> None:
        services.add("hopper", None)
        with refused(ErrorCode.USAGE) as raised:
            services.api.users.set_password("hopper", Secret("Hopper-hopper-1234"))
        assert "name" in raised.value.message

    def test_characters_are_counted_as_people_do(self, services: Services) -> None:
        rules = services.api.password_rules
        rules.check("bob", Secret(unicodedata.normalize("NFD", "fünfzehn Größen")))
        with refused(ErrorCode.USAGE) as raised:
            rules.check("bob", Secret(unicodedata.normalize("NFD", "fünfzehn Größe")))
        assert "too short" in raised.value.message

    def test_a_password_may_be_typed_on_another_system(self, services: Services) -> None:
        composed = "pässwörd mit ünïcode"
        services.login()
        services.api.users.set_password(None, Secret(unicodedata.normalize("NFD", composed)))
        services.login(ADMIN, Secret(composed))
        services.api.users.set_password(None, Secret(composed))
        services.login(ADMIN, Secret(unicodedata.normalize("NFD", composed)))


class RecoveryServiceContract(ServicesFixture):
    """Getting in again without a session."""

    def test_the_only_admin_gets_a_new_password(self, services: Services) -> None:
        services.login()
        lock(services)
        earlier = services.put_aside()
        assert services.api.recovery.admin(None).name == ADMIN
        assert services.api.recovery.reset(ADMIN, NEW).name == ADMIN
        services.put_back(earlier)
        with refused(ErrorCode.NOT_AUTHENTICATED):
            services.api.sessions.status()
        services.login(ADMIN, NEW)
        failed_login(services, password=PASSWORD)

    def test_it_is_recorded_with_the_operating_systems_user(self, services: Services) -> None:
        services.api.recovery.reset(ADMIN, NEW)
        intent, outcome = last_intent_and_outcome(services, "store:recover-admin")
        assert (intent.user, intent.uid) == ("", services.ports.uid)
        assert (intent.target_name, outcome.result) == (ADMIN, "ok")
        assert outcome.phase is Phase.OUTCOME

    def test_of_several_admins_one_has_to_be_named(self, services: Services) -> None:
        services.add("bob", Role.ADMIN)
        services.add("eve", Role.VIEWER)
        with refused(ErrorCode.USAGE) as raised:
            services.api.recovery.admin(None)
        assert "2 enabled admins" in raised.value.message
        assert raised.value.hint == "name one of ada, bob"
        services.api.recovery.reset("bob", NEW)
        services.login("bob", NEW)
        services.login()
        services.api.users.set_enabled("bob", enabled=False)
        assert services.api.recovery.admin(None).name == ADMIN

    def test_who_is_no_enabled_admin_is_refused(self, services: Services) -> None:
        services.add("off", Role.ADMIN)
        services.api.users.set_enabled("off", enabled=False)
        services.add("dev", Role.DEVELOPER)
        services.add("none", None)
        services.add("part", None)
        services.api.users.grant("part", Role.ADMIN, Scope(names=("shop-*",)))
        before = len(services.entries())
        for name in ("off", "dev", "none", "part"):
            with refused(ErrorCode.CONFLICT):
                services.api.recovery.admin(name)
            with refused(ErrorCode.CONFLICT):
                services.api.recovery.reset(name, NEW)
        for name in ("nobody", "", "\udcff", "ada' --"):
            with refused(ErrorCode.NOT_FOUND):
                services.api.recovery.reset(name, NEW)
        assert len(services.entries()) == before
        services.login("dev")

    def test_many_admins_are_counted_and_some_named(self, services: Services) -> None:
        services.login()
        for number in range(7):
            services.api.users.add(f"admin{number}", PASSWORD, Role.ADMIN)
        with refused(ErrorCode.USAGE) as raised:
            services.api.recovery.admin(None)
        assert "8 enabled admins" in raised.value.message
        assert raised.value.hint == "name one of ada, admin0, admin1, admin2, admin3, ..."
