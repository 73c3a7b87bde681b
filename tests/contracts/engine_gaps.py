"""What an engine declares that it cannot do, or does otherwise."""

from contctl.core.ports import Engine
from tests.contracts.engine_basics import CALLS, EngineBasics, assert_refused


class GapContract(EngineBasics):
    def test_what_it_cannot_do_is_refused_with_its_reason(self, engine: Engine) -> None:
        for method in engine.unsupported:
            assert_refused(engine, method)

    def test_reasons_and_remarks_are_lines_about_methods(self, engine: Engine) -> None:
        methods = {*CALLS, "info", "list", "inspect"}
        for declared in (engine.unsupported, engine.remarks):
            assert set(declared) <= methods
            assert all(text.strip() and text.isprintable() for text in declared.values())
        assert not set(engine.unsupported) & set(engine.remarks)
