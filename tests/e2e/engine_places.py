"""Where the same session passes: one line for each kind of engine."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from tests.e2e.machine import IMAGE

Request = pytest.FixtureRequest


@dataclass(frozen=True)
class EnginePlace:
    """A real engine as its users name it.

    options: of `contctl context create`.  section: the same in a gateway's configuration, in TOML.
    environ: what both need of the environment.
    """

    options: tuple[str, ...]
    section: str
    image: str = IMAGE
    environ: Mapping[str, str] = field(default_factory=dict)


def _docker(request: Request) -> EnginePlace:
    host = request.getfixturevalue("docker_engine").host
    return EnginePlace(("--docker", host), f'docker = "{host}"')


def _podman(request: Request) -> EnginePlace:
    host = request.getfixturevalue("podman_service").host
    return EnginePlace(("--podman", host), f'podman = "{host}"')


def _kubernetes(request: Request) -> EnginePlace:
    """In a namespace that every cluster has: what the session makes it also removes."""
    config = request.getfixturevalue("kubernetes_config")
    environ = {"KUBECONFIG": str(config)}
    options = ("--kubernetes", "--namespace", "default")
    return EnginePlace(options, 'kubernetes = true\nnamespace = "default"', environ=environ)


PLACES = (
    pytest.param(_docker, marks=pytest.mark.docker, id="docker"),
    pytest.param(_podman, id="podman"),
    pytest.param(_kubernetes, id="kubernetes"),
)
"""What finds each, for a test's parameters."""
