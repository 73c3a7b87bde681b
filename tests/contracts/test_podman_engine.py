"""The Podman engine keeps the contract."""

from collections.abc import Callable, Iterator

import pytest

from contctl.backends.podman.engine import PodmanEngine
from contctl.core.ports import Engine
from devtools.podman import PrivatePodman
from devtools.registry import PrivateRegistry
from tests.contracts.engine import EngineContract
from tests.contracts.engine_surroundings import VolumeMaker
from tests.docker.raw import RawEngine


@pytest.mark.docker
class TestPodmanEngine(EngineContract):
    @pytest.fixture
    def engine(self, podman_backend: PodmanEngine) -> Engine:
        return podman_backend

    @pytest.fixture
    def pullable_image(self, image_for_podman: Callable[[], str]) -> str:
        return f"{image_for_podman()}:latest"

    @pytest.fixture
    def make_volume(self, podman_service: PrivatePodman) -> Iterator[VolumeMaker]:
        volumes = RawEngine(podman_service.host)
        yield volumes.volume
        volumes.clear()

    @pytest.fixture
    def absent_image(self, docker_registry: PrivateRegistry) -> str:
        return f"{docker_registry.name}/nosuch:latest"
