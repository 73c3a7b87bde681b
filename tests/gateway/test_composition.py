"""What the callers of one gateway share."""

from pathlib import Path

from contctl.backends.supervision import PeriodicSupervision
from contctl.bootstrap.ports import GatewayPorts
from contctl.core.domain.settings import Settings
from tests.fakes.clock import FakeClock
from tests.fakes.engine import FakeEngine


def test_all_callers_take_turns_at_the_same_store(tmp_path: Path) -> None:
    clock = FakeClock()
    engines = {"a": FakeEngine()}
    every = GatewayPorts(tmp_path, Settings(), engines, "a", PeriodicSupervision(), clock)
    every.build()
    one, other = every.of(1, "uid 1", None), every.of(2, "uid 2", None)
    assert one.uid != other.uid
    assert one.audit is other.audit
    assert one.users is other.users
    assert one.identities is other.identities
    assert list(tmp_path.iterdir()) == []
