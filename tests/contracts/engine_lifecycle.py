"""Starting, stopping, naming, removing, making."""

from collections.abc import Callable

import pytest

from contctl.core.domain.create import CreateSpec
from contctl.core.domain.streams import Condition, LogOptions
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import Engine
from tests.bounded import closing_after
from tests.contracts.engine_basics import (
    ABSENT,
    CALLS,
    IDLE,
    IMAGE,
    TRAPPING,
    EngineBasics,
    Workshop,
    assert_refused,
    await_log,
    conflict,
    listed,
    needs,
    output,
    state,
    unique,
)

_OF_NO_CONTAINER = {
    *("volume", "network", "defaults", "create", "image_labels", "list_images", "events", "pull")
}
_OF_ABSENT: dict[str, Callable[[Engine], object]] = {
    "inspect": lambda engine: engine.inspect(ABSENT),
    "stop at once": lambda engine: engine.stop(ABSENT, 0, None),
    "remove by force": lambda engine: engine.remove(ABSENT, force=True, volumes=True),
    **{method: call for method, call in CALLS.items() if method not in _OF_NO_CONTAINER},
}


class LifecycleContract(EngineBasics):
    @pytest.mark.parametrize("operation", _OF_ABSENT)
    def test_an_absent_container_is_not_found(self, engine: Engine, operation: str) -> None:
        method = operation.partition(" ")[0]
        if method in engine.unsupported:
            assert_refused(engine, method)
            return
        with pytest.raises(ContctlError) as caught:
            _OF_ABSENT[operation](engine)
        assert caught.value.code is ErrorCode.NOT_FOUND
        assert caught.value.message == f"no such container: {ABSENT}"
        assert caught.value.reason is None

    def test_what_cannot_be_an_id_is_not_found(self, engine: Engine) -> None:
        for text in ("", ".", "..", "../images", "a/b", "a?b", "a b", "ä"):
            with pytest.raises(ContctlError) as caught:
                engine.inspect(text)
            assert caught.value.code is ErrorCode.NOT_FOUND

    def test_start_twice(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.create(*IDLE)
        engine.start(made)
        engine.start(made)
        assert state(engine, made) == "running"

    @pytest.mark.parametrize(
        ("command", "reason"),
        [("nosuchcommand", "command-not-found"), ("/etc", "command-not-executable")],
    )
    def test_start_of_what_cannot_be_run(
        self, engine: Engine, workshop: Workshop, command: str, reason: str
    ) -> None:
        made = workshop.create(command)
        with pytest.raises(ContctlError) as caught:
            engine.start(made)
        assert caught.value.code is ErrorCode.FAILED
        assert caught.value.reason == reason

    def test_stop_is_done_also_if_it_was(self, engine: Engine, workshop: Workshop) -> None:
        container = workshop.run(*IDLE)
        engine.stop(container, 0, None)
        assert state(engine, container) == "exited"
        engine.stop(container, 0, None)
        engine.stop(workshop.create(*IDLE), None, None)

    def test_stop_gives_time_to_end_well(self, engine: Engine, workshop: Workshop) -> None:
        container = workshop.run(*TRAPPING)
        await_log(engine, container, b"ready")
        engine.stop(container, 15, None)
        assert workshop.exit_code(container) == 3

    def test_stop_without_a_limit(self, engine: Engine, workshop: Workshop) -> None:
        container = workshop.run(*TRAPPING)
        await_log(engine, container, b"ready")
        engine.stop(container, -1, None)
        assert workshop.exit_code(container) == 3

    def test_stop_kills_when_time_is_over(self, engine: Engine, workshop: Workshop) -> None:
        container = workshop.run(*IDLE)
        engine.stop(container, 1, None)
        assert workshop.exit_code(container) == 137

    @pytest.mark.parametrize("verb", ["stop", "restart"])
    def test_a_signal_of_choice_is_obeyed_or_unsupported(
        self, engine: Engine, workshop: Workshop, verb: str
    ) -> None:
        container = workshop.run(*IDLE)
        expected = "exited" if verb == "stop" else "running"
        refused = None
        try:
            (engine.stop if verb == "stop" else engine.restart)(container, 15, "KILL")
        except ContctlError as error:
            refused, expected = error.code, "running"
        assert refused in (None, ErrorCode.UNSUPPORTED)
        assert state(engine, container) == expected

    def test_restart_makes_a_new_process(self, engine: Engine, workshop: Workshop) -> None:
        container = workshop.run("sh", "-c", "echo once; sleep 600")
        await_log(engine, container, b"once\n")
        engine.restart(container, 0, None)
        await_log(engine, container, b"once\nonce\n")
        assert state(engine, container) == "running"

    def test_restart_starts_what_was_stopped(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.create(*IDLE)
        engine.restart(made, 0, None)
        assert state(engine, made) == "running"

    @needs("kill")
    def test_kill_sends_the_signal(self, engine: Engine, workshop: Workshop) -> None:
        container = workshop.run(*TRAPPING)
        await_log(engine, container, b"ready")
        engine.kill(container, "SIGTERM")
        assert workshop.exit_code(container) == 3

    @needs("kill")
    def test_kill_needs_a_running_one(self, engine: Engine, workshop: Workshop) -> None:
        for container in (workshop.create(*IDLE), workshop.finished("true")):
            with pytest.raises(ContctlError) as caught:
                engine.kill(container, "KILL")
            assert caught.value.code is ErrorCode.CONFLICT

    @needs("kill")
    def test_kill_with_no_signal_there_is(self, engine: Engine, workshop: Workshop) -> None:
        container = workshop.run(*IDLE)
        with pytest.raises(ContctlError) as caught:
            engine.kill(container, "NOSUCH")
        assert caught.value.code is ErrorCode.USAGE

    @needs("pause", "unpause")
    def test_pause_and_unpause_conflicts(self, engine: Engine, workshop: Workshop) -> None:
        container = workshop.run(*IDLE)
        conflict(lambda: engine.unpause(container))
        engine.pause(container)
        conflict(lambda: engine.pause(container))
        engine.unpause(container)
        engine.stop(container, 0, None)
        conflict(lambda: engine.pause(container))
        conflict(lambda: engine.unpause(container))

    def test_remove(self, engine: Engine, workshop: Workshop) -> None:
        stopped = workshop.finished("true")
        engine.remove(stopped, force=False, volumes=False)
        assert state(engine, stopped) == "gone"

    def test_remove_of_a_running_one_needs_force(self, engine: Engine, workshop: Workshop) -> None:
        container = workshop.run(*IDLE)
        conflict(lambda: engine.remove(container, force=False, volumes=False))
        engine.remove(container, force=True, volumes=False)
        assert state(engine, container) == "gone"

    @needs("rename")
    def test_rename(self, engine: Engine, workshop: Workshop) -> None:
        made, name = workshop.create(*IDLE), unique("renamed")
        for given in (name, f"/{name}-again"):
            engine.rename(made, given)
            row = listed(engine, made)
            assert row is not None
            assert row.name == given.removeprefix("/")

    def test_a_name_in_use_is_a_conflict_that_tells_no_id(
        self, engine: Engine, workshop: Workshop
    ) -> None:
        name = unique("taken")
        owner = workshop.create(*IDLE, name=name)
        error = conflict(lambda: engine.create(CreateSpec(IMAGE, name=name), "r"))
        assert error.message == f"the container name {name} is already in use"
        assert owner[:12] not in f"{error.message} {error.hint}"

    @needs("rename")
    def test_to_a_name_in_use_nothing_is_renamed(self, engine: Engine, workshop: Workshop) -> None:
        name = unique("taken")
        owner, other = workshop.create(*IDLE, name=name), workshop.create(*IDLE)
        error = conflict(lambda: engine.rename(other, name))
        assert error.message == f"the container name {name} is already in use"
        assert owner[:12] not in f"{error.message} {error.hint}"

    @needs("rename")
    def test_a_bad_name_is_a_usage_error(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.create(*IDLE)
        with pytest.raises(ContctlError) as caught:
            engine.rename(made, "not a name")
        assert caught.value.code is ErrorCode.USAGE


class CreateContract(EngineBasics):
    def test_an_absent_image_is_not_found(self, engine: Engine) -> None:
        with pytest.raises(ContctlError) as caught:
            engine.create(CreateSpec("contctl/nosuch:image"), "r")
        assert caught.value.code is ErrorCode.NOT_FOUND
        assert caught.value.reason == "no-image"

    def test_environment(self, engine: Engine, workshop: Workshop) -> None:
        spec = CreateSpec(IMAGE, ("env",), env=("ONE=1", "TWO=a b=c"), network="none")
        made = workshop.keep(engine.create(spec, "r").id)
        engine.start(made)
        workshop.exit_code(made)
        out, _ = output(engine.logs(made, LogOptions()))
        assert {b"ONE=1", b"TWO=a b=c"} <= set(out.splitlines())

    def test_entrypoint_workdir_and_user(self, engine: Engine, workshop: Workshop) -> None:
        spec = CreateSpec(
            IMAGE, ("hi",), entrypoint="echo", workdir="/tmp", user="65534", network="none"
        )
        made = workshop.keep(engine.create(spec, "r").id)
        config = engine.inspect(made)["Config"]
        assert (config["WorkingDir"], config["User"]) == ("/tmp", "65534")
        engine.start(made)
        workshop.exit_code(made)
        assert output(engine.logs(made, LogOptions())) == (b"hi\n", b"")

    def test_auto_remove(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.create("sh", "-c", "exit 4", auto_remove=True)
        with closing_after(engine.wait(made, Condition.REMOVED)) as codes:
            engine.start(made)
            assert list(codes) == [4]
        assert state(engine, made) == "gone"
