"""Containers, as every implementation of the inbound port owes them."""

import io
import secrets
import tarfile
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest

from contctl.core.answers import AuditQuery
from contctl.core.api import Contctl
from contctl.core.domain.actions import (
    Action,
    Kill,
    Outcome,
    Pause,
    Remove,
    Rename,
    Restart,
    Start,
    Stop,
    Unpause,
)
from contctl.core.domain.audit import Phase
from contctl.core.domain.containers import ListQuery, Port
from contctl.core.domain.create import CreateSpec
from contctl.core.domain.images import ImageQuery
from contctl.core.domain.networking import Endpoint, Networking
from contctl.core.domain.observed import Change, ChangeKind
from contctl.core.domain.roles import Role
from contctl.core.domain.streams import (
    AttachSpec,
    Condition,
    Err,
    EventQuery,
    ExecSpec,
    Exit,
    Exited,
    LogOptions,
    Out,
)
from contctl.core.domain.transfers import CommitSpec, Pruned, PruneQuery
from contctl.core.errors import ErrorCode
from tests.bounded import eventually, talk
from tests.contracts.services import (
    ADMIN,
    IMAGE,
    Services,
    ServicesFixture,
    last_intent_and_outcome,
    refused,
)


def act(api: Contctl, action: Action, *refs: str) -> dict[str, Outcome]:
    """The outcomes by reference."""
    return {outcome.ref: outcome for outcome in api.containers.act(action, refs)}


def said(duplex: Any) -> tuple[bytes, bytes, int]:
    """What a process wrote to its two outputs, and its exit code."""
    out = err = b""
    with closing(duplex):
        while True:
            match duplex.read():
                case Out(data):
                    out += data
                case Err(data):
                    err += data
                case Exit(code):
                    return out, err, code
                case None:
                    raise AssertionError("it ended without an exit code")


