"""Making, scaling, restarting, waiting for and removing what a real cluster runs."""

import time
from collections.abc import Callable

import pytest

from contctl.backends.kubernetes.kinds import REPLICAS, Found
from contctl.backends.kubernetes.retries import ATTEMPTS, changed
from contctl.backends.kubernetes.settling import runs
from contctl.core.domain.containers import Json
from contctl.core.domain.create import CreateSpec
from contctl.core.domain.streams import Condition
from contctl.core.errors import ContctlError, ErrorCode
from tests.bounded import closing_after
from tests.kubernetes.bench import IMAGE, JOB, POD, TRAPPING, Bench, refused


def test_a_service_is_made_started_restarted_stopped_and_removed(bench: Bench) -> None:
    engine = bench.engine
    made = bench.create(TRAPPING, "web")
    assert bench.state(made) == "created"
    assert bench.code(made) == 0
    with pytest.raises(ContctlError) as caught:
        engine.create(CreateSpec(IMAGE, name="web", restart=POD), "another")
    assert refused(caught) == (ErrorCode.CONFLICT, "the container name web is already in use")
    engine.start(made)
    engine.start(made)
    assert bench.state(made) == "running"
    with pytest.raises(ContctlError) as caught:
        engine.remove(made, force=False, volumes=False)
    assert refused(caught) == (ErrorCode.CONFLICT, "cannot remove web: it is running")

    found = bench.cluster.found(made)
    (before,) = bench.cluster.pods(found)
    engine.restart(made, 1, None)
    after = bench.cluster.pods(found)[0]
    assert after["metadata"]["uid"] != before["metadata"]["uid"]

    with closing_after(engine.wait(made, Condition.NOT_RUNNING), 60) as codes:
        engine.stop(made, 5, None)
        assert list(codes) == [3]
    assert bench.state(made) == "exited"
    engine.stop(made, 5, None)
    engine.remove(made, force=False, volumes=False)
    with pytest.raises(ContctlError) as caught:
        engine.start(made)
    assert refused(caught) == (ErrorCode.NOT_FOUND, f"no such container: {made}")


def test_a_stop_remembers_how_many_there_were(bench: Bench) -> None:
    made = bench.run(TRAPPING)
    found = bench.cluster.found(made)
    bench.cluster.patch(found.path, {"spec": {"replicas": 2}}, "merge")
    bench.engine.start(made)
    bench.engine.stop(made, 5, None)
    stopped = bench.cluster.get(found.path)
    assert stopped["spec"]["replicas"] == 0
    assert stopped["metadata"]["annotations"][REPLICAS] == "2"
    bench.engine.start(made)
    started = bench.cluster.get(found.path)
    assert started["spec"]["replicas"] == 2
    assert REPLICAS not in started["metadata"]["annotations"]
    assert sum(runs(pod) for pod in bench.cluster.pods(found)) == 2
    bench.engine.remove(made, force=True, volumes=False)
    assert bench.state(made) == "gone"


def test_jobs_and_bare_pods_run_once(bench: Bench) -> None:
    engine = bench.engine
    job, pod = bench.create("exit 4", "job", JOB), bench.create("exit 5", "pod", POD)
    removed = engine.wait(pod, Condition.REMOVED)
    engine.start(job)
    engine.start(pod)
    assert bench.code(job, Condition.NEXT_EXIT) == 4
    assert bench.code(pod, Condition.NEXT_EXIT) == 5
    assert bench.code(pod) == 5
    for attempt, words in (
        (lambda: engine.start(pod), "this Pod is finished"),
        (lambda: engine.restart(job, None, None), "a Job runs once"),
    ):
        assert words in _unsupported(attempt)
    engine.stop(pod, None, None)
    engine.remove(pod, force=False, volumes=False)
    with closing_after(removed) as codes:
        assert list(codes) == [5]
    assert bench.code(job) == 4
    engine.remove(job, force=False, volumes=False)
    assert (bench.state(job), bench.state(pod)) == ("gone", "gone")

    lasting = bench.create("exec sleep 1000", "lasting", POD)
    engine.start(lasting)
    assert "could not be started again" in _unsupported(lambda: engine.stop(lasting, 0, None))
    assert bench.state(lasting) == "running"
    engine.remove(lasting, force=True, volumes=False)


