"""CI tokens, as every implementation of the inbound port owes them."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pytest

from contctl.core.answers import NewToken
from contctl.core.api import Contctl
from contctl.core.domain.actions import Remove, Stop
from contctl.core.domain.audit import Phase
from contctl.core.domain.ci_tokens import GivenToken, token_text
from contctl.core.domain.containers import ListQuery
from contctl.core.domain.create import CreateSpec
from contctl.core.domain.grants import EVERYTHING, Scope
from contctl.core.domain.roles import Permission, Role
from contctl.core.domain.secret import Secret
from contctl.core.errors import ErrorCode
from contctl.core.ports import EmbeddedPorts
from tests.contracts.container_services import act, unique
from tests.contracts.services import (
    ADMIN,
    IMAGE,
    PASSWORD,
    Services,
    ServicesFixture,
    last_intent_and_outcome,
    refused,
)
from tests.fakes.clock import FakeClock

DAY = 86400
NOT_VALID = "the CI token in CONTCTL_TOKEN is not valid"


class Jobs(Services):
    """Services whose environment can give a CI token."""

    given: GivenToken | None = None

    @property
    def api(self) -> Contctl:
        """A fresh API object for the token that is given, else for whoever is logged in."""
        return self.on(cast(EmbeddedPorts, WithToken(self.ports, self.given)))

    def token(
        self, role: Role = Role.ADMIN, scope: Scope = EVERYTHING, lifetime: int = 30 * DAY
    ) -> NewToken:
        """Make a token of whoever is logged in."""
        return self.api.ci_tokens.create("deploy", role, scope, lifetime)

    @contextmanager
    def by(self, text: Secret) -> Iterator[None]:
        """Let a token speak for the caller inside."""
        self.given = GivenToken("CONTCTL_TOKEN", text)
        try:
            yield
        finally:
            self.given = None


class WithToken:
    """Ports as they are, but for the CI token that the environment gives."""

    def __init__(self, ports: EmbeddedPorts, given: GivenToken | None) -> None:
        self._ports = ports
        self.environment_token = given

    def __getattr__(self, name: str) -> object:
        return getattr(self._ports, name)


class JobsFixture(ServicesFixture):
    """Gives `services` with the admin logged in."""

    @pytest.fixture
    def services(self, ports: EmbeddedPorts, clock: FakeClock) -> Iterator[Jobs]:
        jobs = Jobs(ports, clock)
        jobs.api.sessions.initialise(ADMIN, PASSWORD)
        jobs.login()
        yield jobs
        jobs.given = None
        jobs.clean_up()


class TokenServiceContract(JobsFixture):
    """Using tokens: whose rights they have, and which of them are good."""

    def test_a_token_speaks_for_its_owner(self, services: Jobs) -> None:
        name = services.login_as(Role.OPERATOR)
        made = services.token()
        services.api.sessions.logout(everywhere=True)
        assert services.credential is None
        with services.by(made.text):
            current = services.api.ci_tokens.current()
            assert services.api.containers.list(ListQuery()) is not None
            assert services.api.users.show(None).user.name == name
        assert current is not None
        assert (current.owner.name, current.token) == (name, made.token)
        assert (current.roles, current.variable) == ((Role.OPERATOR,), "CONTCTL_TOKEN")
        assert current.issuer == services.ports.store.identity()
        assert services.api.ci_tokens.current() is None

    def test_it_wins_over_the_stored_session(self, services: Jobs) -> None:
        with services.by(services.token(Role.VIEWER).text):
            assert not services.api.rights.can(Permission.STOP, None, None)
            with refused(ErrorCode.FORBIDDEN):
                services.api.containers.act(Stop(), ["web"])
        with services.by(Secret("ctl_nonsense")), refused(ErrorCode.NOT_AUTHENTICATED):
            services.api.containers.list(ListQuery())
        assert services.api.rights.can(Permission.STOP, None, None)

    def test_the_session_is_handled_as_if_none_were_set(self, services: Jobs) -> None:
        with services.by(Secret("ctl_nonsense")):
            logged_in = services.api.sessions.login(ADMIN, PASSWORD, None)
            assert services.api.sessions.refresh(None).rotated
            assert services.api.sessions.status().session_id == logged_in.status.session_id
            ended = services.api.sessions.logout(everywhere=False)
        assert ended is not None
        assert ended.name == ADMIN
        assert services.credential is None

    def test_every_token_that_is_not_good_is_refused_alike(self, services: Jobs) -> None:
        services.add("bob", Role.VIEWER)
        services.add("eve", Role.VIEWER)
        tokens = []
        for name in ("bob", "eve"):
            services.login(name)
            tokens.append(services.token().text)
        disabled, deleted = tokens
        services.login()
        services.api.users.set_enabled("bob", enabled=False)
        services.api.users.remove("eve")
        revoked, expired = services.token(), services.token(lifetime=60)
        assert services.api.ci_tokens.revoke([revoked.token.id]) == (None,)
        good = services.token().text
        other_secret = token_text(bytes.fromhex(good.reveal()[4:20]), secrets.token_bytes(32))
        services.clock.advance(60)
        credential = services.credential
        assert credential is not None
        said = set()
        for text in (
            disabled,
            deleted,
            revoked.text,
            expired.text,
            other_secret,
            token_text(secrets.token_bytes(8), secrets.token_bytes(32)),
            credential.access,
            Secret(good.reveal()[:-1]),
            Secret(good.reveal() + "\n"),
            Secret("\udcff"),
            Secret("x" * 1_000_000),
        ):
            with services.by(text), refused(ErrorCode.NOT_AUTHENTICATED) as raised:
                services.api.containers.list(ListQuery())
            said.add((raised.value.message, raised.value.hint))
        hint = "make a new one with 'contctl token create', or unset CONTCTL_TOKEN"
        assert said == {(NOT_VALID, hint)}
        with services.by(good):
            services.api.users.show(None)

    def test_it_is_good_until_the_second_it_expires(self, services: Jobs) -> None:
        made = services.token(lifetime=90 * DAY)
        assert made.token.expires_at - made.token.created_at == 90 * DAY
        services.clock.advance(90 * DAY - 1)
        with services.by(made.text):
            services.api.users.show(None)
            services.clock.advance(1)
            with refused(ErrorCode.NOT_AUTHENTICATED):
                services.api.users.show(None)

    def test_it_resets_no_admins_password(self, services: Jobs) -> None:
        services.login()
        with services.by(services.token().text):
            with refused(ErrorCode.FORBIDDEN):
                services.api.recovery.admin(None)
            with refused(ErrorCode.FORBIDDEN):
                services.api.recovery.reset(ADMIN, PASSWORD)
        services.login()

    def test_its_rights_are_its_owners_of_now(self, services: Jobs) -> None:
        container_id = services.container()
        services.login_as(Role.VIEWER)
        name = services.api.users.show(None).user.name
        made = services.token(Role.OPERATOR)
        services.login()
        with services.by(made.text), refused(ErrorCode.FORBIDDEN):
            services.api.containers.act(Stop(grace=0), [container_id])
        grant = services.api.users.grant(name, Role.DEVELOPER, EVERYTHING)
        with services.by(made.text):
            outcome = act(services.api, Stop(grace=0), container_id)[container_id]
            assert outcome.error is None
            with refused(ErrorCode.FORBIDDEN):
                services.api.containers.act(Remove(), [container_id])
        services.api.users.revoke(name, grant.id)
        with services.by(made.text), refused(ErrorCode.FORBIDDEN):
            services.api.containers.act(Stop(grace=0), [container_id])

    def test_its_scope_hides_what_its_owner_sees(self, services: Jobs) -> None:
        shop, bank = services.container(name=unique("shop")), services.container()
        made = services.token(scope=Scope(names=("shop-*",)))
        with services.by(made.text):
            listed = [each.id for each in services.api.containers.list(ListQuery(all=True))]
            assert shop in listed
            assert bank not in listed
            outcome = act(services.api, Stop(grace=0), bank)[bank]
            assert outcome.error is not None
            assert outcome.error.code is ErrorCode.NOT_FOUND
            assert set(services.api.rights.all(None, None)) == {
                each for each in Permission if each.startswith(("container:", "image:"))
            }
        assert services.state(bank) == "running"

    def test_its_labels_let_it_set_no_foreign_label(self, services: Jobs) -> None:
        label = unique("team")
        services.add("eve", None)
        services.api.users.grant("eve", Role.VIEWER, Scope(labels=((label, "bank"),)))
        services.login_as(Role.DEVELOPER)
        made = services.token(scope=Scope(labels=((label, "bank"),)))
        with services.by(made.text), refused(ErrorCode.FORBIDDEN):
            spec = CreateSpec(image=IMAGE, labels={label: "bank"})
            services.api.containers.create(spec, "request")

    def test_it_gives_no_access_token(self, services: Jobs) -> None:
        with services.by(services.token().text), refused(ErrorCode.NOT_AUTHENTICATED) as raised:
            services.api.sessions.access_token()
        assert raised.value.hint == "unset CONTCTL_TOKEN"

    def test_a_password_change_leaves_tokens_a_disabled_owner_stops_them(
        self, services: Jobs
    ) -> None:
        name = services.login_as(Role.VIEWER)
        made = services.token()
        services.api.users.set_password(None, PASSWORD)
        with services.by(made.text):
            services.api.users.show(None)
        services.login()
        services.api.users.set_enabled(name, enabled=False)
        with services.by(made.text), refused(ErrorCode.NOT_AUTHENTICATED):
            services.api.users.show(None)
        services.api.users.set_enabled(name, enabled=True)
        with services.by(made.text):
            services.api.users.show(None)

    def test_what_it_does_is_recorded_as_the_tokens(self, services: Jobs) -> None:
        container_id = services.container()
        made = services.token()
        with services.by(made.text):
            act(services.api, Stop(grace=0), container_id)
        for entry in last_intent_and_outcome(services, "container:stop"):
            assert (entry.user, entry.session_id) == (ADMIN, "")
            assert entry.token_id == made.token.id

    def test_printing_the_access_token_is_recorded(self, services: Jobs) -> None:
        credential = services.credential
        assert credential is not None
        assert services.api.sessions.access_token() == credential.access
        entry = services.entries()[-1]
        assert (entry.action, entry.phase) == ("session:print-access-token", Phase.READ)
        services.clock.advance(600)
        with refused(ErrorCode.NOT_AUTHENTICATED):
            services.api.sessions.access_token()

    def test_the_diagnosis_names_the_token(self, services: Jobs) -> None:
        made = services.token()
        with services.by(made.text):
            checks = {check.name: check for check in services.api.doctor.examine()}
        assert checks["session"].detail == f"the CI token {made.token.id} of {ADMIN}"
