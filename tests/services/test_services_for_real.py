"""The services on a real database, real tokens, a real credential file and a real engine."""

from pathlib import Path

import pytest

from contctl.bootstrap import SystemPorts
from devtools.engine import PrivateEngine
from tests.contracts.container_services import ContainerServiceContract
from tests.contracts.scope_services import ScopeServiceContract
from tests.contracts.session_services import SessionServiceContract
from tests.contracts.user_services import UserServiceContract
from tests.fakes.clock import FakeClock


class ForReal:
    """Gives ports of this machine; only the clock obeys the test."""

    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def ports(self, clock: FakeClock, tmp_path: Path, engine_address: str) -> SystemPorts:
        home = tmp_path / "home"
        home.mkdir(mode=0o700)
        (home / "config.toml").write_text('[credentials]\nstore = "file"\n')
        environ = {"CONTCTL_HOME": str(home), "DOCKER_HOST": engine_address}
        return SystemPorts(environ, clock, context=None, interactive=False)

    @pytest.fixture
    def engine_address(self) -> str:
        """Nothing listens here; the tests of sessions and users do not need it."""
        return "unix:///nonexistent/docker.sock"


class TestSessions(ForReal, SessionServiceContract):
    """Sessions."""


class TestUsers(ForReal, UserServiceContract):
    """Users."""


@pytest.mark.docker
class TestContainers(ForReal, ContainerServiceContract):
    """Containers."""

    @pytest.fixture
    def engine_address(self, docker_engine: PrivateEngine) -> str:
        return docker_engine.host


@pytest.mark.docker
class TestScopes(ForReal, ScopeServiceContract):
    """Scoped grants."""

    @pytest.fixture
    def engine_address(self, docker_engine: PrivateEngine) -> str:
        return docker_engine.host
