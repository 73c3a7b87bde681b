"""What Podman does in its own way, on a real one."""

from collections.abc import Iterator

import pytest

from contctl.backends.podman.engine import PodmanEngine
from contctl.backends.podman.processes import LoggedDemultiplexer
from contctl.core.domain.create import CreateSpec
from contctl.core.domain.streams import (
    AttachSpec,
    Condition,
    Err,
    EventQuery,
    ExecSpec,
    LogOptions,
    Out,
)
from contctl.core.errors import ContctlError, ErrorCode
from tests.bounded import closing_after, talk
from tests.contracts.engine_basics import IDLE, IMAGE, Workshop, await_log, output

pytestmark = pytest.mark.docker


@pytest.fixture
def workshop(podman_backend: PodmanEngine) -> Iterator[Workshop]:
    workshop = Workshop(podman_backend)
    yield workshop
    workshop.clear()


def test_a_command_that_cannot_be_run_is_told_at_the_attach(
    podman_backend: PodmanEngine, workshop: Workshop
) -> None:
    for command, reason in (
        ("nosuchcommand", "command-not-found"),
        ("/etc", "command-not-executable"),
    ):
        made = workshop.create(command)
        with pytest.raises(ContctlError) as caught:
            podman_backend.attach(made, AttachSpec(until=Condition.NEXT_EXIT))
        assert (caught.value.code, caught.value.reason) == (ErrorCode.FAILED, reason)


def test_one_that_asked_for_nothing_is_given_time_to_end(
    podman_backend: PodmanEngine, workshop: Workshop
) -> None:
    script = "trap 'exit 3' TERM; echo ready; while :; do sleep 0.05; done"
    made = workshop.run("sh", "-c", script)
    await_log(podman_backend, made, b"ready")
    podman_backend.stop(made, None, None)
    assert workshop.exit_code(made) == 3


def test_a_silent_log_that_is_followed_ends_with_the_container(
    podman_backend: PodmanEngine, workshop: Workshop
) -> None:
    made = workshop.run("sleep", "1")
    assert output(podman_backend.logs(made, LogOptions(follow=True))) == (b"", b"")


def test_waits_for_what_never_ran(podman_backend: PodmanEngine, workshop: Workshop) -> None:
    made = workshop.create(*IDLE)
    with closing_after(podman_backend.wait(made, Condition.NOT_RUNNING)) as codes:
        assert list(codes) == [0]
    with closing_after(podman_backend.wait(made, Condition.REMOVED)) as codes:
        podman_backend.remove(made, force=False, volumes=False)
        assert list(codes) == [0]


def test_events_have_dockers_names(podman_backend: PodmanEngine, workshop: Workshop) -> None:
    with closing_after(podman_backend.events(EventQuery())) as stream:
        made = workshop.run(*IDLE)
        talk(podman_backend.exec(made, ExecSpec(("true",))))
        podman_backend.remove(made, force=True, volumes=False)
        seen = []
        for event in stream:
            if event.container_id == made:
                assert event.attributes["image"] == IMAGE
                seen.append(event.action)
            if seen[-1:] == ["destroy"]:
                break
    assert seen[:3] == ["create", "start", "exec_start"]
    assert {"exec_die", "die"} <= set(seen)
    filters = (("container", made), ("event", "destroy"), ("image", "busybox"))
    chosen = EventQuery(since=event.at / 1e9 - 60, until=event.at / 1e9 + 1e-3, filters=filters)
    with closing_after(podman_backend.events(chosen)) as stream:
        assert [each.action for each in stream] == ["destroy"]


def test_a_whole_name_of_an_image_is_shown_in_short(
    podman_backend: PodmanEngine, workshop: Workshop
) -> None:
    made = workshop.keep(podman_backend.create(CreateSpec(f"docker.io/library/{IMAGE}"), "r").id)
    assert podman_backend.inspect(made)["Config"]["Image"] == IMAGE


@pytest.mark.parametrize("size", [1, 3, 100])
def test_line_ends_outside_of_frames(size: int) -> None:
    frames = b"\1\0\0\0\0\0\0\5ready\n\2\0\0\0\0\0\0\2no\n\1\0\0\0\0\0\0\2a\n"
    decoder = LoggedDemultiplexer(ValueError)
    found = []
    for at in range(0, len(frames), size):
        found += decoder.feed(frames[at : at + size])
    decoder.finish()
    assert b"".join(each.data for each in found if isinstance(each, Out)) == b"ready\na\n"
    assert b"".join(each.data for each in found if isinstance(each, Err)) == b"no\n"
