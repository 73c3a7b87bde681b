"""Supervised streams on fakes and for real; and what only fakes can show."""

import gc
import threading
from collections.abc import Callable
from typing import Self

import pytest

from contctl.backends.argon2 import Argon2Hasher
from contctl.backends.supervision import PeriodicSupervision
from contctl.bootstrap.ports import SystemPorts
from contctl.core.answers import AuditQuery
from contctl.core.domain.actions import Start
from contctl.core.domain.audit import Phase
from contctl.core.domain.roles import Role
from contctl.core.domain.streams import Condition, EventQuery, ExecSpec
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import Supervision
from contctl.core.services.actions import WIDTH_OF_START
from contctl.core.services.streams import Pages
from contctl.core.services.supervised import SupervisedStream, Watch
from devtools.engine import PrivateEngine
from tests.bounded import eventually
from tests.contracts.container_services import act, archive
from tests.contracts.services import Services, ServicesFixture, refused
from tests.contracts.supervised_services import (
    CAT,
    FOLLOW,
    Reader,
    Streams,
    SupervisedServiceContract,
    SupervisedTokenContract,
)
from tests.contracts.supervision import PassRound, Watched
from tests.contracts.token_services import Jobs, JobsFixture
from tests.fakes.clock import FakeClock
from tests.fakes.engine import FakeEngine
from tests.fakes.ports import FakePorts
from tests.fakes.supervision import FakeSupervision
from tests.services.test_services_for_real import ForReal
from tests.services.test_services_in_memory import InMemory


class Ticking(InMemory):
    """Fakes, and supervision by hand."""

    @pytest.fixture
    def pass_round(self, ports: FakePorts) -> PassRound:
        return ports.supervision.tick


@pytest.mark.docker
class Supervising(ForReal):
    """This machine, with a gateway's supervision."""

    @pytest.fixture
    def engine_address(self, docker_engine: PrivateEngine) -> str:
        return docker_engine.host

    @pytest.fixture(autouse=True)
    def supervision(self, ports: SystemPorts) -> Supervision:
        # Each test logs in several times.
        ports.hasher = Argon2Hasher(memory_cost=8192, time_cost=1, parallelism=1)
        ports.supervision = PeriodicSupervision(interval=0.2)
        return ports.supervision

    @pytest.fixture
    def pass_round(self, supervision: Supervision) -> PassRound:
        def pass_round() -> None:
            # All that was watched before is due before it is due for the second time.
            probe = Watched(supervision)
            eventually(lambda: probe.checks > 1, "a second check")
            probe.stop()

        return pass_round


class TestInMemory(Ticking, SupervisedServiceContract):
    """On fakes."""


class TestForReal(Supervising, SupervisedServiceContract):
    """On a database, files, an engine, threads and a clock."""


class TestTokensInMemory(Ticking, SupervisedTokenContract):
    """CI tokens on fakes."""


class TestTokensForReal(Supervising, SupervisedTokenContract):
    """CI tokens for real."""


class TestEmbedded(ForReal, ServicesFixture):
    """Where nobody supervises."""

    def test_streams_are_left_as_they_are(self, services: Services) -> None:
        services.login()
        assert isinstance(services.api.audit.list(AuditQuery()), Pages)
        assert isinstance(services.api.users.list(), Pages)


