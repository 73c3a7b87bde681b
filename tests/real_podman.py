"""Fixtures of a private, real Podman service."""

import uuid
from collections.abc import Callable, Iterator

import pytest

from contctl.backends.clock import SystemClock
from contctl.backends.podman.engine import PodmanEngine, podman_engine
from contctl.core.domain.engines import EngineAddress, EngineKind
from devtools import images, podman
from devtools.registry import PrivateRegistry
from tests.requirements import unavailable

IMAGE = "busybox:latest"


@pytest.fixture(scope="session")
def podman_service(docker_registry: PrivateRegistry) -> Iterator[podman.PrivatePodman]:
    """A private Podman that has the image `busybox:latest`; many tests share it, and leave
    containers on it."""
    missing = podman.missing()
    if missing:
        unavailable(missing)
    try:
        service = podman.PrivatePodman(docker_registry.name).__enter__()
    except RuntimeError as error:
        unavailable(f"no private Podman: {error}")
    try:
        images.import_image(service.host, IMAGE)
        yield service
    finally:
        service.close()


@pytest.fixture
def podman_backend(podman_service: podman.PrivatePodman) -> PodmanEngine:
    """contctl's own client of the private Podman."""
    address = EngineAddress(EngineKind.PODMAN, podman_service.host)
    return podman_engine(address, "a test", {}, SystemClock())


@pytest.fixture
def image_for_podman(
    podman_service: podman.PrivatePodman, docker_registry: PrivateRegistry
) -> Callable[[], str]:
    """Makes an image that the registry has and Podman has not, and answers its name."""

    def push() -> str:
        repository = f"{docker_registry.name}/pushed-{uuid.uuid4().hex[:8]}"
        images.push_image(podman_service.host, IMAGE, repository, "latest")
        images.remove_image(podman_service.host, f"{repository}:latest")
        return repository

    return push
