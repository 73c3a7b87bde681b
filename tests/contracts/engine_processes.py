"""Execs and attached containers."""

import threading

import pytest

from contctl.core.domain.streams import AttachSpec, Condition, ExecSpec, Exit
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import Engine
from tests.bounded import read_until, talk, woken_by_close
from tests.contracts.engine_basics import (
    IDLE,
    TRAPPING,
    EngineBasics,
    Workshop,
    await_log,
    conflict,
    listed,
    needs,
    state,
)


class ProcessContract(EngineBasics):
    def test_a_container_stands_for_itself(self, engine: Engine, workshop: Workshop) -> None:
        row = listed(engine, workshop.create(*IDLE))
        assert row is not None
        assert engine.members(row) == (row,)

    @needs("exec")
    def test_exec(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.run(*IDLE)
        script = "echo out; echo err >&2; exit 9"
        assert talk(engine.exec(made, ExecSpec(("sh", "-c", script)))) == (b"out\n", b"err\n", 9)

    @needs("exec")
    def test_exec_talks_both_ways(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.run(*IDLE)
        duplex = engine.exec(made, ExecSpec(("cat",), stdin=True))
        duplex.write(b"one\n")
        assert read_until(duplex, b"one\n") == b"one\n"
        duplex.write(b"two\n")
        duplex.close_write()
        assert talk(duplex) == (b"two\n", b"", 0)

    @needs("exec")
    def test_exec_without_input_reads_an_end(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.run(*IDLE)
        assert talk(engine.exec(made, ExecSpec(("cat",)))) == (b"", b"", 0)

    @needs("exec")
    def test_exec_carries_much(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.run(*IDLE)
        data = bytes(range(256)) * 4096
        duplex = engine.exec(made, ExecSpec(("cat",), stdin=True))

        def send() -> None:
            duplex.write(data)
            duplex.close_write()

        sender = threading.Thread(target=send, daemon=True)
        sender.start()
        assert talk(duplex) == (data, b"", 0)
        sender.join(5)
        assert not sender.is_alive()

    @needs("exec")
    def test_exec_environment_and_folder(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.run(*IDLE)
        out, _, _ = talk(engine.exec(made, ExecSpec(("env",), env=("ONE=1",))))
        assert b"ONE=1" in out.splitlines()
        assert talk(engine.exec(made, ExecSpec(("pwd",), workdir="/tmp")))[0] == b"/tmp\n"

    @needs("exec")
    def test_exec_on_a_terminal_has_one_output(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.run(*IDLE)
        script = "echo out; sleep 0.2; echo err >&2"
        duplex = engine.exec(made, ExecSpec(("sh", "-c", script), tty=True))
        duplex.resize(100, 30)
        assert talk(duplex) == (b"out\r\nerr\r\n", b"", 0)

    @needs("exec")
    def test_detached_exec(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.run(*IDLE)
        duplex = engine.exec(made, ExecSpec(("sleep", "600"), detach=True))
        assert duplex.read() == Exit(0)
        assert duplex.read() is None
        duplex.close()

    @needs("exec")
    def test_exec_needs_a_running_one(self, engine: Engine, workshop: Workshop) -> None:
        conflict(lambda: engine.exec(workshop.create(*IDLE), ExecSpec(("true",))))

    @needs("exec", "pause", "unpause")
    def test_exec_needs_one_that_is_not_paused(self, engine: Engine, workshop: Workshop) -> None:
        paused = workshop.run(*IDLE)
        engine.pause(paused)
        conflict(lambda: engine.exec(paused, ExecSpec(("true",))))
        engine.unpause(paused)

    @pytest.mark.parametrize(
        ("command", "reason"),
        [("nosuchcommand", "command-not-found"), ("/etc", "command-not-executable")],
    )
    @needs("exec")
    def test_exec_of_what_cannot_be_run(
        self, engine: Engine, workshop: Workshop, command: str, reason: str
    ) -> None:
        made = workshop.run(*IDLE)
        try:
            ending: object = talk(engine.exec(made, ExecSpec((command,))))[2]
        except ContctlError as error:
            ending = (error.code, error.reason)
        assert ending in (126, 127, (ErrorCode.FAILED, reason))

    @needs("exec", "kill")
    def test_exec_ends_when_its_container_does(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.run(*IDLE)
        duplex = engine.exec(made, ExecSpec(("sh", "-c", "echo on; sleep 600")))
        read_until(duplex, b"on\n")
        engine.kill(made, "KILL")
        assert talk(duplex) == (b"", b"", 137)

    @needs("exec")
    def test_writing_to_an_ended_process(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.run(*IDLE)
        duplex = engine.exec(made, ExecSpec(("true",), stdin=True))
        assert talk(duplex)[2] == 0
        duplex.write(b"nobody reads this")
        duplex.close_write()
        duplex.resize(80, 24)
        duplex.close()

    @needs("exec")
    def test_closing_wakes_a_reader_of_an_exec(self, engine: Engine, workshop: Workshop) -> None:
        duplex = engine.exec(workshop.run(*IDLE), ExecSpec(("sleep", "600")))
        assert woken_by_close(duplex, duplex.read) is None
        assert duplex.read() is None

    @needs("exec")
    def test_closing_wakes_a_writer(self, engine: Engine, workshop: Workshop) -> None:
        duplex = engine.exec(workshop.run(*IDLE), ExecSpec(("sleep", "600"), stdin=True))
        assert woken_by_close(duplex, lambda: duplex.write(b"x" * 50_000_000)) is None
        assert duplex.read() is None

    @needs("attach")
    def test_attach_before_start(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.create("sh", "-c", "echo out; echo err >&2; exit 8")
        duplex = engine.attach(made, AttachSpec(until=Condition.NEXT_EXIT))
        engine.start(made)
        assert talk(duplex) == (b"out\n", b"err\n", 8)

    @needs("attach")
    def test_attach_with_input(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.create("cat", stdin=True)
        duplex = engine.attach(made, AttachSpec(stdin=True, until=Condition.NEXT_EXIT))
        engine.start(made)
        duplex.write(b"hello\n")
        assert read_until(duplex, b"hello\n") == b"hello\n"
        duplex.close_write()
        assert talk(duplex) == (b"", b"", 0)

    @needs("attach")
    def test_attach_until_it_is_removed(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.create("sh", "-c", "echo x; exit 4", auto_remove=True)
        duplex = engine.attach(made, AttachSpec(until=Condition.REMOVED))
        engine.start(made)
        assert talk(duplex) == (b"x\n", b"", 4)
        assert state(engine, made) == "gone"

    @needs("attach", "kill")
    def test_attach_with_what_it_said_before(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.run(*TRAPPING)
        await_log(engine, made, b"ready\n")
        duplex = engine.attach(made, AttachSpec(logs=True))
        assert read_until(duplex, b"ready\n") == b"ready\n"
        engine.kill(made, "TERM")
        assert talk(duplex) == (b"", b"", 3)

    @needs("attach")
    def test_attach_until_not_running_needs_a_running_one(
        self, engine: Engine, workshop: Workshop
    ) -> None:
        conflict(lambda: engine.attach(workshop.finished("true"), AttachSpec()))

    @needs("attach", "pause", "unpause")
    def test_attach_until_not_running_needs_one_that_is_not_paused(
        self, engine: Engine, workshop: Workshop
    ) -> None:
        paused = workshop.run(*IDLE)
        engine.pause(paused)
        conflict(lambda: engine.attach(paused, AttachSpec()))
        engine.unpause(paused)

    @needs("attach")
    def test_attach_to_one_output(self, engine: Engine, workshop: Workshop) -> None:
        for out, err in ((True, False), (False, True)):
            made = workshop.create("sh", "-c", "echo out; echo err >&2")
            spec = AttachSpec(until=Condition.NEXT_EXIT, stdout=out, stderr=err)
            duplex = engine.attach(made, spec)
            engine.start(made)
            assert talk(duplex) == (b"out\n" * out, b"err\n" * err, 0)

    @needs("attach")
    def test_closing_leaves_the_container_alone(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.run(*IDLE)
        duplex = engine.attach(made, AttachSpec())
        assert woken_by_close(duplex, duplex.read) is None
        assert state(engine, made) == "running"
