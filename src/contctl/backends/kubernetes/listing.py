"""Pods and workloads as rows of a listing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contctl.backends.kubernetes.filters import Row, asks_for_all, check, selected
from contctl.backends.kubernetes.kinds import (
    NAMESPACE_LABEL,
    REPLICAS,
    WORKLOADS,
    Kind,
    id_of,
)
from contctl.backends.kubernetes.pods import (
    exit_code,
    is_leaving,
    is_ready,
    is_running,
    main,
    main_status,
    moment,
    part,
    parts,
    state,
    text,
)
from contctl.backends.kubernetes.workloads import replica_sets, workload_of
from contctl.core.domain.containers import Container, Port

if TYPE_CHECKING:
    from contctl.backends.kubernetes.client import Cluster
    from contctl.core.domain.containers import Json, ListQuery


def listed(cluster: Cluster, query: ListQuery) -> tuple[Container, ...]:
    """What `query` asks for; as `Engine.list`."""
    check(query.filters)
    # To docker, fewer than none are all.
    last = query.last if query.last is not None and query.last > 0 else None
    everything = query.all or last is not None or asks_for_all(query.filters)
    pods = cluster.items(Kind.POD.path(cluster.namespace))
    cluster.remember(Kind.POD, pods)
    owners = replica_sets(cluster, pods)
    now = cluster.clock.now()
    rows, manned = [], dict[str, list["Json"]]()
    for pod in pods:
        workload = workload_of(pod, owners)
        if workload is not None:
            manned.setdefault(workload.id, []).append(pod)
        rows.append(_pod_row(pod, workload.name if workload else "", now))
    ahead: list[Row] = []
    if query.workloads or everything:
        for kind, each in _workloads(cluster):
            id_ = id_of(text(each, "metadata", "uid"))
            row = workload_row(kind, each, manned.get(id_, []))
            if query.workloads:
                ahead.append(row)
            elif id_ not in manned or (kind is not Kind.JOB and row.container.state == "exited"):
                rows.append(row)
    found = selected(_newest_first(ahead) + _newest_first(rows), query.filters)
    shown = [row.container for row in found if everything or _runs(row.container)]
    return tuple(shown[:last])


def members(cluster: Cluster, container: Container) -> tuple[Container, ...]:
    """As `Engine.members`: pods that are ready come first, then those that run, those that are
    being deleted last; among them the newest."""
    found = cluster.found(container.id)
    if found.kind is Kind.POD:
        return (container,)
    pods = cluster.pods_like(found)
    cluster.remember(Kind.POD, pods)
    now = cluster.clock.now()
    pods.sort(key=lambda pod: (is_leaving(pod), not is_ready(pod), not is_running(pod)))
    return tuple(_pod_row(pod, found.name, now).container for pod in pods)


def _workloads(cluster: Cluster) -> list[tuple[Kind, Json]]:
    found = []
    for kind in WORKLOADS:
        items = cluster.items(kind.path(cluster.namespace))
        cluster.remember(kind, items)
        found += [(kind, item) for item in items]
    return found


def _newest_first(rows: list[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (-row.container.created, row.container.name))


def _runs(container: Container) -> bool:
    return container.state in ("running", "restarting")


def labels_of(item: Json) -> dict[str, str]:
    """The labels of a pod, or of a template of pods, with the namespace's over all."""
    given = part(item, "metadata", "labels").items()
    namespace = text(item, "metadata", "namespace")
    return {str(key): str(value) for key, value in given} | {NAMESPACE_LABEL: namespace}


def _pod_row(pod: Json, workload: str, now: float) -> Row:
    now_in = state(pod, now)
    status = main_status(pod)
    image_id = text(status, "imageID")
    container = _container(
        pod,
        pod,
        image_id=image_id.rpartition("@")[2],
        state=now_in.name,
        status=now_in.status,
        workload=workload,
    )
    health = "none"
    if "readinessProbe" in main(pod) and now_in.name == "running":
        health = "healthy" if is_ready(pod) else "unhealthy"
    return Row(container, exit_code(pod), health)


