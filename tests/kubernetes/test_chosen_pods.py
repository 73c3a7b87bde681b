"""The pod that is entered, and labels that others select by, on a real cluster."""

import uuid

import pytest

from contctl.backends.kubernetes.kinds import Kind
from contctl.backends.kubernetes.processes import begin
from contctl.backends.kubernetes.settling import delete
from contctl.core.domain.audit import Phase
from contctl.core.domain.create import CreateSpec
from contctl.core.domain.resources import RestartPolicy
from contctl.core.domain.streams import ExecSpec, LogOptions
from contctl.core.errors import ContctlError, ErrorCode
from tests.bounded import eventually, talk
from tests.contracts.services import ADMIN, PASSWORD, Services, refused
from tests.fakes.clock import FakeClock
from tests.fakes.ports import FakePorts
from tests.kubernetes.bench import IMAGE, JOB, POD, SERVICE, Bench

SLEEPING = "exec sleep 1000"


def test_records_name_the_pod(bench: Bench) -> None:
    clock = FakeClock()
    ports = FakePorts(clock)
    ports.engine = bench.engine  # type: ignore[assignment]
    services = Services(ports, clock)
    services.api.sessions.initialise(ADMIN, PASSWORD)
    services.login()
    made = bench.run(SLEEPING, "web")
    containers = services.api.containers
    out, _, code = talk(containers.exec("web", ExecSpec(("hostname",))))
    entered = bench.enter(made)
    row = bench.row(entered)
    assert row is not None
    assert (out, code) == (f"{row.name}\n".encode(), 0)
    containers.stat("web", "/tmp")
    list(containers.get_archive("web", "/etc/passwd"))
    containers.logs(["web"], LogOptions()).close()
    told = [
        (each.action, each.phase, each.target)
        for each in services.entries()
        if each.target_name == "web"
    ]
    assert told == [
        ("container:exec", Phase.INTENT, entered),
        ("container:exec", Phase.OUTCOME, entered),
        ("container:copy", Phase.READ, entered),
        ("container:copy", Phase.INTENT, entered),
        ("container:copy", Phase.OUTCOME, entered),
        ("container:logs", Phase.READ, made),
        ("container:logs", Phase.READ, entered),
    ]

    idle = bench.create(SLEEPING, "idle")
    with refused(ErrorCode.CONFLICT):
        services.api.containers.exec("idle", ExecSpec(("true",)))
    assert services.entries()[-1].target == idle
    with refused(ErrorCode.UNSUPPORTED):
        services.api.containers.export("idle")


def test_no_other_pod_of_the_name_is_entered(bench: Bench) -> None:
    chosen = bench.create(SLEEPING, "web", POD)
    bench.engine.start(chosen)
    (before,) = bench.cluster.pods(bench.cluster.found(chosen))
    delete(bench.cluster, bench.cluster.found(chosen).path, before["metadata"]["uid"], 0, None)
    eventually(lambda: bench.state(chosen) == "gone", "the pod is gone", 60)
    another = bench.create(SLEEPING, "web", POD)
    bench.engine.start(another)
    for attempt in (
        lambda: bench.engine.exec(chosen, ExecSpec(("true",))),
        # Replaced between the last look and the request, which has the name only.
        lambda: begin(bench.cluster, before, ["true"]),
    ):
        with refused(ErrorCode.NOT_FOUND):
            attempt()
    assert talk(bench.engine.exec(another, ExecSpec(("true",))))[2] == 0


def test_labels_that_others_select_by_are_refused(bench: Bench) -> None:
    namespace = bench.cluster.namespace
    template = {
        "metadata": {"labels": {"tier": "back"}},
        "spec": {"containers": [{"name": "main", "image": IMAGE}]},
    }
    selector = {
        "matchLabels": {"tier": "back"},
        "matchExpressions": [
            {"key": "tier", "operator": "In", "values": ["back", "front"]},
            {"key": "canary", "operator": "DoesNotExist"},
        ],
    }
    spec = {"replicas": 0, "selector": selector, "template": template}
    bench.cluster.post(Kind.REPLICA_SET.path(namespace), {"metadata": {"name": "a"}, "spec": spec})
    service = {"selector": {"app": "web"}, "clusterIP": "None"}
    path = f"/api/v1/namespaces/{namespace}/services"
    bench.cluster.post(path, {"metadata": {"name": "b"}, "spec": service})

    def create(restart: RestartPolicy | None, **labels: str) -> str:
        spec = CreateSpec(IMAGE, ("sleep", "1"), labels=labels, restart=restart)
        return bench.engine.create(spec, uuid.uuid4().hex).id

    for restart in (POD, JOB, SERVICE):
        for labels in ({"app": "web"}, {"app": "web", "more": "1"}, {"tier": "back"}):
            with pytest.raises(ContctlError) as caught:
                create(restart, **labels)
            assert caught.value.code is ErrorCode.CONFLICT
            assert "by these labels" in caught.value.message
    pods = bench.cluster.items(Kind.POD.path(namespace))
    assert pods == []
    assert create(POD, app="other", tier="front")
    assert create(POD, tier="back", canary="1")
    assert create(POD)
