"""Accounts, as every implementation of the inbound port owes them."""

import pytest

from contctl.core.domain.audit import Phase
from contctl.core.domain.roles import Role
from contctl.core.domain.secret import Secret
from contctl.core.errors import ErrorCode
from tests.contracts.services import (
    ADMIN,
    PASSWORD,
    Services,
    ServicesFixture,
    last_intent_and_outcome,
    refused,
)

NEW = Secret("another long password")


class UserServiceContract(ServicesFixture):
    """add, list, show, set_password, set_enabled, remove; and the audit log of it."""

    def test_an_admin_adds_users_who_can_log_in(self, services: Services) -> None:
        account = services.add("bob", Role.OPERATOR)
        assert [grant.role for grant in account.grants] == [Role.OPERATOR]
        assert services.api.users.show("bob") == account
        services.login("bob")
        assert services.api.users.show(None) == account

    def test_a_user_without_a_role_may_do_nothing_but_see_itself(self, services: Services) -> None:
        services.add("bob", None)
        services.login("bob")
        assert services.api.users.show("bob").grants == ()
        with refused(ErrorCode.FORBIDDEN):
            services.api.users.list()

    def test_names_are_checked_before_anything_else(self, services: Services) -> None:
        services.login()
        for name in ("", "Bob", "b b", "-b", "ädä", "bob\n", "a" * 65):
            with refused(ErrorCode.USAGE):
                services.api.users.check_new(name)
            with refused(ErrorCode.USAGE):
                services.api.users.add(name, PASSWORD, None)
        with refused(ErrorCode.CONFLICT):
            services.api.users.check_new(ADMIN)
        with refused(ErrorCode.CONFLICT):
            services.api.users.add(ADMIN, PASSWORD, None)

    def test_short_passwords_are_refused(self, services: Services) -> None:
        services.login()
        with refused(ErrorCode.USAGE):
            services.api.users.add("bob", Secret("x" * 14), None)
        with refused(ErrorCode.USAGE):
            services.api.users.set_password(None, Secret("x" * 14))
        services.login()

    def test_all_accounts_are_listed_by_name(self, services: Services) -> None:
        for name in ("zoe", "bob", "mia"):
            services.add(name, Role.VIEWER)
        names = [account.user.name for account in services.api.users.list()]
        assert names == [ADMIN, "bob", "mia", "zoe"]

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.DEVELOPER])
    def test_only_admins_manage_accounts(self, services: Services, role: Role) -> None:
        services.add("bob", None)
        services.login_as(role)
        before = services.api.users.show(None)
        users = services.api.users
        for attempt in (
            lambda: users.add("eve", PASSWORD, Role.ADMIN),
            lambda: users.check_new("eve"),
            users.list,
            lambda: users.show("bob"),
            lambda: users.show("no-such-user"),
            lambda: users.set_password("bob", NEW),
            lambda: users.set_enabled(ADMIN, enabled=False),
            lambda: users.remove("bob"),
        ):
            with refused(ErrorCode.FORBIDDEN) as raised:
                attempt()
            assert "user:manage" in raised.value.message
        denials = [entry for entry in services.entries() if entry.phase is Phase.DENIED]
        assert len(denials) == 8
        assert {entry.user for entry in denials} == {before.user.name}
        assert services.api.users.show(None) == before
        services.login()
        assert services.api.users.show("bob").user.enabled
        services.login("bob")

    def test_everyone_may_change_the_own_password_which_ends_other_sessions(
        self, services: Services
    ) -> None:
        services.add("bob", None)
        services.login("bob")
        elsewhere = services.put_aside()
        services.login("bob")
        services.api.users.set_password(None, NEW)
        services.api.sessions.status()
        services.put_back(elsewhere)
        with refused(ErrorCode.NOT_AUTHENTICATED):
            services.api.sessions.status()
        with refused(ErrorCode.NOT_AUTHENTICATED):
            services.login("bob")
        services.login("bob", NEW)

    def test_disabling_binds_the_very_next_command(self, services: Services) -> None:
        services.add("bob", Role.ADMIN)
        services.login("bob")
        bobs = services.put_aside()
        services.login()
        services.api.users.set_enabled("bob", enabled=False)
        admins = services.put_aside()
        services.put_back(bobs)
        with refused(ErrorCode.NOT_AUTHENTICATED):
            services.api.users.show(None)
        with refused(ErrorCode.NOT_AUTHENTICATED):
            services.api.sessions.refresh(None)
        services.put_back(admins)
        services.api.users.set_enabled("bob", enabled=True)
        services.login("bob")

    def test_a_removed_user_is_gone_and_its_records_stay(self, services: Services) -> None:
        services.add("bob", Role.VIEWER)
        services.login("bob")
        bobs = services.put_aside()
        services.login()
        services.api.users.remove("bob")
        with refused(ErrorCode.NOT_FOUND):
            services.api.users.show("bob")
        services.put_back(bobs)
        with refused(ErrorCode.NOT_AUTHENTICATED):
            services.api.sessions.status()
        assert any(entry.target_name == "bob" for entry in services.entries())

    def test_the_last_enabled_admin_stays(self, services: Services) -> None:
        services.login()
        with refused(ErrorCode.CONFLICT):
            services.api.users.set_enabled(ADMIN, enabled=False)
        with refused(ErrorCode.CONFLICT):
            services.api.users.remove(ADMIN)
        services.api.users.add("bob", PASSWORD, Role.ADMIN)
        services.api.users.remove(ADMIN)
        services.login("bob")
        with refused(ErrorCode.CONFLICT):
            services.api.users.remove("bob")

    def test_a_disabled_user_is_nobody_even_in_a_live_session(self, services: Services) -> None:
        account = services.add("bob", Role.VIEWER)
        services.login("bob")
        services.ports.users.set_enabled(account.user.id, enabled=False)
        with refused(ErrorCode.NOT_AUTHENTICATED):
            services.api.sessions.status()
        with refused(ErrorCode.NOT_AUTHENTICATED):
            services.api.sessions.refresh(None)
        assert services.ports.sessions.live(account.user.id, int(services.clock.now()))

    def test_unknown_users_are_not_found(self, services: Services) -> None:
        services.login()
        for attempt in (
            lambda: services.api.users.show("nobody"),
            lambda: services.api.users.set_password("nobody", NEW),
            lambda: services.api.users.set_enabled("nobody", enabled=True),
            lambda: services.api.users.remove("nobody' OR 1=1 --"),
        ):
            with refused(ErrorCode.NOT_FOUND):
                attempt()

    def test_changes_leave_intent_and_outcome(self, services: Services) -> None:
        account = services.add("bob", Role.VIEWER)
        intent, outcome = last_intent_and_outcome(services, "user:add")
        assert (intent.user, intent.target, intent.target_name) == (ADMIN, account.user.id, "bob")
        assert outcome.result == "ok"
        assert outcome.intent is not None
        with refused(ErrorCode.CONFLICT):
            services.api.users.set_enabled(ADMIN, enabled=False)
        _, outcome = last_intent_and_outcome(services, "user:disable")
        assert outcome.result == "conflict"
