"""The services on fakes pass the contract; and what only fakes can show."""

import pytest

from contctl.core.domain.actions import Stop
from contctl.core.domain.containers import Json, ListQuery, no_such_container
from contctl.core.domain.credentials import StoreKind
from contctl.core.domain.field_rules import EngineDefaults
from contctl.core.domain.roles import Permission, Role
from contctl.core.domain.secret import Secret
from contctl.core.domain.settings import Settings
from contctl.core.domain.streams import ExecSpec, LogOptions
from contctl.core.errors import ContctlError, ErrorCode
from tests.contracts.container_services import ContainerServiceContract, act
from tests.contracts.engine_surroundings import VolumeMaker
from tests.contracts.key_services import KeyServiceContract
from tests.contracts.maintenance_services import MaintenanceServiceContract
from tests.contracts.risk_services import INSIDE, ContainerMaker, RiskServiceContract
from tests.contracts.scope_services import ScopeServiceContract
from tests.contracts.services import ADMIN, PASSWORD, Services, ServicesFixture, refused
from tests.contracts.session_services import SessionServiceContract
from tests.contracts.throttle_services import (
    PasswordRuleContract,
    RecoveryServiceContract,
    ThrottleServiceContract,
)
from tests.contracts.token_management import TokenManagementContract
from tests.contracts.token_services import TokenServiceContract
from tests.contracts.user_services import UserServiceContract
from tests.fakes.clock import FakeClock
from tests.fakes.host_paths import Entry
from tests.fakes.ports import FakePorts


class InMemory:
    """Gives ports that are all fakes."""

    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def ports(self, clock: FakeClock) -> FakePorts:
        return FakePorts(clock)


class TestSessions(InMemory, SessionServiceContract):
    """Sessions."""


class TestUsers(InMemory, UserServiceContract):
    """Users."""


class TestThrottle(InMemory, ThrottleServiceContract):
    """Failed logins."""


class TestPasswordRules(InMemory, PasswordRuleContract):
    """New passwords."""


class TestRecovery(InMemory, RecoveryServiceContract):
    """The way back in."""


class TestTokens(InMemory, TokenServiceContract):
    """Using CI tokens."""


class TestTokenManagement(InMemory, TokenManagementContract):
    """Making and ending CI tokens."""


class TestKeys(InMemory, KeyServiceContract):
    """Key rotation."""


class TestMaintenance(InMemory, MaintenanceServiceContract):
    """The store as a whole."""


class TestContainers(InMemory, ContainerServiceContract):
    """Containers."""


class TestScopes(InMemory, ScopeServiceContract):
    """Scoped grants."""


class TestRisks(InMemory, RiskServiceContract):
    """Dangerous containers."""

    @pytest.fixture
    def ports(self, clock: FakeClock, admitted_folder: str) -> FakePorts:
        ports = FakePorts(clock, Settings(bind_mounts=(admitted_folder,)))
        ports.host_paths.add(admitted_folder, Entry("folder"))
        return ports

    @pytest.fixture
    def admitted_folder(self) -> str:
        return "/admitted"

    @pytest.fixture
    def make(self, services: Services, ports: FakePorts) -> ContainerMaker:
        def make(host_config: Json, *, running: bool = True) -> str:
            container_id = services.container(running=running)
            ports.engine.set_host_config(container_id, host_config)
            return container_id

        return make

    @pytest.fixture
    def make_volume(self, ports: FakePorts) -> VolumeMaker:
        return ports.engine.add_volume

    def test_paths_of_a_host_elsewhere_are_not_admitted(
        self, services: Services, ports: FakePorts, make: ContainerMaker, admitted_folder: str
    ) -> None:
        container_id = make({"Binds": [f"{admitted_folder}:/data"]})
        services.login_as(Role.DEVELOPER)
        assert services.api.rights.can(Permission.EXEC, container_id, None)
        ports.engine.socket = None
        with refused(ErrorCode.FORBIDDEN):
            services.api.containers.exec(container_id, ExecSpec(("true",)))

    def test_an_engine_that_cannot_tell_admits_nobody(
        self, services: Services, ports: FakePorts, make: ContainerMaker
    ) -> None:
        container_id = make({"Binds": ["data:/data"], "CgroupnsMode": "host"})
        ports.engine.add_volume("data", {})
        services.login_as(Role.DEVELOPER)
        before = list(ports.engine.changes)
        for operation in ("inspect", "volume", "defaults"):
            for attempt in INSIDE.values():
                down = ContctlError(ErrorCode.UNAVAILABLE, "it does not answer")
                ports.engine.fail_next(operation, down)
                with refused(ErrorCode.UNAVAILABLE):
                    attempt(services.api, container_id)
        assert ports.engine.changes == before

    def test_nothing_is_asked_for_who_may_use_dangerous_ones(
        self, services: Services, ports: FakePorts, make: ContainerMaker
    ) -> None:
        container_id = make({"Privileged": True})
        services.login()
        ports.engine.fail_next("inspect", ContctlError(ErrorCode.UNAVAILABLE, "not asked for"))
        for permission in ("container:exec", "container:attach"):
            INSIDE[permission](services.api, container_id)

    def test_a_container_that_goes_in_between_is_not_found(
        self, services: Services, ports: FakePorts
    ) -> None:
        container_id = services.container()
        services.login_as(Role.DEVELOPER)
        ports.engine.fail_next("inspect", no_such_container(container_id))
        with refused(ErrorCode.NOT_FOUND):
            services.api.containers.exec(container_id, ExecSpec(("true",)))

    def test_what_the_engine_gives_everybody_is_no_danger(
        self, services: Services, ports: FakePorts, make: ContainerMaker
    ) -> None:
        container_id = make({"CgroupnsMode": "host"})
        services.login_as(Role.DEVELOPER)
        assert not services.api.rights.can(Permission.EXEC, container_id, None)
        ports.engine.own_defaults = EngineDefaults(private_cgroups=False)
        assert services.api.rights.can(Permission.EXEC, container_id, None)

    def test_many_dangers_are_counted(self, services: Services, make: ContainerMaker) -> None:
        host_config = {"Privileged": True, "PidMode": "host", "IpcMode": "host", "Runtime": "x"}
        container_id = make({**host_config, "CapAdd": ["ALL"]})
        services.login_as(Role.DEVELOPER)
        with refused(ErrorCode.FORBIDDEN) as raised:
            services.api.containers.exec(container_id, ExecSpec(("true",)))
        assert raised.value.message.endswith(
            ", which carries privileged mode, added capability ALL, IPC namespace host and 2 more"
        )


