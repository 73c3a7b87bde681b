"""Fixtures of a private, real Docker engine and registry."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from contctl.backends.clock import SystemClock
from contctl.backends.docker.endpoint import Endpoint
from contctl.backends.docker.engine import DockerEngine
from devtools import engine as engines
from devtools import images
from devtools import registry as registries
from tests.requirements import unavailable

IMAGE = "busybox:latest"


@contextmanager
def private_engine(*options: str) -> Iterator[engines.PrivateEngine]:
    """A private engine that has the image `busybox:latest`. options: more of dockerd's."""
    missing = engines.missing()
    if missing:
        unavailable(missing)
    try:
        engine = engines.PrivateEngine(*options).__enter__()
    except RuntimeError as error:
        unavailable(f"no private Docker engine: {error}")
    try:
        images.import_image(engine.host, IMAGE)
        yield engine
    finally:
        engine.close()


@pytest.fixture(scope="session")
def docker_engine() -> Iterator[engines.PrivateEngine]:
    """A private engine that many tests share, and leave containers on."""
    with private_engine() as engine:
        yield engine


@pytest.fixture(scope="session")
def docker_registry() -> Iterator[registries.PrivateRegistry]:
    """A private registry, empty."""
    missing = registries.missing()
    if missing:
        unavailable(missing)
    with registries.PrivateRegistry() as registry:
        yield registry


@pytest.fixture
def docker_backend(docker_engine: engines.PrivateEngine) -> DockerEngine:
    """contctl's own client of the private engine."""
    return DockerEngine(Endpoint(docker_engine.host, "a test"), SystemClock())


@pytest.fixture
def pushed_image(
    docker_engine: engines.PrivateEngine, docker_registry: registries.PrivateRegistry
) -> Callable[[], str]:
    """Makes an image that the registry has and the engine has not, and answers its name."""

    def push() -> str:
        repository = f"{docker_registry.name}/pushed-{uuid.uuid4().hex[:8]}"
        images.push_image(docker_engine.host, IMAGE, repository, "latest")
        images.remove_image(docker_engine.host, f"{repository}:latest")
        return repository

    return push