def test_what_a_stop_cannot_do_is_refused_before_anything_is_done(bench: Bench) -> None:
    made = bench.run("exec sleep 1000")
    (pod,) = (each for each in bench.cluster.pods(bench.cluster.found(made)))
    of_pod = pod["metadata"]["uid"].replace("-", "")
    for attempt in (
        lambda: bench.engine.stop(made, 1, "QUIT"),
        lambda: bench.engine.stop(made, -1, None),
        lambda: bench.engine.restart(made, 1, "QUIT"),
        lambda: bench.engine.kill(made, "KILL"),
        lambda: bench.engine.stop(of_pod, 1, None),
        lambda: bench.engine.restart(of_pod, 1, None),
    ):
        assert _unsupported(attempt)
    assert bench.state(of_pod) == "running"
    bench.engine.remove(made, force=True, volumes=False)


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        (CreateSpec(IMAGE, ("nosuchcommand",)), "command-not-found"),
        (CreateSpec(IMAGE, ("/etc",)), "command-not-executable"),
    ],
)
def test_a_start_of_what_cannot_run_says_why(bench: Bench, spec: CreateSpec, reason: str) -> None:
    made = bench.engine.create(spec, "r1").id
    with pytest.raises(ContctlError) as caught:
        bench.engine.start(made)
    assert (caught.value.code, caught.value.reason) == (ErrorCode.FAILED, reason)
    assert "cannot start" in caught.value.message


def test_a_change_that_others_got_in_the_way_of_is_made_again(bench: Bench) -> None:
    found = bench.cluster.found(bench.create("true"))
    seen = []

    def disturbed(times: int) -> Callable[[Json], Json]:
        def change(read: Json) -> Json:
            seen.append(read["metadata"]["resourceVersion"])
            if len(seen) <= times:
                other = {"metadata": {"annotations": {"other": str(len(seen))}}}
                bench.cluster.patch(found.path, other, "merge")
            return {"metadata": {"annotations": {"noted": str(len(seen))}}}

        return change

    made = changed(bench.cluster, found, disturbed(2))
    assert made["metadata"]["annotations"]["noted"] == "3"
    assert made["metadata"]["annotations"]["other"] == "2"
    assert len(set(seen)) == 3
    seen.clear()
    with pytest.raises(ContctlError) as caught:
        changed(bench.cluster, found, disturbed(ATTEMPTS))
    assert caught.value.code is ErrorCode.CONFLICT
    assert len(seen) == ATTEMPTS


def test_another_object_of_the_same_name_is_not_changed(bench: Bench) -> None:
    gone = bench.cluster.found(bench.create("true", "web"))
    bench.engine.remove(gone.id, force=False, volumes=False)
    bench.create("true", "web")
    with pytest.raises(ContctlError) as caught:
        changed(bench.cluster, Found(*gone), lambda _: {"spec": {"replicas": 5}})
    assert caught.value.code is ErrorCode.NOT_FOUND


def test_closing_wakes_who_waits(bench: Bench) -> None:
    made = bench.run("exec sleep 1000")
    stream = bench.engine.wait(made, Condition.NEXT_EXIT)
    started = time.monotonic()
    with closing_after(stream, 0.5) as codes:
        assert list(codes) == []
    assert time.monotonic() - started < 10


def _unsupported(attempt: Callable[[], object]) -> str:
    with pytest.raises(ContctlError) as caught:
        attempt()
    assert caught.value.code is ErrorCode.UNSUPPORTED
    return caught.value.message