def failure(reason: str) -> ContctlError:
    return ContctlError(ErrorCode.STORE, f"it is {reason}", details={"reason": reason})


class TestCredentialStores(InMemory, ServicesFixture):
    """Logins that move to another credential store."""

    def test_what_the_former_store_holds_is_ended_and_forgotten(
        self, services: Services, ports: FakePorts
    ) -> None:
        services.add("bob", None)
        services.login("bob")
        old = services.credential
        logged_in = services.api.sessions.login(ADMIN, PASSWORD, StoreKind.FILE)
        assert logged_in.ended is not None
        assert (logged_in.ended.name, logged_in.left_in) == ("bob", None)
        assert ports.stores.keyring.texts == {}
        assert services.api.sessions.status().user.name == ADMIN
        assert old is not None
        services.put_back(old)
        with refused(ErrorCode.NOT_AUTHENTICATED):
            services.api.sessions.status()

    def test_a_former_store_that_cannot_be_used_is_told(
        self, services: Services, ports: FakePorts
    ) -> None:
        services.login()
        ports.stores.keyring.broken = failure("locked")
        logged_in = services.api.sessions.login(ADMIN, PASSWORD, StoreKind.FILE)
        assert (logged_in.ended, logged_in.left_in) == (None, "the fake keyring")
        assert services.api.sessions.status().user.name == ADMIN
        assert len(services.api.logins.list(None)) == 2

    def test_the_same_store_again_is_no_former_one(self, services: Services) -> None:
        for store in (None, StoreKind.KEYRING, None):
            services.api.sessions.login(ADMIN, PASSWORD, store)
            assert services.api.sessions.status().user.name == ADMIN
        assert len(services.api.logins.list(None)) == 1


