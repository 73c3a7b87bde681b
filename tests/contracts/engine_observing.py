"""Processes and changed files."""

from functools import partial

import pytest

from contctl.core.domain.observed import Change, ChangeKind
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import Engine
from tests.bounded import eventually
from tests.contracts.engine_basics import IDLE, EngineBasics, Workshop, conflict, needs, tar_of


class ObservingContract(EngineBasics):
    @needs("top")
    def test_processes(self, engine: Engine, workshop: Workshop) -> None:
        container = workshop.run(*IDLE)
        processes = engine.top(container, ())
        assert "PID" in processes.titles
        (row,) = processes.rows
        assert len(row) == len(processes.titles)

        def runs() -> bool:
            return [row[-1] for row in engine.top(container, ()).rows] == ["sleep 600"]

        eventually(runs, "the command among the processes")
        processes = engine.top(container, ("-o", "pid,comm"))
        assert processes.titles == ("PID", "COMMAND")
        ((pid, name),) = processes.rows
        assert pid.isdigit()
        assert name == "sleep"

    @needs("top")
    def test_what_ps_does_not_take(self, engine: Engine, workshop: Workshop) -> None:
        container = workshop.run(*IDLE)
        for args in (("--bogus",), ("-o", "comm")):
            with pytest.raises(ContctlError) as caught:
                engine.top(container, args)
            assert caught.value.code is ErrorCode.FAILED

    @needs("top")
    def test_processes_of_what_does_not_run(self, engine: Engine, workshop: Workshop) -> None:
        for container in (workshop.create(*IDLE), workshop.finished("true")):
            conflict(partial(engine.top, container, ()))

    @needs("changed_files", "put_archive")
    def test_changed_files(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.create(*IDLE)
        assert engine.changed_files(made) == ()
        engine.put_archive(made, "/tmp", iter([tar_of(note=b"content")]))
        assert engine.changed_files(made) == (
            Change(ChangeKind.CHANGED, "/tmp"),
            Change(ChangeKind.ADDED, "/tmp/note"),
        )
