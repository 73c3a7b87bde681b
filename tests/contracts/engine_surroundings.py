"""Volumes, and what an engine gives to everybody: what the risk of a container depends on."""

from collections.abc import Callable

import pytest

from contctl.core.domain.field_rules import Host
from contctl.core.domain.risk import dangers_of_container
from contctl.core.ports import Engine
from tests.contracts.engine_basics import IDLE, EngineBasics, Workshop, needs, unique

VolumeMaker = Callable[[str, dict[str, str]], None]
"""Makes a volume of the local driver, of this name and with these options."""


class SurroundingsContract(EngineBasics):
    @pytest.fixture
    def make_volume(self) -> VolumeMaker:
        raise NotImplementedError

    @needs("volume")
    def test_a_volume(self, engine: Engine, make_volume: VolumeMaker) -> None:
        plain, bound = unique("plain"), unique("bound")
        options = {"type": "none", "o": "bind", "device": "/etc"}
        make_volume(plain, {})
        make_volume(bound, options)
        found = engine.volume(plain)
        assert found is not None
        assert (found["Name"], found["Driver"]) == (plain, "local")
        assert not found["Options"]
        found = engine.volume(bound)
        assert found is not None
        assert found["Options"] == options

    @pytest.mark.parametrize("name", ["absent", "a/b", "../info", "a b", "?"])
    @needs("volume")
    def test_a_volume_that_is_not_there(self, engine: Engine, name: str) -> None:
        assert engine.volume(name) is None

    @needs("defaults")
    def test_what_it_gives_to_everybody_is_no_danger(
        self, engine: Engine, workshop: Workshop
    ) -> None:
        made = workshop.run(*IDLE)
        host = Host(defaults=engine.defaults())
        assert dangers_of_container(engine.inspect(made), host) == ()
