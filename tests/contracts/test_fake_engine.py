"""The engine in memory keeps the contract, and offers what tests need of it."""

import pytest

from contctl.core.domain.create import CreateSpec
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import Engine
from tests.contracts.engine import EngineContract
from tests.contracts.engine_surroundings import VolumeMaker
from tests.fakes.engine import FakeEngine


class TestFakeEngine(EngineContract):
    @pytest.fixture
    def engine(self) -> Engine:
        engine = FakeEngine("busybox:latest")
        engine.pullable.add("registry.example/team/app:latest")
        return engine

    @pytest.fixture
    def pullable_image(self) -> str:
        return "registry.example/team/app:latest"

    @pytest.fixture
    def make_volume(self, engine: Engine) -> VolumeMaker:
        assert isinstance(engine, FakeEngine)
        return engine.add_volume

    @pytest.fixture
    def absent_image(self) -> str:
        return "registry.example/nosuch:latest"


def test_changing_calls_are_recorded() -> None:
    engine = FakeEngine()
    made = engine.create(CreateSpec("busybox", ("sleep", "60"), name="one"), "r").id
    engine.inspect(made)
    engine.start(made)
    engine.stop(made, 0, None)
    engine.rename(made, "two")
    engine.remove(made, force=True, volumes=False)
    assert engine.changes == [
        ("create", "busybox"),
        ("start", made),
        ("stop", made),
        ("rename", made, "two"),
        ("remove", made, "force"),
    ]


def test_a_failure_can_be_queued() -> None:
    engine = FakeEngine()
    made = engine.create(CreateSpec("busybox"), "r").id
    engine.fail_next("start", ContctlError(ErrorCode.UNAVAILABLE, "gone"))
    with pytest.raises(ContctlError, match="gone"):
        engine.start(made)
    engine.start(made)
