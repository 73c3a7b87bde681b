"""A toy engine: containers in memory, and much that it cannot do."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Never

from contctl.core.domain.engines import EngineInfo, cannot
from contctl.core.ports import Engine
from tests.fakes.engine import FakeEngine

_IS_HELD = "a toy cannot be held"
_NO_FILES = "toys have no files"
_GAPS = {
    "pause": _IS_HELD,
    "unpause": _IS_HELD,
    "rename": "a toy keeps its name",
    "update": "a toy has no limits",
    "stats": "a toy weighs nothing",
    "attach": "nobody can play along",
    "volume": "toys have no volumes",
    "changed_files": _NO_FILES,
    "stat": _NO_FILES,
    "get_archive": _NO_FILES,
    "put_archive": _NO_FILES,
    "export": _NO_FILES,
    "commit": _NO_FILES,
    "pull": "all toys are in the box",
}


def _gap(method: str) -> Callable[..., Never]:
    def refuse(self: Engine, *_given: Any, **_named: Any) -> Never:
        raise cannot(method.replace("_", " "), self.unsupported[method])

    return refuse


class ToyEngine(FakeEngine):
    """Implements `Engine`."""

    unsupported: Mapping[str, str] = MappingProxyType(_GAPS)
    remarks: Mapping[str, str] = MappingProxyType({"logs": "Forgets them at the end."})

    pause = _gap("pause")
    unpause = _gap("unpause")
    rename = _gap("rename")
    update = _gap("update")
    stats = _gap("stats")
    attach = _gap("attach")
    volume = _gap("volume")
    changed_files = _gap("changed_files")
    stat = _gap("stat")
    get_archive = _gap("get_archive")
    put_archive = _gap("put_archive")
    export = _gap("export")
    commit = _gap("commit")
    pull = _gap("pull")

    def info(self) -> EngineInfo:
        return EngineInfo("Toy", "1", self.name, "a test")