class TestWatching(Ticking, JobsFixture):
    """What is watched, and for how long."""

    def test_nothing_is_watched_any_more_after_its_end(
        self, services: Jobs, ports: FakePorts
    ) -> None:
        short, long = services.container("true"), services.container()
        containers, watched = services.api.containers, ports.supervision.watched
        list(containers.logs([short], FOLLOW))
        list(containers.wait([short], Condition.NOT_RUNNING))
        containers.put_archive(long, "/", [archive("file", b"content")])
        list(containers.get_archive(long, "/file"))
        list(services.api.users.list())
        list(services.api.audit.list(AuditQuery()))
        list(services.api.audit.export(None))
        process = containers.exec(long, ExecSpec(("true",)))
        assert len(watched) == 1
        while process.read() is not None:
            pass
        assert watched == []
        ports.engine.fail_next("put_archive", ContctlError(ErrorCode.FAILED, "no"))
        with refused(ErrorCode.FAILED):
            containers.put_archive(long, "/", [b""])
        assert watched == []

    def test_what_is_closed_is_not_watched(self, services: Jobs, ports: FakePorts) -> None:
        streams = Streams(services)
        assert len(ports.supervision.watched) == len(streams.readers)
        streams.close()
        assert ports.supervision.watched == []
        assert set(streams.codes().values()) == {None}

    def test_what_is_dropped_is_let_go_of(self, services: Jobs, ports: FakePorts) -> None:
        container_id = services.container()
        dropped = [
            services.api.containers.events(EventQuery()),
            services.api.containers.exec(container_id, CAT),
        ]
        assert len(ports.supervision.watched) == len(dropped)
        dropped.clear()
        gc.collect()
        ports.supervision.tick()
        assert ports.supervision.watched == []

    @pytest.mark.parametrize("reason", ["locked", "full"])
    def test_a_store_in_trouble_ends_nothing(
        self, services: Jobs, ports: FakePorts, reason: str
    ) -> None:
        streams = Streams(services)
        trouble = ContctlError(ErrorCode.STORE, f"it is {reason}", details={"reason": reason})
        ports.store.content.broken = trouble
        # The audit log, which is in the same store, cannot be followed then.
        others = [reader for reader in streams.readers if reader.name != "audit"]
        ports.supervision.tick()
        assert all(reader.goes_on for reader in others)
        ports.store.content.broken = None
        services.login()
        services.api.users.set_enabled(streams.name, enabled=False)
        ports.supervision.tick()
        assert {reader.code() for reader in others} == {ErrorCode.NOT_AUTHENTICATED}

    def test_a_pull_ends_too(self, services: Jobs, ports: FakePorts) -> None:
        ports.engine.pullable.add("busybox:1")
        name = services.login_as(Role.DEVELOPER)
        pull = services.api.containers.pull("busybox:1", None)
        services.put_aside()
        services.login()
        users = services.api.users
        users.revoke(name, users.show(name).grants[0].id)
        ports.supervision.tick()
        with refused(ErrorCode.FORBIDDEN) as raised:
            next(pull)
        assert "image:pull" in raised.value.message
        assert services.entries()[-1].result == "forbidden"

    def test_lists_end_too(self, services: Jobs, ports: FakePorts) -> None:
        name = services.login_as(Role.ADMIN)
        api = services.api
        lists = [api.users.list(), api.audit.list(AuditQuery()), api.audit.export(None)]
        services.put_aside()
        services.login()
        services.api.users.set_enabled(name, enabled=False)
        ports.supervision.tick()
        for each in lists:
            with refused(ErrorCode.NOT_AUTHENTICATED):
                next(each)


class Fragile:
    """A stream whose blocked read breaks when it is closed."""

    def __init__(self) -> None:
        self._closed = threading.Event()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        assert self._closed.wait(20)
        raise ContctlError(ErrorCode.UNAVAILABLE, "it was cut")

    def close(self) -> None:
        self._closed.set()


def test_the_error_that_ended_it_wins() -> None:
    refusal = ContctlError(ErrorCode.FORBIDDEN, "no more")
    supervision = FakeSupervision()

    def check() -> None:
        raise refusal

    stream = Fragile()
    supervised = SupervisedStream(stream, Watch(supervision, check, stream.close))
    reader = Reader("fragile", supervised)
    supervision.tick()
    assert reader.code() is ErrorCode.FORBIDDEN
    for _ in range(2):
        with refused(ErrorCode.FORBIDDEN):
            next(supervised)
    cut = Fragile()
    closed = SupervisedStream(cut, Watch(supervision, check, cut.close))
    closed.close()
    supervision.tick()
    with refused(ErrorCode.UNAVAILABLE):
        next(closed)


class Interrupted(FakeEngine):
    """Something happens before each start."""

    def __init__(self) -> None:
        super().__init__()
        self.before_start: Callable[[], None] = lambda: None

    def start(self, container_id: str) -> None:
        """Start it."""
        self.before_start()
        super().start(container_id)


class TestActions(Ticking, ServicesFixture):
    """Actions on many containers."""

    @pytest.fixture
    def engine(self) -> Interrupted:
        return Interrupted()

    @pytest.fixture
    def ports(self, clock: FakeClock, engine: Interrupted) -> FakePorts:
        ports = FakePorts(clock)
        ports.engine = engine
        return ports

    def test_what_has_begun_may_end_and_nothing_more_begins(
        self, services: Services, ports: FakePorts, engine: Interrupted
    ) -> None:
        ids = [services.container(running=False) for _ in range(3 * WIDTH_OF_START)]
        user = ports.users.by_name(services.login_as(Role.OPERATOR))
        assert user is not None
        engine.before_start = lambda: ports.users.set_enabled(user.id, enabled=False)
        outcomes = act(services.api, Start(), *ids).values()
        done = [outcome.container_id for outcome in outcomes if outcome.error is None]
        refusals = [outcome.error.code for outcome in outcomes if outcome.error is not None]
        assert 1 <= len(done) <= WIDTH_OF_START
        assert refusals == [ErrorCode.NOT_AUTHENTICATED] * (len(ids) - len(done))
        assert [each for each in ids if services.state(each) == "running"] == sorted(
            filter(None, done), key=ids.index
        )
        results = [
            entry.result
            for entry in services.entries()
            if entry.action == "container:start" and entry.phase is Phase.OUTCOME
        ]
        assert sorted(results) == ["not-authenticated"] * len(refusals) + ["ok"] * len(done)
