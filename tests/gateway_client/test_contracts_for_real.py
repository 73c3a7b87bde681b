"""A gateway's client passes the service contracts on a real database, real tokens, a real file of
credentials and a real engine."""

import pytest

from devtools.engine import PrivateEngine
from tests.contracts.container_services import ContainerServiceContract
from tests.contracts.scope_services import ScopeServiceContract
from tests.contracts.session_services import SessionServiceContract
from tests.contracts.token_services import TokenServiceContract
from tests.contracts.user_services import UserServiceContract
from tests.gateway_client.through_gateway import JobsThroughGateway, ThroughGateway
from tests.services.test_services_for_real import ForReal


class RealThroughGateway(ForReal, ThroughGateway):
    """Behind a gateway, nothing but the clock obeys the test."""


class OnEngine(RealThroughGateway):
    """With an engine."""

    @pytest.fixture
    def engine_address(self, docker_engine: PrivateEngine) -> str:
        return docker_engine.host


class TestSessions(RealThroughGateway, SessionServiceContract):
    """Sessions."""


class TestUsers(RealThroughGateway, UserServiceContract):
    """Users."""


@pytest.mark.docker
class TestTokens(ForReal, JobsThroughGateway, TokenServiceContract):
    """Using CI tokens."""

    @pytest.fixture
    def engine_address(self, docker_engine: PrivateEngine) -> str:
        return docker_engine.host


@pytest.mark.docker
class TestContainers(OnEngine, ContainerServiceContract):
    """Containers."""


@pytest.mark.docker
class TestScopes(OnEngine, ScopeServiceContract):
    """Scoped grants."""
