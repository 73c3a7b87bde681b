"""What is looked at on this host says nothing about another one's."""

from contctl.core.domain.settings import Settings
from contctl.core.services.danger import host_of
from tests.fakes.clock import FakeClock
from tests.fakes.host_paths import Entry
from tests.fakes.ports import FakePorts


def test_an_engine_elsewhere_may_mount_nothing_of_its_host() -> None:
    ports = FakePorts(FakeClock(), Settings(bind_mounts=("/srv",)))
    for path in ("/srv", "/srv/data", "/etc"):
        ports.host_paths.add(path, Entry("folder"))
    assert host_of(ports).admits("/srv/data")
    assert not host_of(ports).admits("/etc")
    ports.engine.socket = None
    assert not host_of(ports).admits("/srv/data")
