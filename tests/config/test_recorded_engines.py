"""What records of embedded mode say of the engine."""

from pathlib import Path

import pytest

from contctl.backends.clock import SystemClock
from contctl.bootstrap.ports import SystemPorts
from contctl.core.domain.actions import Stop
from contctl.core.domain.engines import EngineAddress, EngineKind
from contctl.core.domain.places import Place
from tests.contracts.services import ADMIN, PASSWORD, Services
from tests.fakes.clock import FakeClock
from tests.fakes.ports import FakePorts

PODMAN = EngineAddress(EngineKind.PODMAN, "unix:///own")


@pytest.mark.parametrize(
    ("environ", "place", "name"),
    [
        ({}, Place(None, None, "a test"), ""),
        ({"DOCKER_HOST": "unix:///var/run/docker.sock"}, Place(None, None, "a test"), ""),
        ({"DOCKER_HOST": "unix:///other"}, Place(None, None, "a test"), "unix:///other"),
        ({}, Place("own", None, "a test", engine=PODMAN), "unix:///own"),
        ({}, Place("lost", None, "a test"), "of the context lost"),
    ],
)
def test_the_usual_engine_needs_no_name(
    tmp_path: Path, environ: dict[str, str], place: Place, name: str
) -> None:
    home = {"HOME": str(tmp_path), "CONTCTL_HOME": str(tmp_path / "contctl")}
    ports = SystemPorts(
        {**home, **environ}, SystemClock(), context=place.name, interactive=False, place=place
    )
    assert ports.recorded_engine == name


def test_only_what_is_done_on_an_engine_tells_it() -> None:
    clock = FakeClock()
    ports = FakePorts(clock)
    ports.recorded_engine = "unix:///other"
    services = Services(ports, clock)
    services.api.sessions.initialise(ADMIN, PASSWORD)
    services.login()
    services.container(name="web")
    outcomes = list(services.api.containers.act(Stop(0), ["web"]))
    assert [each.error for each in outcomes] == [None]
    told = {each.action: each.detail for each in services.entries()}
    assert told.pop("container:stop") == "on the engine unix:///other"
    assert told
    assert "on the engine" not in repr(told)