class TestFailures(InMemory, ServicesFixture):
    """What is left when a port fails."""

    @pytest.mark.parametrize("reason", ["read-only", "full"])
    def test_lists_go_on_where_nothing_can_be_recorded(
        self, services: Services, ports: FakePorts, reason: str
    ) -> None:
        container_id = services.container()
        services.login()
        ports.store.content.unwritable = failure(reason)
        assert services.api.containers.list(ListQuery())
        before = len(ports.engine.changes)
        for attempt in (
            lambda: services.api.containers.act(Stop(), [container_id]),
            lambda: services.api.containers.logs([container_id], LogOptions()),
            lambda: services.api.containers.inspect([container_id]),
            lambda: services.api.users.set_password(None, PASSWORD),
            lambda: services.api.sessions.refresh(None),
        ):
            with refused(ErrorCode.STORE):
                attempt()
        assert len(ports.engine.changes) == before
        ports.store.content.unwritable = None
        assert services.api.sessions.status().user.name == ADMIN

    def test_a_refusal_that_cannot_be_recorded_is_a_refusal(
        self, services: Services, ports: FakePorts
    ) -> None:
        container_id = services.container()
        services.login_as(Role.VIEWER)
        ports.store.content.unwritable = failure("full")
        with refused(ErrorCode.FORBIDDEN):
            services.api.containers.act(Stop(), [container_id])
        assert services.state(container_id) == "running"

    def test_a_deed_whose_outcome_cannot_be_recorded_says_so(
        self, services: Services, ports: FakePorts
    ) -> None:
        container_id = services.container()
        services.login()
        duplex = services.api.containers.exec(container_id, ExecSpec(("true",)))
        ports.store.content.unwritable = failure("full")
        with refused(ErrorCode.STORE) as raised:
            while duplex.read() is not None:
                pass
        assert "could not be recorded" in raised.value.message

    def test_a_broken_credential_store_loses_nothing(
        self, services: Services, ports: FakePorts
    ) -> None:
        services.login()
        kept = dict(ports.stores.keyring.texts)
        ports.stores.keyring.broken = failure("locked")
        for attempt in (
            lambda: services.api.sessions.refresh(None),
            lambda: services.api.sessions.prepare_login(None),
            lambda: services.api.sessions.login(ADMIN, PASSWORD, None),
            lambda: services.api.sessions.logout(everywhere=False),
            services.api.sessions.status,
        ):
            with refused(ErrorCode.STORE):
                attempt()
        ports.stores.keyring.broken = None
        assert ports.stores.keyring.texts == kept
        assert services.api.sessions.status().user.name == ADMIN
        assert services.api.sessions.refresh(None).rotated

    def test_a_login_whose_tokens_cannot_be_kept_leaves_no_session(
        self, services: Services, ports: FakePorts
    ) -> None:
        ports.stores.keyring.broken = failure("locked")
        with refused(ErrorCode.STORE):
            services.api.sessions.login(ADMIN, PASSWORD, None)
        assert all(
            session.revoked_at is not None for session in ports.store.content.sessions.values()
        )

    def test_a_busy_credential_store_is_waited_for_and_then_an_error(
        self, services: Services, ports: FakePorts
    ) -> None:
        services.login()
        ports.stores.busy = True
        with refused(ErrorCode.STORE):
            services.api.sessions.refresh(None)
        ports.stores.busy = False
        assert services.api.sessions.refresh(None).rotated

    def test_engine_failures_are_outcomes_of_their_targets(
        self, services: Services, ports: FakePorts
    ) -> None:
        first, second = services.container(), services.container()
        services.login()
        ports.engine.fail_next("stop", ContctlError(ErrorCode.UNAVAILABLE, "it does not answer"))
        outcomes = act(services.api, Stop(grace=0), first, second)
        failed = [outcome.error for outcome in outcomes.values() if outcome.error]
        assert [error.code for error in failed] == [ErrorCode.UNAVAILABLE]
        results = [entry.result for entry in services.entries() if entry.result][-2:]
        assert sorted(results) == ["ok", "unavailable"]

    def test_an_engine_that_is_down_answers_after_authorization(
        self, services: Services, ports: FakePorts
    ) -> None:
        down = ContctlError(ErrorCode.UNAVAILABLE, "it does not answer")
        services.login_as(Role.VIEWER)
        ports.engine.fail_next("list", down)
        with refused(ErrorCode.FORBIDDEN):
            services.api.containers.act(Stop(), ["web"])
        with refused(ErrorCode.UNAVAILABLE):
            services.api.containers.list(ListQuery())

    @pytest.mark.parametrize("name", ["nobody", "bob", ADMIN, "eve", "\udcff odd \0"])
    def test_each_failed_login_costs_one_verification_and_three_writes(
        self, services: Services, ports: FakePorts, name: str
    ) -> None:
        services.add("eve", None)
        services.add("bob", None)
        services.api.users.set_enabled("bob", enabled=False)
        for _ in range(4):
            ports.throttle.attempt("eve", f"uid {ports.uid}", int(ports.clock.now()))
        password = PASSWORD if name in ("bob", "eve") else Secret("a wrong long password")
        for _ in range(7):
            verified, written = ports.hasher.verified, ports.store.content.writes
            with refused(ErrorCode.NOT_AUTHENTICATED):
                services.api.sessions.login(name, password, None)
            assert ports.hasher.verified == verified + 1
            assert ports.store.content.writes == written + 3

    def test_a_login_that_cannot_be_counted_is_not_judged(
        self, services: Services, ports: FakePorts
    ) -> None:
        verified = ports.hasher.verified
        ports.store.content.unwritable = failure("full")
        with refused(ErrorCode.STORE):
            services.login()
        assert ports.hasher.verified == verified

    def test_a_login_whose_hash_is_damaged_has_an_outcome(
        self, services: Services, ports: FakePorts
    ) -> None:
        user = ports.users.by_name(ADMIN)
        assert user is not None
        ports.users.set_password_hash(user.id, "damaged")
        with refused(ErrorCode.STORE):
            services.login()
        intent, outcome = services.entries()[-2:]
        assert (outcome.action, outcome.result) == (intent.action, "store")

    def test_hashes_are_renewed_when_their_parameters_have_changed(
        self, services: Services, ports: FakePorts
    ) -> None:
        ports.hasher.version = 2
        services.login()
        user = ports.users.by_name(ADMIN)
        assert user is not None
        stored = ports.users.password_hash(user.id)
        assert stored is not None
        assert not ports.hasher.needs_rehash(stored)
        services.login()
