"""What pods and workloads are, in docker's words."""

import pytest

from contctl.backends.kubernetes.kinds import Kind
from contctl.backends.kubernetes.listing import workload_state
from contctl.backends.kubernetes.phrases import duration
from contctl.backends.kubernetes.pods import state
from contctl.backends.kubernetes.workloads import workload_of
from tests.kubernetes.manifests import CREATED, CREATED_AT, Json, owned, pod, with_state

NOW = CREATED_AT + 300
RUNNING = {"running": {"startedAt": CREATED}}
ENDED = {"terminated": {"exitCode": 3, "startedAt": CREATED, "finishedAt": CREATED}}
KILLED = {"terminated": {"exitCode": 137, "reason": "OOMKilled", "finishedAt": CREATED}}


@pytest.mark.parametrize(
    ("item", "name", "status"),
    [
        (pod(), "created", "Created"),
        (with_state(pod(), RUNNING), "running", "Up 5 minutes"),
        (with_state(pod(), ENDED), "exited", "Exited (3) 5 minutes ago"),
        (with_state(pod(), KILLED), "exited", "Exited (137) 5 minutes ago (OOMKilled)"),
        (
            with_state(pod(), {"waiting": {"reason": "ImagePullBackOff"}}),
            "created",
            "Created (ImagePullBackOff)",
        ),
        (
            with_state(pod(), {"waiting": {"reason": "CrashLoopBackOff"}}, last=ENDED),
            "restarting",
            "Restarting (3) 5 minutes ago (CrashLoopBackOff)",
        ),
        (
            with_state(pod(deletionTimestamp=CREATED), RUNNING),
            "running",
            "Up 5 minutes (Terminating)",
        ),
        (
            {**pod(), "status": {"phase": "Failed", "reason": "Evicted"}},
            "exited",
            "Exited (1) (Evicted)",
        ),
        ({**pod(), "status": None}, "created", "Created"),
    ],
)
def test_a_pod(item: Json, name: str, status: str) -> None:
    found = state(item, NOW)
    assert (found.name, found.status) == (name, status)


def _deployment(replicas: int, before: str = "", generation: int = 2) -> Json:
    annotations = {"contctl.replicas": before} if before else {}
    metadata = {"annotations": annotations, "generation": generation}
    return {"metadata": metadata, "spec": {"replicas": replicas}}


def _job(condition: str) -> Json:
    conditions = [{"type": condition, "status": "True"}]
    return {"spec": {"parallelism": 1}, "status": {"conditions": conditions}}


UP, DOWN = with_state(pod(), RUNNING), with_state(pod(), ENDED)


@pytest.mark.parametrize(
    ("kind", "item", "pods", "expected"),
    [
        (Kind.DEPLOYMENT, _deployment(2), [UP], ("running", "Up (1 of 2)", None)),
        (Kind.DEPLOYMENT, _deployment(0, "3"), [], ("exited", "Stopped (0 of 3)", None)),
        (Kind.DEPLOYMENT, _deployment(0, "1", 1), [], ("created", "Created (0 of 1)", None)),
        (Kind.DEPLOYMENT, _deployment(1), [], ("created", "Created (0 of 1)", None)),
        (Kind.DAEMON_SET, {"status": {}}, [], ("created", "Created (0 of 0)", None)),
        (Kind.JOB, _job("Complete"), [DOWN], ("exited", "Exited (0)", 0)),
        (Kind.JOB, _job("Failed"), [DOWN], ("exited", "Exited (3)", 3)),
        (Kind.JOB, {"spec": {}}, [UP], ("running", "Up (1 of 1)", None)),
    ],
)
def test_a_workload(
    kind: Kind, item: Json, pods: list[Json], expected: tuple[str, str, int | None]
) -> None:
    assert workload_state(kind, item, pods) == expected


def test_the_workload_of_a_pod_is_above_its_replica_set() -> None:
    of_set = owned(pod(), "ReplicaSet", "web-7f", "11-22")
    above = {"1122": owned(pod(name="web-7f"), "Deployment", "web", "33-44")}
    found = workload_of(of_set, above)
    assert found is not None
    assert (found.kind, found.name, found.id) == (Kind.DEPLOYMENT, "web", "3344")
    alone = workload_of(of_set, {})
    assert alone is not None
    assert alone.name == "web-7f"
    assert workload_of(pod(), above) is None


def test_an_owner_that_does_not_control_is_none() -> None:
    item = owned(pod(), "Deployment", "web", "33-44")
    item["metadata"]["ownerReferences"][0]["controller"] = False
    assert workload_of(item, {}) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "Less than a second"),
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "About a minute"),
        (150, "2 minutes"),
        (3600, "About an hour"),
        (47 * 3600, "47 hours"),
        (13 * 86400, "13 days"),
        (59 * 86400, "8 weeks"),
        (729 * 86400, "24 months"),
        (730 * 86400, "2 years"),
    ],
)
def test_a_span_is_said_as_docker_says_it(seconds: int, words: str) -> None:
    assert duration(seconds) == words
