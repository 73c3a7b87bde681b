"""Which pods belong to which workload.

Source: Kubernetes documentation, "Owners and Dependents"; a Deployment owns ReplicaSets, which own
pods.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from contctl.backends.kubernetes.kinds import WORKLOADS, Found, Kind, id_of
from contctl.backends.kubernetes.pods import is_leaving, part, parts, text
from contctl.core.domain.containers import no_such_container

if TYPE_CHECKING:
    from contctl.backends.kubernetes.client import Cluster
    from contctl.core.domain.containers import Json

_BY_TITLE = {kind.title: kind for kind in (*WORKLOADS, Kind.REPLICA_SET)}


def owner_of(item: Json) -> Found | None:
    """What keeps a pod, or a ReplicaSet, running; None for one that stands for itself."""
    for each in parts(item, "metadata", "ownerReferences"):
        kind = _BY_TITLE.get(text(each, "kind"))
        if each.get("controller") is True and kind is not None:
            namespace = text(item, "metadata", "namespace")
            return Found(id_of(text(each, "uid")), kind, namespace, text(each, "name"))
    return None


def workload_of(pod: Json, replica_sets: Mapping[str, Json]) -> Found | None:
    """The workload of a pod. replica_sets: by full ID."""
    owner = owner_of(pod)
    if owner is None or owner.kind is not Kind.REPLICA_SET:
        return owner
    return owner_of(replica_sets.get(owner.id) or {}) or owner


def replica_sets(cluster: Cluster, pods: Iterable[Json]) -> dict[str, Json]:
    """The ReplicaSets by full ID, without their manifests; none are asked for where no pod has
    one."""
    owners = (owner_of(pod) for pod in pods)
    if not any(owner is not None and owner.kind is Kind.REPLICA_SET for owner in owners):
        return {}
    listed = cluster.items(Kind.REPLICA_SET.path(cluster.namespace), metadata=True)
    return {id_of(text(each, "metadata", "uid")): each for each in listed}


def pods_of(cluster: Cluster, found: Found) -> list[Json]:
    """The pod itself, or the pods of a workload: the newest first, those that are being deleted
    last. NOT_FOUND."""
    if found.kind is Kind.POD:
        return [_pod(cluster, found)]
    return _owned(cluster, found, cluster.get(found.path))


def pods_like(cluster: Cluster, found: Found) -> list[Json]:
    """As `pods_of`, without those of a workload that were given other labels since."""
    if found.kind is Kind.POD:
        return [_pod(cluster, found)]
    workload = cluster.get(found.path)
    wanted = part(workload, "spec", "template", "metadata", "labels").items()
    pods = _owned(cluster, found, workload)
    return [pod for pod in pods if wanted <= part(pod, "metadata", "labels").items()]


def check_same(container_id: str, pod: Json) -> None:
    """NOT_FOUND where `pod` is another one than that of the full ID: the API knows pods by names,
    and a StatefulSet gives the name of one to the next."""
    if id_of(text(pod, "metadata", "uid")) != container_id:
        raise no_such_container(container_id)


def _pod(cluster: Cluster, found: Found) -> Json:
    pod = cluster.get(found.path)
    check_same(found.id, pod)
    return pod


def _owned(cluster: Cluster, found: Found, workload: Json) -> list[Json]:
    selector = _selector(workload)
    query = {"labelSelector": selector} if selector else {}
    listed = cluster.items(Kind.POD.path(found.namespace), query)
    owners = replica_sets(cluster, listed)
    owned = [pod for pod in listed if _is(workload_of(pod, owners), found)]
    return sorted(owned, key=_age, reverse=True)


def _age(pod: Json) -> tuple[bool, str]:
    """For sorting the oldest first: times are to the second, so a pod and the one in its place may
    have the same."""
    return not is_leaving(pod), text(pod, "metadata", "creationTimestamp")


def _is(owner: Found | None, found: Found) -> bool:
    return owner is not None and owner.id == found.id


def _selector(workload: Json) -> str:
    """A label selector in the words of the API's query."""
    selector = part(workload, "spec", "selector")
    terms = [f"{key}={value}" for key, value in part(selector, "matchLabels").items()]
    for each in parts(selector, "matchExpressions"):
        key, values = text(each, "key"), ",".join(map(str, each.get("values") or ()))
        operator = text(each, "operator")
        terms += {
            "In": [f"{key} in ({values})"],
            "NotIn": [f"{key} notin ({values})"],
            "Exists": [key],
            "DoesNotExist": [f"!{key}"],
        }.get(operator, [])
    return ",".join(terms)
