"""Services behind a gateway on a Unix socket, for the service contracts."""

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
from contctl.core.ports import EmbeddedPorts
from contctl.core.services.embedded import EmbeddedContctl
from contctl.core.services.remote import RemoteContctl
from contctl.core.services.served import ServedAuthority
from contctl.gateway.callers import Caller
from contctl.gateway.limits import Limits
from tests.contracts.services import ADMIN, PASSWORD, Services
from tests.contracts.token_services import Jobs
from tests.fakes.clock import FakeClock
from tests.fakes.host_access import FakeHostAccess
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
    """Gives services behind a gateway on a Unix socket; a subclass gives ports and clock."""

    @pytest.fixture
    def transport(self, ports: EmbeddedPorts) -> Iterator[ProbingTransport]:
        def offer(caller: Caller) -> Authority:
            own, token = copy(ports), caller.token
            vars(own)["environment_token"] = None
            if token is not None and token.reveal().startswith("ctl_"):
                vars(own)["environment_token"] = GivenToken("CONTCTL_TOKEN", token)
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
        self, ports: EmbeddedPorts, clock: FakeClock, transport: ProbingTransport
    ) -> Iterator[Services]:
        services = RemoteServices(ports, clock, transport)
        services.api.sessions.initialise(ADMIN, PASSWORD)
        yield services
        services.clean_up()


class JobsThroughGateway(ThroughGateway):
    """The same with the admin logged in, and an environment that can give a CI token."""

    @pytest.fixture
    def services(
        self, ports: EmbeddedPorts, clock: FakeClock, transport: ProbingTransport
    ) -> Iterator[Jobs]:
        jobs = RemoteJobs(ports, clock, transport)
        jobs.api.sessions.initialise(ADMIN, PASSWORD)
        jobs.login()
        yield jobs
        jobs.given = None
        jobs.clean_up()
