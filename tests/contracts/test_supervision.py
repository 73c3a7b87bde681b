"""Supervision in memory and by the clock; and what only the latter can show."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from contctl.backends.supervision import THREADS, PeriodicSupervision
from contctl.core.errors import ContctlError
from contctl.core.ports import Supervision
from tests.bounded import eventually
from tests.contracts.supervision import PassRound, SupervisionContract, Watched, an_end
from tests.fakes.supervision import FakeSupervision

INTERVAL = 0.02


class TestFake(SupervisionContract):
    """The fake."""

    @pytest.fixture
    def supervision(self) -> FakeSupervision:
        return FakeSupervision()

    @pytest.fixture
    def pass_round(self, supervision: FakeSupervision) -> PassRound:
        return supervision.tick


class TestPeriodic(SupervisionContract):
    """Threads and a clock."""

    @pytest.fixture
    def supervision(self) -> PeriodicSupervision:
        # One thread: what is due comes one after the other.
        return PeriodicSupervision(INTERVAL, threads=1)

    @pytest.fixture
    def pass_round(self, supervision: Supervision) -> PassRound:
        def pass_round() -> None:
            # All that was watched before is due before it is due for the second time.
            probe = Watched(supervision)
            eventually(lambda: probe.checks > 1, "a second check")
            probe.stop()

        return pass_round


@pytest.fixture
def held() -> Iterator[Callable[[], None]]:
    """A check that does not return before the test ends."""
    released = threading.Event()

    def check() -> None:
        released.wait(60)

    yield check
    released.set()


def supervising() -> set[threading.Thread]:
    """The threads of all supervisions, of other tests' that are about to end too."""
    return {thread for thread in threading.enumerate() if thread.name == "supervision"}


def test_checks_that_hang_hold_up_no_others(held: Callable[[], None]) -> None:
    supervision = PeriodicSupervision(INTERVAL)
    stops = [supervision.watch(held, lambda _: None) for _ in range(THREADS - 1)]
    others = [Watched(supervision) for _ in range(20)]
    eventually(lambda: min(other.checks for other in others) > 5, "checks of the others")
    others[0].error = an_end()
    eventually(lambda: others[0].ended_by == [others[0].error], "its end")
    for stop in stops + [other.stop for other in others]:
        stop()


def test_what_was_stopped_during_its_check_is_not_ended() -> None:
    supervision = PeriodicSupervision(INTERVAL)
    entered, leave = threading.Event(), threading.Event()
    ended: list[ContctlError] = []

    def check() -> None:
        entered.set()
        assert leave.wait(20)
        raise an_end()

    stop = supervision.watch(check, ended.append)
    assert entered.wait(20)
    stop()
    leave.set()
    probe = Watched(supervision)
    eventually(lambda: probe.checks > 2, "later checks")
    probe.stop()
    assert ended == []


def test_without_streams_there_are_no_threads() -> None:
    others = supervising()
    supervision = PeriodicSupervision(INTERVAL)
    assert supervising() <= others
    watched = [Watched(supervision) for _ in range(3 * THREADS)]
    assert len(supervising() - others) == THREADS
    for each in watched:
        each.stop()
    eventually(lambda: supervising() <= others, "the end of the threads")
    again = Watched(supervision)
    eventually(lambda: again.checks > 1, "checks after a rest")
    again.stop()


def test_three_hundred_streams_end_within_five_seconds() -> None:
    supervision = PeriodicSupervision()
    watched = [Watched(supervision) for _ in range(300)]
    time.sleep(1)
    for each in watched:
        each.error = an_end()
    eventually(lambda: all(each.ended_by for each in watched), "all ends", seconds=5)
