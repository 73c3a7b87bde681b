"""Templates given to docker's own program and to contctl, on one container of a real engine."""

import io
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from contctl.backends.docker.endpoint import Endpoint
from contctl.backends.docker.engine import DockerEngine
from contctl.commands.container.inspect import filled
from contctl.commands.container.rows import HEADINGS, row_of
from contctl.commands.output.listing import print_rows
from contctl.commands.output.template import compile_template
from contctl.commands.output.terminal import Terminal
from contctl.core.domain.containers import Container, Json, ListQuery
from contctl.core.errors import ContctlError
from devtools.engine import PrivateEngine
from tests.e2e.side_by_side import DockerCli
from tests.fakes.clock import FakeClock
from tests.real_docker import IMAGE
from tests.templates.cases import INSPECT, LIST

pytestmark = pytest.mark.docker
NAME = "templates-of-a-container"
FIELDS = ("ID", "Image", "Command", "RunningFor", "Status", "Ports", "Names", "Size")


class Both:
    """docker, and what contctl knows of the same container."""

    def __init__(self, docker: DockerCli, host: str, container_id: str) -> None:
        self.docker = docker
        endpoint = Endpoint(host, "a test")
        self.engine = DockerEngine(endpoint, FakeClock())
        self.id = container_id
        (self.data,) = json.loads(docker.done("inspect", container_id))

    def listed(self) -> Container:
        query = ListQuery(size=True, filters=(("id", self.id),))
        (container,) = self.engine.list(query)
        return container


@pytest.fixture(scope="module")
def both(docker_engine: PrivateEngine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    home: Path = tmp_path_factory.mktemp("templates")
    docker = DockerCli(docker_engine.host, home)
    container_id = docker.done(
        "run", "-d", "--name", NAME, "-l", "team=shop", "-l", "a=1", "-e", "A=1", "-e", "B=<x>&",
        "-v", "/volume", "-p", "127.0.0.1::80", "--expose", "8080", "-m", "64m",
        IMAGE, "sleep", "6000",
    )  # fmt: skip
    yield Both(docker, docker_engine.host, container_id)
    docker.done("rm", "-fv", NAME)


def of_inspect(data: Json, source: str) -> str | None:
    """What contctl prints; None where it refuses."""
    with suppress(ContctlError):
        return f"{filled(compile_template(source), data)}\n"
    return None


def test_inspections(both: Both) -> None:
    different = []
    sources = list(filter(None, INSPECT))
    with ThreadPoolExecutor(4) as pool:
        answers = pool.map(lambda source: both.docker.run("inspect", "-f", source, NAME), sources)
    for source, theirs in zip(sources, answers, strict=True):
        expected = theirs.out if theirs.code == 0 else None
        ours = of_inspect(both.data, source)
        if ours != expected:
            different.append((source, ours, expected, theirs.err))
    assert different == []


def of_list(container: Container, source: str) -> str | None:
    """What contctl prints; None where it refuses."""
    out = io.BytesIO()
    terminal = Terminal(io.BytesIO(), out, io.BytesIO(), False, False, False, {})
    row = row_of(container, time.time(), truncated=True)
    with suppress(ContctlError):
        print_rows(terminal, [row], source, HEADINGS, FIELDS)
        return out.getvalue().decode()
    return None


def test_lists(both: Both) -> None:
    different = []
    for source in LIST:
        for _ in range(3):  # an age may grow between the two
            theirs = both.docker.run("ps", "-s", "--filter", f"id={both.id}", "--format", source)
            ours = of_list(both.listed(), source)
            expected = theirs.out if theirs.code == 0 else None
            if ours == expected:
                break
        else:
            different.append((source, ours, expected, theirs.err))
    assert different == []