def workload_row(kind: Kind, item: Json, pods: list[Json]) -> Row:
    """The row of a workload itself. pods: those that it has."""
    namespace = text(item, "metadata", "namespace")
    template = part(item, "spec", "template")
    # Labels of the pods are what grants speak of, whichever of the two is asked for.
    described: Json = {
        "metadata": {**part(template, "metadata"), "namespace": namespace},
        "spec": part(template, "spec"),
    }
    name, status, code = workload_state(kind, item, pods)
    return Row(
        _container(
            item,
            described,
            image_id="",
            state=name,
            status=status,
            workload=text(item, "metadata", "name"),
        ),
        code,
        "none",
    )


def workload_state(kind: Kind, item: Json, pods: list[Json]) -> tuple[str, str, int | None]:
    """Docker's word for the state of a workload, its phrase, and the exit code of a Job."""
    if kind is Kind.JOB and not any(_is_up(pod) for pod in pods):
        for condition in parts(item, "status", "conditions"):
            if condition.get("status") == "True" and condition.get("type") == "Complete":
                return "exited", "Exited (0)", 0
            if condition.get("status") == "True" and condition.get("type") == "Failed":
                codes = [code for pod in pods if (code := exit_code(pod))]
                code = codes[0] if codes else 1
                return "exited", f"Exited ({code})", code
    up = sum(_is_up(pod) for pod in pods)
    wanted = _wanted(kind, item)
    if up:
        return "running", f"Up ({up} of {max(up, wanted)})", None
    if kind in (Kind.DEPLOYMENT, Kind.STATEFUL_SET) and not wanted:
        before = text(item, "metadata", "annotations", REPLICAS)
        shown = f"(0 of {before if before.isdecimal() else 0})"
        # What was never changed was never started.
        if part(item, "metadata").get("generation") == 1:
            return "created", f"Created {shown}", None
        return "exited", f"Stopped {shown}", None
    if any(state(pod, 0.0).name == "restarting" for pod in pods):
        return "restarting", f"Restarting (0 of {wanted})", None
    return "created", f"Created (0 of {wanted})", None


def _is_up(pod: Json) -> bool:
    return state(pod, 0.0).name == "running"


def _wanted(kind: Kind, item: Json) -> int:
    """How many pods it is to have."""
    if kind is Kind.DAEMON_SET:
        count: Any = part(item, "status").get("desiredNumberScheduled")
    else:
        count = part(item, "spec").get("parallelism" if kind is Kind.JOB else "replicas", 1)
    return count if isinstance(count, int) else 0


def _container(
    item: Json, pod: Json, *, image_id: str, state: str, status: str, workload: str
) -> Container:
    """item: what is named.  pod: what has the labels and the manifest."""
    chosen = main(pod)
    arguments = [*(chosen.get("command") or ()), *(chosen.get("args") or ())]
    mounts = tuple(dict.fromkeys(_sources(pod)))
    return Container(
        id=id_of(text(item, "metadata", "uid")),
        names=(text(item, "metadata", "name"),),
        image=text(chosen, "image"),
        image_id=image_id,
        command=" ".join(map(str, arguments)),
        created=int(moment(text(item, "metadata", "creationTimestamp"))),
        state=state,
        status=status,
        ports=tuple(_ports(pod)),
        labels=labels_of(pod),
        mounts=mounts,
        local_volumes=0,
        networks=("host" if part(pod, "spec").get("hostNetwork") else "default",),
        workload=workload,
    )


def _ports(pod: Json) -> list[Port]:
    found = []
    for container in parts(pod, "spec", "containers"):
        for port in parts(container, "ports"):
            number, host = port.get("containerPort"), port.get("hostPort")
            if isinstance(number, int):
                protocol = text(port, "protocol").lower() or "tcp"
                ip = (text(port, "hostIP") or "0.0.0.0") if host else None  # noqa: S104 - shown
                found.append(Port(number, protocol, ip, host if isinstance(host, int) else None))
    return found


def _sources(pod: Json) -> list[str]:
    """Claims and paths of the host."""
    volumes = parts(pod, "spec", "volumes")
    claims = [text(each, "persistentVolumeClaim", "claimName") for each in volumes]
    paths = [text(each, "hostPath", "path") for each in volumes]
    return [each for each in (*claims, *paths) if each]
