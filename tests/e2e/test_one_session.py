"""One session, the same on every kind of engine, embedded and through a gateway: a service and a
job, from login to audit."""

import itertools
import json
import secrets
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from devtools.gateway import PrivateGateway
from tests.bounded import eventually
from tests.e2e.engine_places import PLACES, EnginePlace
from tests.e2e.machine import SECONDS, Machine

SERVICE = """
trap 'exit 0' TERM
cat /proc/sys/kernel/random/uuid > /tmp/born
echo ready
while :; do echo tick; sleep 0.2; done
"""
JOB = "echo working; sleep 2; exit 3"
DONE = {
    "service": ["create", "start", "exec", "stop", "start", "exec", "restart", "exec", "remove"],
    "job": ["create", "start", "remove"],
}
"""What is done in the session, in order and one after another, as the audit log has it."""


@pytest.fixture(scope="module", params=PLACES)
def place(request: pytest.FixtureRequest) -> EnginePlace:
    found = request.param(request)
    assert isinstance(found, EnginePlace)
    return found


@pytest.fixture(params=["embedded", "gateway"])
def machine(
    request: pytest.FixtureRequest, place: EnginePlace, tmp_path: Path
) -> Iterator[Machine]:
    """A machine where nothing was initialised, and a context leads to the engine."""
    machine = Machine(tmp_path, {"CONTCTL_CREDENTIAL_STORE": "file", **place.environ})
    if request.param == "embedded":
        machine.done("context", "create", "place", *place.options)
        machine.environ["CONTCTL_CONTEXT"] = "place"
        yield machine
        return
    section = f"[engines.place]\n{place.section}\n"
    with PrivateGateway("", section, place.environ) as gateway:
        machine.done("context", "create", "place", "--gateway", gateway.host)
        machine.environ["CONTCTL_CONTEXT"] = "place"
        yield machine


def test_one_session(machine: Machine, place: EnginePlace) -> None:
    machine.init()
    mark = secrets.token_hex(4)
    service, job = f"service-{mark}", f"job-{mark}"
    assert machine.done("whoami") == "ada\n"
    try:
        session(machine, place.image, service, job)
    finally:
        machine.run("rm", "-f", service, job)
    records = json.loads(machine.done("audit", "ls", "--json"))["records"]
    for kind, name in (("service", service), ("job", job)):
        assert [action for action, _ in itertools.groupby(done(records, name))] == DONE[kind]
        assert {record["user"] for record in records if record["target_name"] == name} == {"ada"}


def done(records: list[dict[str, Any]], name: str) -> list[str]:
    """What was done to the container of that name, the oldest first."""
    return [
        record["action"].removeprefix("container:")
        for record in sorted(records, key=lambda record: int(record["number"]))
        if record["target_name"] == name
        and (record["phase"], record["result"]) == ("outcome", "ok")
    ]


def session(machine: Machine, image: str, service: str, job: str) -> None:
    assert machine.done("run", "-d", "--name", service, image, "sh", "-c", SERVICE)
    assert machine.done("run", "-d", "--restart=no", "--name", job, image, "sh", "-c", JOB)
    eventually(lambda: len(running(machine, service)) == 1, "the service runs", SECONDS)
    assert machine.done("wait", job) == "3\n"
    assert machine.done("logs", job) == "working\n"
    follow(machine, service)
    data = bytes(range(256)) * 1024
    assert machine.start("exec", "-i", service, "cat").communicate(data, SECONDS) == (data, b"")
    born = birth(machine, service)

    assert machine.done("stop", "-t", "5", service) == f"{service}\n"
    eventually(lambda: running(machine, service) == [], "the service has stopped", SECONDS)
    assert machine.done("start", service) == f"{service}\n"
    eventually(lambda: birth(machine, service) not in ("", born), "the service runs again", SECONDS)
    born = birth(machine, service)
    assert machine.done("restart", "-t", "5", service) == f"{service}\n"
    eventually(lambda: birth(machine, service) not in ("", born), "it is a new one", SECONDS)

    assert machine.run("rm", service).code == 6
    assert machine.done("rm", "-f", service) == f"{service}\n"
    assert machine.done("rm", job) == f"{job}\n"
    for name in (service, job):
        eventually(lambda name=name: machine.run("inspect", name).code == 3, "gone", SECONDS)  # type: ignore[misc]


def running(machine: Machine, name: str) -> list[str]:
    """What runs of that name: a container, or what a workload keeps running."""
    return machine.done("ps", "--format", "{{.Names}}", "-f", f"name={name}").split()


def birth(machine: Machine, name: str) -> str:
    """What no other process of it would answer; empty while it cannot be asked."""
    return machine.run("exec", name, "cat", "/tmp/born").out


def follow(machine: Machine, name: str) -> None:
    """See it being ready and going on, and leave it."""
    process = machine.start("logs", "-f", name)
    assert process.stdout is not None
    try:
        lines = [process.stdout.readline() for _ in range(5)]
        assert lines[0] == b"ready\n"
        assert lines[1:] == [b"tick\n"] * 4
        process.send_signal(signal.SIGINT)
        assert process.wait(SECONDS) == 130
    finally:
        process.kill()
        process.communicate()
