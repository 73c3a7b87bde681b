"""The engines that a gateway's client knows of, by which its user could pass the gateway by."""

from pathlib import Path

from contctl.backends.clock import SystemClock
from contctl.bootstrap.client import SystemClientPorts
from contctl.bootstrap.ports import SystemPorts, places_of
from contctl.core.domain.engines import EngineAddress, EngineKind
from contctl.core.domain.places import Contexts, Gateway, Place


def test_all_that_names_an_engine_counts(tmp_path: Path) -> None:
    environ = {
        "HOME": str(tmp_path),
        "CONTCTL_HOME": str(tmp_path / "contctl"),
        "CONTAINER_HOST": "unix:///podman",
    }
    gateway = Gateway("https://ops:8443")
    engines = {
        "own": EngineAddress(EngineKind.DOCKER, "unix:///own"),
        "same": EngineAddress(EngineKind.PODMAN, "unix:///podman"),
        "found": EngineAddress(EngineKind.PODMAN),
        "pods": EngineAddress(EngineKind.KUBERNETES),
    }
    places_of(environ).change(lambda _: Contexts({"ops": gateway}, "ops", engines))
    local = SystemPorts(environ, SystemClock(), context=None, interactive=False)
    ports = SystemClientPorts(environ, local, Place("ops", gateway, "for a test"), gateway)
    assert ports.host_access.engine_addresses() == (
        "unix:///podman",
        "unix:///var/run/docker.sock",
        "unix:///own",
    )
