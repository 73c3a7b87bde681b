"""Pods and workloads of a real cluster, as contctl reads them."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from contctl.backends.clock import SystemClock
from contctl.backends.kubernetes.client import Cluster
from contctl.backends.kubernetes.engine import KubernetesEngine
from contctl.backends.kubernetes.kinds import Kind
from contctl.core.domain.containers import Container, ListQuery
from contctl.core.domain.engines import EngineAddress, EngineKind
from contctl.core.domain.streams import Event, EventQuery, LogOptions
from contctl.core.domain.usage import usage_of
from contctl.core.errors import ContctlError, ErrorCode
from devtools.kubernetes.access import Access
from devtools.kubernetes.metrics import metrics_api, no_metrics_api, publish
from tests.bounded import closing_after, eventually
from tests.kubernetes.manifests import Json

COUNTING = "i=0; while sleep 0.1; do i=$((i+1)); echo line $i; done"


class Place:
    """An engine in a namespace, and what makes things there."""

    def __init__(self, config: Path, namespace: str) -> None:
        address = EngineAddress(EngineKind.KUBERNETES, namespace=namespace)
        environ = {"KUBECONFIG": str(config), "PATH": os.environ["PATH"]}
        self.namespace = namespace
        self.engine = KubernetesEngine(address, "a test", environ, SystemClock())
        self.cluster = Cluster(address, environ, SystemClock())

    def make(self, kind: Kind, name: str, spec: Json, **metadata: object) -> None:
        """Make an object."""
        body = {"metadata": {"name": name, **metadata}, "spec": spec}
        path = kind.path(self.namespace)
        self.cluster.post(path, {"apiVersion": kind.version, "kind": kind.title, **body})

    def make_pod(self, name: str, script: str, **fields: object) -> None:
        """A pod that runs a shell script once."""
        self.make(Kind.POD, name, {**_running(script), **fields}, labels={"tier": name})

    def make_deployment(self, name: str, script: str, replicas: int) -> None:
        """A Deployment of pods that run a shell script."""
        template = {"metadata": {"labels": {"app": name}}, "spec": _running(script)}
        template["spec"]["restartPolicy"] = "Always"
        selector = {"matchLabels": {"app": name}}
        spec = {"replicas": replicas, "selector": selector, "template": template}
        self.make(Kind.DEPLOYMENT, name, spec)

    def listed(self, **query: object) -> list[Container]:
        """The rows of a listing."""
        return list(self.engine.list(ListQuery(**query)))  # type: ignore[arg-type]

    def id_of(self, name: str) -> str:
        """The full ID of a pod or workload."""
        found = self.listed(all=True, workloads=True)
        return next(each.id for each in found if each.name == name)

    def states(self) -> dict[str, str]:
        """The states of workloads and pods by name, the pods of workloads left out."""
        found = self.listed(all=True, workloads=True)
        return {each.name: each.state for each in found if each.workload in ("", each.name)}

    def log(self, name: str, options: LogOptions) -> list[str]:
        """The lines of a log."""
        stream = self.engine.logs(self.id_of(name), options)
        return b"".join(chunk.output.data for chunk in stream).decode().splitlines()


def _running(script: str) -> Json:
    main = {
        "name": "main",
        "image": "busybox:latest",
        "imagePullPolicy": "IfNotPresent",
        "command": ["sh", "-c", script],
    }
    return {
        "containers": [main],
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": 0,
    }


@pytest.fixture
def place(kubernetes_cluster: Access, kubernetes_namespace: str) -> Place:
    return Place(kubernetes_cluster.kubeconfig, kubernetes_namespace)


def test_workloads_and_pods_are_listed_and_inspected(place: Place) -> None:
    place.make_deployment("web", "exec sleep 1000", 2)
    place.make_deployment("idle", "exec sleep 1000", 0)
    place.make_pod("bare", "exec sleep 1000")
    place.make_pod("over", "exit 3")
    place.make_pod("stuck", "true", nodeSelector={"no": "where"})
    place.make(Kind.JOB, "job", {"template": {"spec": _running("exit 4")}, "backoffLimit": 0})
    wanted = {"web": "running", "idle": "created", "bare": "running", "over": "exited"}
    wanted |= {"stuck": "created", "job": "exited"}
    eventually(lambda: place.states() == wanted, "all are as they are to be", 60)
    eventually(lambda: len(place.listed()) == 3, "all pods run", 60)

    running = place.listed()
    assert sorted(each.workload for each in running) == ["", "web", "web"]
    assert all(each.status.startswith("Up ") for each in running)
    assert len({each.id for each in place.listed(all=True, workloads=True)}) == 9
    ahead = place.listed(all=True, workloads=True)[:3]
    assert {each.name for each in ahead} == {"web", "idle", "job"}
    statuses = {each.name: each.status for each in place.listed(all=True)}
    assert statuses["idle"] == "Created (0 of 0)"
    assert statuses["over"].startswith("Exited (3) ")
    assert statuses["stuck"] == "Created (Unschedulable)"
    labels = next(each.labels for each in running if each.workload == "web")
    assert labels["io.kubernetes.pod.namespace"] == place.namespace
    _assert_filters(place)
    _assert_inspections(place)
    _assert_identity(place)


def _assert_filters(place: Place) -> None:
    def names(*filters: tuple[str, str]) -> set[str]:
        found = place.listed(all=True, filters=filters)
        return {each.workload or each.name for each in found}

    assert names(("name", "ove")) == {"over"}
    assert names(("name", "^web-")) == {"web"}
    assert names(("label", "tier=bare")) == {"bare"}
    assert names(("status", "exited")) == {"over", "job"}
    assert names(("exited", "4")) == {"job"}
    assert names(("id", place.id_of("stuck"))) == {"stuck"}
    assert names(("ancestor", "nginx")) == set()
    assert "web" in names(("ancestor", "busybox"))
    with pytest.raises(ContctlError) as unknown:
        names(("nonsense", "x"))
    assert unknown.value.code is ErrorCode.USAGE
    with pytest.raises(ContctlError) as meaningless:
        names(("volume", "x"))
    assert meaningless.value.code is ErrorCode.UNSUPPORTED
    newest = place.listed(last=1)
    assert len(newest) == 1
    path = Kind.POD.path(place.namespace)
    in_pages = place.cluster.items(path, {"limit": 2})
    at_once = place.cluster.items(path)
    assert len(in_pages) == len(at_once) == 6


def _assert_inspections(place: Place) -> None:
    pod = place.engine.inspect(place.id_of("over"))
    assert pod["State"]["ExitCode"] == 3
    assert pod["State"]["FinishedAt"].startswith("2")
    assert pod["Kubernetes"]["metadata"]["name"] == "over"
    workload = place.engine.inspect(place.id_of("web"))
    assert (workload["Name"], workload["State"]["Status"]) == ("/web", "running")
    assert workload["Config"]["Entrypoint"] == ["sh", "-c", "exec sleep 1000"]
    with pytest.raises(ContctlError) as unmeasured:
        place.engine.inspect(place.id_of("web"), size=True)
    assert unmeasured.value.code is ErrorCode.UNSUPPORTED


def _assert_identity(place: Place) -> None:
    """An object that took the name of another is not that other."""
    before = place.id_of("over")
    place.cluster.delete(Kind.POD.path(place.namespace, "over"), {"gracePeriodSeconds": 0})
    eventually(lambda: "over" not in place.states(), "it is gone", 60)
    place.make_pod("over", "exit 5")
    for container_id in (before, "f" * 32, "../../../etc"):
        with pytest.raises(ContctlError) as absent:
            place.engine.inspect(container_id)
        assert absent.value.code is ErrorCode.NOT_FOUND


def test_logs_of_pods_and_workloads(place: Place) -> None:
    place.make_deployment("web", COUNTING, 2)
    place.make_pod("brief", "echo out; sleep 0.5; echo err >&2")
    place.make_pod("stuck", "true", nodeSelector={"no": "where"})
    late = place.id_of("brief")
    followed = place.engine.logs(late, LogOptions(follow=True))
    assert b"".join(chunk.output.data for chunk in followed) == b"out\nerr\n"
    assert place.log("brief", LogOptions()) == ["out", "err"]
    assert place.log("brief", LogOptions(tail=1)) == ["err"]
    assert place.log("brief", LogOptions(since=time.time() + 60)) == []
    assert place.log("brief", LogOptions(until=1.0)) == []
    stamped = place.log("brief", LogOptions(timestamps=True))[0].split(" ")
    assert stamped[0].startswith("20")
    assert stamped[1:] == ["out"]
    assert place.log("stuck", LogOptions()) == []

    def pods() -> set[str]:
        lines = place.log("web", LogOptions())
        return {line.partition(" | ")[0] for line in lines}

    eventually(lambda: len(pods()) == 2, "both pods write", 60)
    web = place.id_of("web")
    assert len(place.log("web", LogOptions(tail=3))) == 3
    stream = place.engine.logs(web, LogOptions(follow=True, tail=0))
    seen: set[str] = set()
    for chunk in stream:
        assert chunk.container_id == web
        seen.add(chunk.output.data.decode().partition(" | ")[0])
        if len(seen) == 2:
            stream.close()
    assert seen == pods()
    for name in ("web", "stuck"):
        silent = place.engine.logs(place.id_of(name), LogOptions(follow=True, tail=0))
        threading.Timer(0.5, silent.close).start()
        begun = time.monotonic()
        assert len(list(silent)) < 100
        assert time.monotonic() - begun < 10


def test_logs_of_a_workload_are_followed_into_pods_that_come_later(place: Place) -> None:
    place.make_deployment("grow", COUNTING, 1)
    grow = place.id_of("grow")
    scale = f"{Kind.DEPLOYMENT.path(place.namespace, 'grow')}"
    alone, names = 0, set[str]()
    with closing_after(place.engine.logs(grow, LogOptions(follow=True)), 60) as stream:
        for chunk in stream:
            name, bar, _ = chunk.output.data.decode().partition(" | ")
            if bar and name not in names:
                names.add(name)
                if len(names) == 2:
                    place.cluster.patch(scale, {"spec": {"replicas": 0}})
            elif not bar:
                alone += 1
                if alone == 1:
                    place.cluster.patch(scale, {"spec": {"replicas": 2}})
    assert alone
    assert len(names) == 2
    assert list(place.engine.logs(grow, LogOptions(follow=True))) == []


def test_events_are_told_as_they_come_and_worked_out_of_the_past(place: Place) -> None:
    live = place.engine.events(EventQuery(filters=(("label", "tier=brief"),)))
    place.make_pod("brief", "exit 6")
    eventually(lambda: place.states() == {"brief": "exited"}, "it ends", 60)
    place.make_pod("other", "true")
    brief = place.id_of("brief")
    until = time.time()
    past = list(place.engine.events(EventQuery(since=until - 120, until=until)))
    assert [event.action for event in past if event.container_id == brief] == [
        "create",
        "start",
        "die",
    ]
    place.cluster.delete(Kind.POD.path(place.namespace, "brief"))
    seen: list[Event] = []
    for event in live:
        seen.append(event)
        if event.action == "destroy":
            live.close()
    assert [event.action for event in seen] == ["create", "start", "die", "destroy"]
    assert {(event.container_id, event.attributes["name"]) for event in seen} == {(brief, "brief")}
    assert seen[2].attributes["exitCode"] == "6"
    with pytest.raises(ContctlError) as unknown:
        place.engine.events(EventQuery(filters=(("nonsense", "x"),)))
    assert unknown.value.code is ErrorCode.USAGE


def test_a_watch_begins_anew_where_the_cluster_has_forgotten(place: Place) -> None:
    place.make_pod("bare", "exec sleep 1000")
    watch = place.cluster.watch(Kind.POD.path(place.namespace), version="1")
    change, pod = next(watch)
    watch.close()
    assert (change, pod["metadata"]["name"]) == ("ADDED", "bare")
    assert list(watch) == []


def test_a_cluster_says_who_lacks_what(
    kubernetes_cluster: Access, make_kubernetes_namespace: Callable[[], str], tmp_path: Path
) -> None:
    namespace = make_kubernetes_namespace()
    reader = Place(kubernetes_cluster.reader_kubeconfig, namespace)
    assert reader.listed() == []
    with pytest.raises(ContctlError) as refused:
        reader.listed(all=True)
    assert (refused.value.code, refused.value.message) == (
        ErrorCode.FAILED,
        "the cluster refuses: the user reader cannot list deployments in the namespace"
        f" {namespace}",
    )
    expired = kubernetes_cluster.write_kubeconfig(tmp_path / "expired", "/CN=late", days=-1)
    with pytest.raises(ContctlError) as unknown:
        Place(expired, namespace).listed()
    assert unknown.value.code is ErrorCode.STORE
    assert str(expired) in unknown.value.message


def test_stats_are_those_of_the_metrics_api(kubernetes_cluster: Access, place: Place) -> None:
    place.make_pod("busy", "while :; do :; done")
    eventually(lambda: place.states() == {"busy": "running"}, "it runs", 60)
    busy = place.id_of("busy")
    with no_metrics_api(kubernetes_cluster):
        with pytest.raises(ContctlError) as unmetered:
            place.engine.stats(busy)
        words = "this engine cannot measure: the cluster has no metrics API"
        assert (unmetered.value.code, unmetered.value.message) == (ErrorCode.UNSUPPORTED, words)
    with metrics_api(kubernetes_cluster):
        publish(kubernetes_cluster, place.namespace, "busy")
        (reading,) = place.engine.stats(busy, stream=False)
        usage = usage_of(busy, reading.reading)
        assert (usage.name, usage.container_id) == ("busy", busy)
        assert usage.cpu > 0
        assert usage.memory > 0
