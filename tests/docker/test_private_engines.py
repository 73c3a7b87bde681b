"""The private engines that the tests use: side by side, and without a trace afterwards."""

import os
import signal
from pathlib import Path

import pytest

from contctl.backends.clock import SystemClock
from contctl.backends.docker.endpoint import Endpoint
from contctl.backends.docker.engine import DockerEngine
from contctl.core.domain.containers import ListQuery
from contctl.core.domain.create import CreateSpec
from devtools import images
from devtools.engine import PrivateEngine
from tests.bounded import eventually
from tests.contracts.engine_basics import IDLE, IMAGE

pytestmark = pytest.mark.docker


def _traces(engine: PrivateEngine, container_id: str) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = entry.read_bytes().decode(errors="replace")
            groups = entry.with_name("cgroup").read_text()
            mounts = entry.with_name("mounts").read_text()
        except OSError:
            continue
        if f"{engine.folder}/" in command + mounts or container_id in groups:
            found.append(command)
    return found + [str(engine.folder)] * engine.folder.exists()


@pytest.mark.usefixtures("docker_engine")
def test_one_does_not_warn_of_the_machine_nor_change_it() -> None:
    setting = Path("/proc/sys/net/ipv4/ip_forward")
    before = setting.read_text()
    with PrivateEngine() as engine:
        images.import_image(engine.host, IMAGE)
        backend = DockerEngine(Endpoint(engine.host, "a test"), SystemClock())
        made = backend.create(CreateSpec(IMAGE, IDLE, name="quiet"), "r")
        backend.start(made.id)
        assert made.warnings == ()
        assert setting.read_text() == before


def _run_one(engine: PrivateEngine) -> str:
    images.import_image(engine.host, IMAGE)
    backend = DockerEngine(Endpoint(engine.host, "a test"), SystemClock())
    made = backend.create(CreateSpec(IMAGE, IDLE, name="same-name"), "r").id
    backend.start(made)
    assert [row.id for row in backend.list(ListQuery())] == [made]
    assert len(_traces(engine, made)) > 3
    return made


@pytest.mark.usefixtures("docker_engine")
def test_two_run_side_by_side_and_leave_nothing() -> None:
    with PrivateEngine() as one, PrivateEngine() as two:
        in_one, in_two = _run_one(one), _run_one(two)
    assert _traces(one, in_one) + _traces(two, in_two) == []


@pytest.mark.usefixtures("docker_engine")
def test_one_that_was_killed_leaves_nothing_either() -> None:
    with PrivateEngine() as engine:
        made = _run_one(engine)
        os.kill(engine.pid, signal.SIGKILL)
    eventually(lambda: not _traces(engine, made), "no trace is left")