def archive(name: str, content: bytes) -> bytes:
    """A tar of one file."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        entry = tarfile.TarInfo(name)
        entry.size = len(content)
        tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def unique(prefix: str) -> str:
    """A name that no other test uses."""
    return f"{prefix}-{secrets.token_hex(4)}"


class ContainerServiceContract(ServicesFixture):
    """Every method of `Containers`: who may, what is found, what is done, what is recorded."""

    def test_a_viewer_lists_and_inspects(self, services: Services) -> None:
        name = unique("web")
        container_id = services.container(name=name)
        services.login_as(Role.VIEWER)
        listed = services.api.containers.list(ListQuery())
        assert name in [container.name for container in listed]
        (answer,) = services.api.containers.inspect([name])
        assert answer.data is not None
        assert answer.data["Id"] == container_id

    def test_values_of_variables_are_for_those_who_may_see_them(self, services: Services) -> None:
        services.login()
        spec = CreateSpec(image=IMAGE, command=("sleep", "600"), env=("CANARY=tweet", "EMPTY="))
        created = services.made(services.api.containers.create(spec, "request").id)
        shown = {}
        for role in (Role.VIEWER, Role.DEVELOPER):
            services.login_as(role)
            (answer,) = services.api.containers.inspect([created])
            assert answer.data is not None
            shown[role] = answer.data["Config"]["Env"]
            assert "contctl.request" not in repr(answer.data["Config"]["Labels"])
        assert "CANARY=***" in shown[Role.VIEWER]
        assert "tweet" not in repr(shown[Role.VIEWER])
        assert "CANARY=tweet" in shown[Role.DEVELOPER]

    def test_inspect_answers_for_each_reference_in_order(self, services: Services) -> None:
        container_id = services.container()
        services.login()
        absent, found = services.api.containers.inspect(["no-such-one", container_id])
        assert absent.error is not None
        assert absent.error.code is ErrorCode.NOT_FOUND
        assert found.data is not None

    def test_stop_and_start_by_name_id_and_prefix(self, services: Services) -> None:
        name = unique("web")
        container_id = services.container(name=name)
        services.login_as(Role.OPERATOR)
        for ref in (name, container_id, container_id[:12]):
            outcome = act(services.api, Stop(grace=0), ref)[ref]
            assert outcome == Outcome(ref, container_id)
            assert services.state(container_id) == "exited"
            assert act(services.api, Start(), ref)[ref].error is None
            assert services.state(container_id) == "running"

    def test_the_state_asked_for_may_be_there_already(self, services: Services) -> None:
        running, stopped = services.container(), services.container(running=False)
        services.login()
        assert act(services.api, Start(), running)[running].error is None
        assert act(services.api, Stop(grace=0), stopped)[stopped].error is None
        gone = "no-such-one"
        assert act(services.api, Remove(force=True), gone)[gone] == Outcome(gone, None)

    def test_every_target_is_tried(self, services: Services) -> None:
        first, second = services.container(), services.container()
        services.login()
        outcomes = act(services.api, Stop(grace=0), first, "no-such-one", second)
        assert outcomes["no-such-one"].error is not None
        assert outcomes["no-such-one"].error.code is ErrorCode.NOT_FOUND
        assert services.state(first) == services.state(second) == "exited"

    def test_an_ambiguous_prefix_moves_nothing(self, services: Services) -> None:
        made = [services.container() for _ in range(17)]
        shared = next(
            a[:length]
            for length in (2, 1)
            for a in made
            if sum(other.startswith(a[:length]) for other in made) > 1
        )
        services.login()
        outcome = act(services.api, Stop(grace=0), shared)[shared]
        assert outcome.error is not None
        assert outcome.error.code is ErrorCode.CONFLICT
        assert {services.state(container_id) for container_id in made} == {"running"}

    def test_actions_do_what_they_say(self, services: Services) -> None:
        container_id, name = services.container(), unique("renamed")
        services.login()
        steps: list[tuple[Action, str]] = [
            (Pause(), "paused"),
            (Unpause(), "running"),
            (Restart(grace=0), "running"),
            (Rename(name), "running"),
            (Kill("KILL"), "exited"),
        ]
        for action, state in steps:
            assert act(services.api, action, container_id)[container_id].error is None
            with closing(services.api.containers.wait([container_id], Condition.NOT_RUNNING)) as w:
                if state == "exited":
                    next(w)
            assert services.state(container_id) == state
        assert act(services.api, Remove(), name)[name].container_id == container_id
        (gone,) = services.api.containers.inspect([container_id])
        assert gone.error is not None

    def test_a_running_container_is_removed_by_force_only(self, services: Services) -> None:
        container_id = services.container()
        services.login()
        outcome = act(services.api, Remove(), container_id)[container_id]
        assert outcome.error is not None
        assert outcome.error.code is ErrorCode.CONFLICT
        assert services.state(container_id) == "running"
        assert act(services.api, Remove(force=True), container_id)[container_id].error is None

    @pytest.mark.parametrize(
        ("role", "permission", "action"),
        [
            (Role.VIEWER, "container:stop", Stop()),
            (Role.VIEWER, "container:start", Start()),
            (Role.VIEWER, "container:kill", Kill()),
            (Role.VIEWER, "container:restart", Restart()),
            (Role.VIEWER, "container:pause", Pause()),
            (Role.OPERATOR, "container:remove", Remove(force=True)),
            (Role.OPERATOR, "container:rename", Rename("other")),
        ],
    )
    def test_a_refused_action_changes_nothing_and_is_recorded(
        self, services: Services, role: Role, permission: str, action: Action
    ) -> None:
        container_id = services.container()
        name = services.login_as(role)
        before = self.changes(services)
        for ref in (container_id, "no-such-one"):
            with refused(ErrorCode.FORBIDDEN) as raised:
                services.api.containers.act(action, [ref])
            assert permission in raised.value.message
        assert services.state(container_id) == "running"
        assert self.changes(services) == before
        denial = services.entries()[-1]
        assert (denial.phase, denial.action, denial.user) == (Phase.DENIED, permission, name)

    def changes(self, services: Services) -> int:
        """How many changing calls the engine has had, where that can be known."""
        return len(getattr(services.ports.engine, "changes", ()))

    def test_refused_streams_and_creates_change_nothing(self, services: Services) -> None:
        container_id = services.container()
        services.login_as(Role.OPERATOR)
        before = self.changes(services)
        containers = services.api.containers
        attempts: dict[str, Callable[[], object]] = {
            "container:create": lambda: containers.create(CreateSpec(image=IMAGE), "request"),
            "container:exec": lambda: containers.exec(container_id, ExecSpec(("true",))),
            "container:attach": lambda: containers.attach(container_id, AttachSpec()),
            "container:copy": lambda: containers.get_archive(container_id, "/"),
            "container:export": lambda: containers.export(container_id),
            "container:commit": lambda: containers.commit(container_id, CommitSpec()),
            "container:prune": lambda: containers.prune(PruneQuery()),
            "image:list": lambda: containers.images(ImageQuery()),
            "image:pull": lambda: containers.pull(IMAGE, None),
        }
        for permission, attempt in attempts.items():
            with refused(ErrorCode.FORBIDDEN) as raised:
                attempt()
            assert permission in raised.value.message
        with refused(ErrorCode.FORBIDDEN):
            containers.put_archive(container_id, "/", [])
        assert self.changes(services) == before

    def test_no_session_no_answer(self, services: Services) -> None:
        container_id = services.container()
        containers = services.api.containers
        for attempt in (
            lambda: containers.list(ListQuery()),
            lambda: containers.inspect([container_id]),
            lambda: containers.act(Stop(), [container_id]),
            lambda: containers.logs([container_id], LogOptions()),
            lambda: containers.exec(container_id, ExecSpec(("true",))),
        ):
            with refused(ErrorCode.NOT_AUTHENTICATED):
                attempt()
        assert services.state(container_id) == "running"

    def test_create_start_attach_and_wait(self, services: Services) -> None:
        services.login_as(Role.DEVELOPER)
        spec = CreateSpec(image=IMAGE, command=("sh", "-c", "echo out; echo err >&2; exit 3"))
        created = services.made(services.api.containers.create(spec, "request").id)
        duplex = services.api.containers.attach(created, AttachSpec(until=Condition.NEXT_EXIT))
        assert act(services.api, Start(), created)[created].error is None
        assert said(duplex) == (b"out\n", b"err\n", 3)
        (exited,) = services.api.containers.wait([created], Condition.NOT_RUNNING)
        assert (exited.container_id, exited.code) == (created, 3)

    def test_a_name_in_use_is_a_conflict(self, services: Services) -> None:
        name = unique("web")
        services.container(name=name)
        services.login()
        with refused(ErrorCode.CONFLICT):
            services.api.containers.create(CreateSpec(image=IMAGE, name=name), "request")
        _, outcome = last_intent_and_outcome(services, "container:create")
        assert outcome.result == "conflict"

    @pytest.mark.parametrize(
        "spec",
        [
            CreateSpec(image=IMAGE, labels={"contctl.request": "mine"}),
            CreateSpec(image=IMAGE, network=""),
            CreateSpec(image=IMAGE, networking=Networking((Endpoint(""),))),
            CreateSpec(image=IMAGE, name="../x"),
        ],
    )
    def test_what_nobody_may_ask_for_is_refused(self, services: Services, spec: CreateSpec) -> None:
        services.login()
        before = self.changes(services)
        with refused(ErrorCode.USAGE):
            services.api.containers.create(spec, "request")
        assert self.changes(services) == before

    def test_a_missing_image_is_named(self, services: Services) -> None:
        services.login()
        with refused(ErrorCode.NOT_FOUND) as raised:
            services.api.containers.create(CreateSpec(image="no-such-image:1"), "request")
        assert raised.value.reason == "no-image"

    def test_logs_of_one_and_of_several(self, services: Services) -> None:
        first = services.container("echo", "one")
        second = services.container("echo", "two")
        services.login_as(Role.VIEWER)
        list(services.api.containers.wait([first, second], Condition.NOT_RUNNING))
        (chunk,) = services.api.containers.logs([first], LogOptions())
        assert (chunk.container_id, chunk.output) == (first, Out(b"one\n"))
        chunks = list(services.api.containers.logs([first, second], LogOptions()))
        assert {(chunk.container_id, chunk.output.data) for chunk in chunks} == {
            (first, b"one\n"),
            (second, b"two\n"),
        }
        reads = [entry for entry in services.entries() if entry.phase is Phase.READ]
        assert [entry.target for entry in reads] == [first, first, second]

    def test_following_logs_can_be_closed(self, services: Services) -> None:
        first = services.container("sh", "-c", "echo one; sleep 600")
        second = services.container("sh", "-c", "echo two; sleep 600")
        services.login()
        for refs in ([first], [first, second]):
            stream = services.api.containers.logs(refs, LogOptions(follow=True))
            for _ in refs:
                next(stream)
            stream.close()
            assert list(stream) == []

    def test_exec_passes_input_output_and_exit_code(self, services: Services) -> None:
        container_id = services.container()
        services.login_as(Role.DEVELOPER)
        duplex = services.api.containers.exec(container_id, ExecSpec(("cat",), stdin=True))
        duplex.write(b"tick\0\xff\n")
        duplex.close_write()
        assert said(duplex) == (b"tick\0\xff\n", b"", 0)
        script = ExecSpec(("sh", "-c", "echo secret-argument >&2; exit 4"))
        assert said(services.api.containers.exec(container_id, script))[2] == 4
        intent, outcome = last_intent_and_outcome(services, "container:exec")
        assert intent.target == container_id
        assert "secret-argument" not in intent.detail
        assert outcome.result == "ok"

    def test_exec_needs_a_running_container(self, services: Services) -> None:
        container_id = services.container(running=False)
        services.login()
        with refused(ErrorCode.CONFLICT):
            services.api.containers.exec(container_id, ExecSpec(("true",)))
        with refused(ErrorCode.NOT_FOUND):
            services.api.containers.exec("no-such-one", ExecSpec(("true",)))

    def test_archives_go_in_and_out(self, services: Services) -> None:
        container_id = services.container()
        services.login_as(Role.DEVELOPER)
        containers = services.api.containers
        containers.put_archive(container_id, "/", [archive("file", b"content")])
        tar = b"".join(containers.get_archive(container_id, "/file"))
        with tarfile.open(fileobj=io.BytesIO(tar)) as answer:
            member = answer.extractfile("file")
            assert member is not None
            assert member.read() == b"content"
        _, outcome = last_intent_and_outcome(services, "container:copy")
        assert outcome.result == "ok"
        with refused(ErrorCode.NOT_FOUND):
            containers.get_archive(container_id, "/no-such-file")

    def test_viewers_see_processes_ports_and_changed_files(self, services: Services) -> None:
        spec = CreateSpec(IMAGE, ("sleep", "600"), ports=(Port(80, "tcp", "127.0.0.1"),))
        container_id = services.made(services.ports.engine.create(spec, "request").id)
        services.ports.engine.start(container_id)
        services.ports.engine.put_archive(container_id, "/tmp", [archive("note", b"content")])
        services.login_as(Role.VIEWER)
        containers = services.api.containers
        eventually(lambda: "sleep 600" in containers.top(container_id, ()).rows[0], "its process")
        (port,) = containers.ports(container_id)
        assert (port.container_port, port.protocol, port.host_ip) == (80, "tcp", "127.0.0.1")
        assert containers.changes(container_id) == (
            Change(ChangeKind.CHANGED, "/tmp"),
            Change(ChangeKind.ADDED, "/tmp/note"),
        )
        recorded = {entry.action for entry in services.entries()}
        assert not recorded & {"container:top", "container:port", "container:diff"}

    def test_options_of_ps_need_what_an_exec_needs(self, services: Services) -> None:
        container_id = services.container()
        for role in (Role.VIEWER, Role.OPERATOR):
            services.login_as(role)
            with refused(ErrorCode.FORBIDDEN) as raised:
                services.api.containers.top(container_id, ("-e",))
            assert "container:exec" in raised.value.message
            assert services.entries()[-1].phase is Phase.DENIED
        services.login_as(Role.DEVELOPER)
        seen = services.api.containers.top(container_id, ("-o", "pid,comm"))
        assert seen.titles == ("PID", "COMMAND")

    def test_every_wait_is_tried(self, services: Services) -> None:
        first, second = services.container("sh", "-c", "exit 3"), services.container("true")
        services.login_as(Role.VIEWER)
        refs = [first, "no-such-one", second]
        ends = {end.ref: end for end in services.api.containers.wait(refs, Condition.NOT_RUNNING)}
        assert (ends[first], ends[second]) == (Exited(first, 3, first), Exited(second, 0, second))
        error = ends["no-such-one"].error
        assert error is not None
        assert error.code is ErrorCode.NOT_FOUND

    def test_a_look_at_a_path_is_recorded(self, services: Services) -> None:
        container_id = services.container()
        services.login_as(Role.DEVELOPER)
        assert services.api.containers.stat(container_id, "/tmp").name == "tmp"
        read = services.entries()[-1]
        assert (read.phase, read.action, read.target) == (
            Phase.READ,
            "container:copy",
            container_id,
        )
        assert read.detail == services.detail("look at /tmp")

    def test_exports_and_commits_are_recorded(self, services: Services) -> None:
        container_id = services.container()
        services.login_as(Role.DEVELOPER)
        tar = b"".join(services.api.containers.export(container_id))
        assert len(tar) % tarfile.BLOCKSIZE == 0 < len(tar)
        intent, outcome = last_intent_and_outcome(services, "container:export")
        assert (intent.target, outcome.result) == (container_id, "ok")
        services.login()
        name = unique("committed")
        services.api.containers.commit(container_id, CommitSpec(name))
        intent, outcome = last_intent_and_outcome(services, "container:commit")
        assert (intent.target, outcome.result) == (container_id, "ok")
        assert intent.detail == services.detail(name)
        services.made(services.api.containers.create(CreateSpec(image=name), "r").id)
        for spec in (
            CommitSpec("UPPER"),
            CommitSpec(f"{name}@sha256:{'0' * 64}"),
            CommitSpec(changes=('label "contctl.request"=mine',)),
        ):
            with refused(ErrorCode.USAGE):
                services.api.containers.commit(container_id, spec)

    def test_prune_removes_what_has_stopped(self, services: Services) -> None:
        services.login()
        mark = unique("mark")
        made = [
            services.made(
                services.api.containers.create(
                    CreateSpec(image=IMAGE, command=("sleep", "600"), labels=labels), unique("r")
                ).id
            )
            for labels in ({mark: "1"}, {mark: "1", "keep": "yes"}, {mark: "1"}, {mark: "2"})
        ]
        assert act(services.api, Start(), made[2])[made[2]].error is None
        query = PruneQuery(labels=(f"{mark}=1",), without_labels=("keep",))
        old = PruneQuery(until=1.0, labels=(mark,))
        assert services.api.containers.prune(old) == Pruned((), 0)
        pruned = services.api.containers.prune(query)
        assert (pruned.ids, pruned.errors) == ((made[0],), ())
        intent, outcome = last_intent_and_outcome(services, "container:prune")
        assert (intent.target, outcome.target, outcome.result) == (made[0], made[0], "ok")
        assert services.state(made[2]) == "running"
        assert services.api.containers.prune(PruneQuery(labels=(mark,))).ids == (made[3], made[1])

    def test_stats_and_events_are_for_viewers(self, services: Services) -> None:
        container_id = services.container()
        services.login_as(Role.VIEWER)
        with closing(services.api.containers.stats([container_id])) as readings:
            assert next(readings).container_id == container_id
        single = list(services.api.containers.stats([container_id, container_id], stream=False))
        assert [each.container_id for each in single] == [container_id] * 2
        with closing(services.api.containers.events(EventQuery())) as events:
            services.ports.engine.stop(container_id, 0, None)
            seen = next(event for event in events if event.container_id == container_id)
            assert seen.action

    def test_events_hide_the_command_lines_of_execs_from_viewers(self, services: Services) -> None:
        container_id = services.container()
        for role, shown in ((Role.VIEWER, False), (Role.DEVELOPER, True)):
            services.login_as(role)
            with closing(services.api.containers.events(EventQuery())) as events:
                talk(services.ports.engine.exec(container_id, ExecSpec(("echo", "canary"))))
                seen = next(
                    event
                    for event in events
                    if event.container_id == container_id and event.action.startswith("exec_create")
                )
            assert ("canary" in seen.action) is shown
            assert not any(key.startswith("contctl.") for key in seen.attributes)
        with refused(ErrorCode.USAGE):
            services.api.containers.events(EventQuery(filters=(("type", "network"),)))
        # What a viewer may not see is not to be guessed by asking either.
        guess = EventQuery(filters=(("event", "exec_start"), ("event", "exec_create: echo can")))
        with refused(ErrorCode.USAGE):
            services.api.containers.events(guess)

    def test_actions_leave_intent_and_outcome(self, services: Services) -> None:
        name = unique("web")
        container_id = services.container(name=name)
        services.login()
        act(services.api, Stop(grace=0), name)
        intent, outcome = last_intent_and_outcome(services, "container:stop")
        assert (intent.user, intent.target, intent.target_name) == (ADMIN, container_id, name)
        assert (outcome.target, outcome.result) == (container_id, "ok")

    def test_the_audit_log_is_for_admins(self, services: Services) -> None:
        services.login_as(Role.DEVELOPER)
        with refused(ErrorCode.FORBIDDEN):
            services.api.audit.list(AuditQuery())
        services.login()
        records = list(services.api.audit.list(AuditQuery()))
        assert [record.entry for record in records] == services.entries()
        assert list(services.api.audit.list(AuditQuery(last=2))) == records[-2:]
