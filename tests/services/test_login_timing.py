"""How long a refused login takes tells nothing of the user."""

import time
from collections import defaultdict
from pathlib import Path
from statistics import median

import pytest

from contctl.core.domain.accounts import User
from contctl.core.domain.secret import Secret
from contctl.core.errors import ErrorCode
from tests.contracts.services import PASSWORD, Services, ServicesFixture, refused
from tests.fakes.clock import FakeClock
from tests.services.cheap import CheapPorts

EACH = 50
WRONG = Secret("a wrong long password")


class TestTiming(ServicesFixture):
    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def ports(self, clock: FakeClock, tmp_path: Path) -> CheapPorts:
        return CheapPorts(tmp_path / "home", clock)

    def test_every_refusal_takes_the_same_time(self, services: Services) -> None:
        """Known, unknown, disabled and throttled users, 200 in all, one after the other in turn."""
        kinds = ("known", "unknown", "disabled", "throttled")
        _prepare(services)
        api = services.api
        taken = defaultdict(list)
        for number in range(EACH):
            turn = number % len(kinds)
            for kind in (*kinds[turn:], *kinds[:turn]):
                password = PASSWORD if kind in ("disabled", "throttled") else WRONG
                before = time.perf_counter()
                with refused(ErrorCode.NOT_AUTHENTICATED):
                    api.sessions.login(f"{kind}-{number}", password, None)
                taken[kind].append(time.perf_counter() - before)
        medians = {kind: median(taken[kind]) for kind in kinds}
        assert max(medians.values()) / min(medians.values()) < 1.5, medians


def _prepare(services: Services) -> None:
    """Make the users, with one hash for all."""
    ports = services.ports
    now = int(ports.clock.now())
    password_hash = ports.hasher.hash(PASSWORD)
    for kind in ("known", "disabled", "throttled"):
        for number in range(EACH):
            user = User(f"{kind}-{number}", f"{kind}-{number}", kind != "disabled", now)
            ports.users.add(user, password_hash, ())
    for number in range(EACH):
        for _ in range(4):
            assert ports.throttle.attempt(f"throttled-{number}", f"uid {ports.uid}", now)
