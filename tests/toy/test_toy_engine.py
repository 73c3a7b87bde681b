"""A toy engine keeps the contract, but for what it declares."""

import pytest

from contctl.core.ports import Engine
from tests.contracts.engine import EngineContract
from tests.contracts.engine_surroundings import VolumeMaker
from tests.toy.engine import ToyEngine


class TestToyEngine(EngineContract):
    @pytest.fixture
    def engine(self) -> Engine:
        return ToyEngine("busybox:latest")

    @pytest.fixture
    def pullable_image(self) -> str:
        return "registry.example/team/app:latest"

    @pytest.fixture
    def absent_image(self) -> str:
        return "registry.example/nosuch:latest"

    @pytest.fixture
    def make_volume(self, engine: Engine) -> VolumeMaker:
        assert isinstance(engine, ToyEngine)
        return engine.add_volume
