"""The services on a real database, real tokens, a real credential file and a real engine.

Hashes are real too, but of a hundredth of the usual cost, which no test here is about.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import pytest

from contctl.backends.argon2 import Argon2Hasher
from contctl.bootstrap.ports import SystemPorts
from contctl.core.ports import PasswordHasher
from devtools.engine import PrivateEngine
from tests.contracts.container_services import ContainerServiceContract
from tests.contracts.engine_surroundings import VolumeMaker
from tests.contracts.key_services import KeyServiceContract
from tests.contracts.maintenance_services import MaintenanceServiceContract
from tests.contracts.risk_services import ContainerMaker, RiskServiceContract
from tests.contracts.scope_services import ScopeServiceContract
from tests.contracts.session_services import SessionServiceContract
from tests.contracts.throttle_services import (
    PasswordRuleContract,
    RecoveryServiceContract,
    ThrottleServiceContract,
)
from tests.contracts.token_management import TokenManagementContract
from tests.contracts.token_services import TokenServiceContract
from tests.contracts.user_services import UserServiceContract
from tests.docker.raw import RawEngine
from tests.fakes.clock import FakeClock
from tests.requirements import unavailable


class QuickPorts(SystemPorts):
    """Ports of this machine, but for the price of a hash."""

    @cached_property
    def hasher(self) -> PasswordHasher:
        return Argon2Hasher(memory_cost=1024, time_cost=1, parallelism=1)


class ForReal:
    """Gives ports of this machine; only the clock obeys the test."""

    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def ports(
        self, clock: FakeClock, tmp_path: Path, engine_address: str, policy: str
    ) -> SystemPorts:
        home = tmp_path / "home"
        home.mkdir(mode=0o700)
        (home / "config.toml").write_text(f'[credentials]\nstore = "file"\n{policy}')
        environ = {"CONTCTL_HOME": str(home), "DOCKER_HOST": engine_address}
        return QuickPorts(environ, clock, context=None, interactive=False)

    @pytest.fixture
    def engine_address(self) -> str:
        """Nothing listens here; the tests of sessions and users do not need it."""
        return "unix:///nonexistent/docker.sock"

    @pytest.fixture
    def policy(self) -> str:
        """What else the configuration says."""
        return ""


class TestSessions(ForReal, SessionServiceContract):
    """Sessions."""


class TestUsers(ForReal, UserServiceContract):
    """Users."""


class TestThrottle(ForReal, ThrottleServiceContract):
    """Failed logins."""


class TestPasswordRules(ForReal, PasswordRuleContract):
    """New passwords."""


class TestRecovery(ForReal, RecoveryServiceContract):
    """The way back in."""


class TestKeys(ForReal, KeyServiceContract):
    """Key rotation."""


class TestMaintenance(ForReal, MaintenanceServiceContract):
    """The store as a whole."""


@pytest.mark.docker
class TestContainers(ForReal, ContainerServiceContract):
    """Containers."""

    @pytest.fixture
    def engine_address(self, docker_engine: PrivateEngine) -> str:
        return docker_engine.host


class TestTokenManagement(ForReal, TokenManagementContract):
    """Making and ending CI tokens."""


@pytest.mark.docker
class TestTokens(ForReal, TokenServiceContract):
    """Using CI tokens."""

    @pytest.fixture
    def engine_address(self, docker_engine: PrivateEngine) -> str:
        return docker_engine.host


@pytest.mark.docker
class TestScopes(ForReal, ScopeServiceContract):
    """Scoped grants."""

    @pytest.fixture
    def engine_address(self, docker_engine: PrivateEngine) -> str:
        return docker_engine.host


@pytest.mark.docker
class TestRisks(ForReal, RiskServiceContract):
    """Dangerous containers."""

    @pytest.fixture
    def engine_address(self, docker_engine: PrivateEngine) -> str:
        return docker_engine.host

    @pytest.fixture
    def policy(self, admitted_folder: str) -> str:
        return f'[policy]\nbind_mounts = ["{admitted_folder}"]\n'

    @pytest.fixture
    def admitted_folder(self) -> Iterator[str]:
        if os.geteuid() != 0:
            unavailable("making a folder of root's needs root")
        folder = tempfile.mkdtemp(prefix="contctl-test-", dir="/var/lib")
        yield folder
        shutil.rmtree(folder)

    @pytest.fixture
    def raw(self, docker_engine: PrivateEngine) -> Iterator[RawEngine]:
        raw = RawEngine(docker_engine.host)
        yield raw
        raw.clear()

    @pytest.fixture
    def make(self, raw: RawEngine) -> ContainerMaker:
        return raw.container

    @pytest.fixture
    def make_volume(self, raw: RawEngine) -> VolumeMaker:
        return raw.volume
