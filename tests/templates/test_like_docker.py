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
from tests.differential.normal import normal
from tests.e2e.machine import Machine
from tests.e2e.side_by_side import DockerCli, machine_on
from tests.fakes.clock import FakeClock
from tests.real_docker import IMAGE
from tests.templates.cases import INSPECT, LIST

pytestmark = pytest.mark.docker
NAME = "templates-of-a-container"
FIELDS = ("ID", "Image", "Command", "RunningFor", "Status", "Ports", "Names", "Size")


class Both:
    """docker, and what contctl knows of the same container."""

    def __init__(self, docker: DockerCli, machine: Machine, host: str, container_id: str) -> None:
        self.docker = docker
        self.contctl = machine
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
    docker.done("create", "--name", f"{NAME}-2", "--link", NAME + ":alias", IMAGE)
    docker.done("start", f"{NAME}-2")
    machine = machine_on(docker_engine.host, home)
    yield Both(docker, machine, docker_engine.host, container_id)
    docker.done("rm", "-fv", NAME, f"{NAME}-2")


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


IMAGES = [
    ["images"], ["images", "--digests"], ["images", "-a", "--no-trunc"], ["images", "-q"],
    ["images", "busybox"], ["images", "busybox:latest"], ["images", "no-such"],
    ["images", "-f", ""],
    ["images", "-f", "reference=busy*", "-q"], ["images", "-f", "dangling=true"],
    ["images", "--format", "json"], ["images", "--format", "{{json .}}"],
    ["images", "--format", "table {{.ID}}\\t{{.Digest}}\\t{{.Repository}}:{{.Tag}}"],
    ["images", "--format", "{{.CreatedAt}} {{.Size}} {{.VirtualSize}} {{.SharedSize}}"],
    ["images", "--format", "{{.Nope}}"], ["images", "-f", "bogus=1"], ["images", "a", "b"],
]  # fmt: skip
LISTS = [
    ["ps", "-a"], ["ps", "-aq", "--no-trunc"], ["ps", "-as"], ["ps", "-a", "--format", "json"],
    ["ps", "-a", "--no-trunc", "--format", "{{.Names}} {{.Ports}} {{.Mounts}}"],
    ["ps", "-f", ""], ["ps", "-f", "health=none", "-q"], ["ps", "-f", "expose=8080", "-q"],
    ["ps", "-f", "publish=80", "-q"], ["ps", "-f", "volume=/volume", "-q"],
    ["ps", "-f", "network=bridge", "-q"], ["ps", "-f", "is-task=false", "-q"],
    ["ps", "-f", "health=bogus"], ["ps", "-f", "status=bogus"], ["ps", "-f", "before=nope"],
    ["ps", "-aqf", "since=" + NAME], ["ps", "-aqf", "ancestor=busybox"], ["ps", "-af", "exited=x"],
    ["inspect", NAME], ["inspect", "-s", NAME, "nope"], ["inspect", "-f", "json", NAME, NAME],
    ["inspect", "-f", "{{.Name}}", "nope", NAME], ["inspect", "-f", "{{.Name}}", "nope"],
    ["inspect", "--type", "container", "-f", "{{.Name}}", NAME], ["inspect", "-f", "json", "nope"],
    ["inspect", "-f", "{{.Nope}}", NAME],
]  # fmt: skip


@pytest.mark.parametrize("lines", [LISTS, IMAGES], ids=["containers", "images"])
def test_whole_command_lines(both: Both, lines: list[list[str]]) -> None:
    different = []
    for line in lines:
        for _ in range(3):  # an age may grow between the two
            theirs, ours = both.docker.run(*line), both.contctl.run(*line)
            if (normal(ours.out), ours.code == 0) == (normal(theirs.out), theirs.code == 0):
                break
        else:
            different.append((line, ours, theirs))
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
