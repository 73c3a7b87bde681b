"""The Docker engine keeps the contract."""

from collections.abc import Callable, Iterator

import pytest

from contctl.backends.docker.engine import DockerEngine
from contctl.core.ports import Engine
from devtools.engine import PrivateEngine
from devtools.registry import PrivateRegistry
from tests.contracts.engine import EngineContract
from tests.contracts.engine_surroundings import VolumeMaker
from tests.docker.raw import RawEngine


@pytest.mark.docker
class TestDockerEngine(EngineContract):
    @pytest.fixture
    def engine(self, docker_backend: DockerEngine) -> Engine:
        return docker_backend

    @pytest.fixture
    def pullable_image(self, pushed_image: Callable[[], str]) -> str:
        return f"{pushed_image()}:latest"

    @pytest.fixture
    def make_volume(self, docker_engine: PrivateEngine) -> Iterator[VolumeMaker]:
        volumes = RawEngine(docker_engine.host)
        yield volumes.volume
        volumes.clear()

    @pytest.fixture
    def absent_image(self, docker_registry: PrivateRegistry) -> str:
        return f"{docker_registry.name}/nosuch:latest"
