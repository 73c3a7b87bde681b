"""A gateway's client passes the service contracts: over the wire, to the same services on fakes."""

import pytest

from contctl.core.domain.containers import Json
from contctl.core.domain.settings import Settings
from tests.contracts.audit_services import AuditServiceContract
from tests.contracts.container_services import ContainerServiceContract
from tests.contracts.engine_surroundings import VolumeMaker
from tests.contracts.key_services import KeyServiceContract
from tests.contracts.risk_services import ContainerMaker, RiskServiceContract
from tests.contracts.scope_services import ScopeServiceContract
from tests.contracts.services import Services
from tests.contracts.session_services import SessionServiceContract
from tests.contracts.throttle_services import PasswordRuleContract, ThrottleServiceContract
from tests.contracts.token_management import TokenManagementContract
from tests.contracts.token_services import TokenServiceContract
from tests.contracts.user_services import UserServiceContract
from tests.fakes.clock import FakeClock
from tests.fakes.host_paths import Entry
from tests.fakes.ports import FakePorts
from tests.gateway_client.through_gateway import JobsThroughGateway, ThroughGateway


class OnFakes(ThroughGateway):
    """All ports are fakes."""

    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def ports(self, clock: FakeClock) -> FakePorts:
        return FakePorts(clock)


class JobsOnFakes(OnFakes, JobsThroughGateway):
    """The same with the admin logged in."""


class TestSessions(OnFakes, SessionServiceContract):
    """Sessions."""


class TestUsers(OnFakes, UserServiceContract):
    """Users."""


class TestThrottle(OnFakes, ThrottleServiceContract):
    """Failed logins."""


class TestPasswordRules(OnFakes, PasswordRuleContract):
    """New passwords."""


class TestTokens(JobsOnFakes, TokenServiceContract):
    """Using CI tokens."""


class TestTokenManagement(JobsOnFakes, TokenManagementContract):
    """Making and ending CI tokens."""


class TestKeys(OnFakes, KeyServiceContract):
    """Key rotation."""


class TestAudit(OnFakes, AuditServiceContract):
    """The audit log."""


class TestContainers(OnFakes, ContainerServiceContract):
    """Containers."""


class TestScopes(OnFakes, ScopeServiceContract):
    """Scoped grants."""


class TestRisks(OnFakes, RiskServiceContract):
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
