"""A gateway's client passes the service contracts: over the wire, to the same services on fakes."""

import tempfile
from collections.abc import Iterator
from copy import copy
from pathlib import Path

import pytest

from contctl.backends.gateway.address import parse_address
from contctl.backends.gateway.client import GatewayAuthority
from contctl.backends.gateway.probe import ProbingTransport
from contctl.backends.gateway.transport import Deadlines
from contctl.core.api import Authority, Contctl, Maintenance, Recovery
from contctl.core.domain.ci_tokens import GivenToken
from contctl.core.domain.containers import Json
from contctl.core.domain.settings import Settings
from contctl.core.ports import EmbeddedPorts
from contctl.core.services.embedded import EmbeddedContctl
from contctl.core.services.remote import RemoteContctl
from contctl.core.services.served import ServedAuthority
from contctl.gateway.callers import Caller
from contctl.gateway.limits import Limits
from tests.contracts.audit_services import AuditServiceContract
from tests.contracts.container_services import ContainerServiceContract
from tests.contracts.engine_surroundings import VolumeMaker
from tests.contracts.key_services import KeyServiceContract
from tests.contracts.risk_services import ContainerMaker, RiskServiceContract
from tests.contracts.scope_services import ScopeServiceContract
from tests.contracts.services import ADMIN, PASSWORD, Services
from tests.contracts.session_services import SessionServiceContract
from tests.contracts.throttle_services import PasswordRuleContract, ThrottleServiceContract
from tests.contracts.token_management import TokenManagementContract
from tests.contracts.token_services import Jobs, TokenServiceContract
from tests.contracts.user_services import UserServiceContract
from tests.fakes.clock import FakeClock
from tests.fakes.host_access import FakeHostAccess
from tests.fakes.host_paths import Entry
from tests.fakes.ports import FakePorts
from tests.gateway.served import served

DEADLINES = Deadlines(answer=20, silence=20)
PLENTY = 10_000


class RemotePorts:
    """A client's ports, as far as they are not embedded mode's."""

    def __init__(self, transport: ProbingTransport, ports: EmbeddedPorts) -> None:
        self.address = str(transport.address)
        self.reason = "a test"
        self.gateway = transport
        self.host_access = FakeHostAccess()
        self.environment_token = ports.environment_token
        self.stores = ports.stores
        self.modes = ports.modes


class Remote(RemoteContctl):
    """What no gateway offers is done where the store is."""

    def __init__(self, transport: ProbingTransport, ports: EmbeddedPorts) -> None:
        super().__init__(
            RemotePorts(transport, ports), lambda proof: GatewayAuthority(transport, proof)
        )
        self._embedded = EmbeddedContctl(ports)

    @property
    def recovery(self) -> Recovery:
        return self._embedded.recovery

    @property
    def maintenance(self) -> Maintenance:
        return self._embedded.maintenance


class RemoteServices(Services):
    """As `Services`, through a gateway."""

    def __init__(self, ports: EmbeddedPorts, clock: FakeClock, transport: ProbingTransport) -> None:
        super().__init__(ports, clock)
        self._transport = transport

    def on(self, ports: EmbeddedPorts) -> Contctl:
        return Remote(self._transport, ports)

    @property
    def kept_under(self) -> str:
        return f"gateway {self._transport.address}"


class RemoteJobs(RemoteServices, Jobs):
    """As `Jobs`, through a gateway."""


class ThroughGateway:
    """Gives services behind a gateway on a Unix socket, on ports that are all fakes."""

    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def ports(self, clock: FakeClock) -> FakePorts:
        return FakePorts(clock)

    @pytest.fixture
    def transport(self, ports: FakePorts) -> Iterator[ProbingTransport]:
        def offer(caller: Caller) -> Authority:
            own, token = copy(ports), caller.token
            own.environment_token = None
            if token is not None and token.reveal().startswith("ctl_"):
                own.environment_token = GivenToken("CONTCTL_TOKEN", token)
                token = None
            return ServedAuthority(own, lambda: token)

        limits = Limits(logins_per_second=PLENTY, login_burst=PLENTY)
        with (
            tempfile.TemporaryDirectory() as folder,
            served(Path(folder), limits, offer) as gateway,
        ):
            yield ProbingTransport(parse_address(f"unix://{gateway.path}"), DEADLINES)

    @pytest.fixture
    def services(
        self, ports: FakePorts, clock: FakeClock, transport: ProbingTransport
    ) -> Iterator[Services]:
        services = RemoteServices(ports, clock, transport)
        services.api.sessions.initialise(ADMIN, PASSWORD)
        yield services
        services.clean_up()


class JobsThroughGateway(ThroughGateway):
    """The same with the admin logged in, and an environment that can give a CI token."""

    @pytest.fixture
    def services(
        self, ports: FakePorts, clock: FakeClock, transport: ProbingTransport
    ) -> Iterator[Jobs]:
        jobs = RemoteJobs(ports, clock, transport)
        jobs.api.sessions.initialise(ADMIN, PASSWORD)
        jobs.login()
        yield jobs
        jobs.given = None
        jobs.clean_up()


class TestSessions(ThroughGateway, SessionServiceContract):
    """Sessions."""


class TestUsers(ThroughGateway, UserServiceContract):
    """Users."""


class TestThrottle(ThroughGateway, ThrottleServiceContract):
    """Failed logins."""


class TestPasswordRules(ThroughGateway, PasswordRuleContract):
    """New passwords."""


class TestTokens(JobsThroughGateway, TokenServiceContract):
    """Using CI tokens."""


class TestTokenManagement(JobsThroughGateway, TokenManagementContract):
    """Making and ending CI tokens."""


class TestKeys(ThroughGateway, KeyServiceContract):
    """Key rotation."""


class TestAudit(ThroughGateway, AuditServiceContract):
    """The audit log."""


class TestContainers(ThroughGateway, ContainerServiceContract):
    """Containers."""


class TestScopes(ThroughGateway, ScopeServiceContract):
    """Scoped grants."""


class TestRisks(ThroughGateway, RiskServiceContract):
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
