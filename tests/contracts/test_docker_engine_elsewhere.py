"""The Docker engine keeps the contract over TLS, and what streams over ssh."""

from collections.abc import Callable, Iterator

import pytest

from contctl.backends.clock import SystemClock
from contctl.backends.docker.endpoint import Endpoint
from contctl.backends.docker.engine import DockerEngine
from contctl.core.ports import Engine
from devtools.engine import PrivateEngine
from devtools.registry import PrivateRegistry
from tests.contracts.engine import EngineContract
from tests.contracts.engine_processes import ProcessContract
from tests.contracts.engine_streams import StreamContract
from tests.contracts.engine_surroundings import VolumeMaker
from tests.docker.raw import RawEngine
from tests.real_elsewhere import TlsEngine


@pytest.mark.docker
class TestDockerEngineOverTls(EngineContract):
    @pytest.fixture
    def engine(self, tls_engine: TlsEngine) -> Engine:
        return tls_engine.backend()

    @pytest.fixture
    def docker_engine(self, tls_engine: TlsEngine) -> PrivateEngine:
        return tls_engine.engine

    @pytest.fixture
    def pullable_image(self, pushed_image: Callable[[], str]) -> str:
        return f"{pushed_image()}:latest"

    @pytest.fixture
    def absent_image(self, docker_registry: PrivateRegistry) -> str:
        return f"{docker_registry.name}/nosuch:latest"

    @pytest.fixture
    def make_volume(self, tls_engine: TlsEngine) -> Iterator[VolumeMaker]:
        volumes = RawEngine(tls_engine.engine.host)
        yield volumes.volume
        volumes.clear()


@pytest.mark.docker
class TestDockerEngineOverSsh(StreamContract, ProcessContract):
    @pytest.fixture
    def engine(self, tls_engine: TlsEngine, ssh_host: str) -> Engine:
        path = tls_engine.engine.host.removeprefix("unix://")
        return DockerEngine(Endpoint(f"{ssh_host}{path}", "a test"), SystemClock())
