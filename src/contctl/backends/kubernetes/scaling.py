"""Starting, stopping and restarting workloads.

Source: Kubernetes documentation, "Deployments" (scaling, rollout status); kubectl,
`pkg/polymorphichelpers/rollout_status.go` and `objectrestarter.go`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, NoReturn

from contctl.backends.kubernetes.kinds import REPLICAS, Found, Kind
from contctl.backends.kubernetes.manifest import FRESH
from contctl.backends.kubernetes.pods import is_leaving, is_over, is_running, part, text
from contctl.backends.kubernetes.retries import changed, current
from contctl.backends.kubernetes.settling import (
    SECONDS,
    end,
    raise_if_broken,
    runs,
    settle,
    shorten,
)
from contctl.core.domain.engines import cannot
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contctl.backends.kubernetes.client import Cluster
    from contctl.core.domain.containers import Json

RESTARTED = "kubectl.kubernetes.io/restartedAt"

SCALED = (Kind.DEPLOYMENT, Kind.STATEFUL_SET)
_MARGIN = 30.0
"""Seconds, beyond the time that pods have to end, for the cluster to notice."""


def start(cluster: Cluster, found: Found) -> None:
    """As `Engine.start`: a workload is scaled to the number of pods that it had."""
    if found.kind in SCALED:
        changed(cluster, found, _raised)
    elif found.kind in (Kind.POD, Kind.JOB):
        fresh = _Freshness()
        changed(cluster, found, fresh.taken)
        if fresh.is_finished:
            _refuse("start", f"this {found.kind.title} is finished, and runs once", "make another")
    _await_pods(cluster, found)


def stop(cluster: Cluster, found: Found, grace: int | None, signal: str | None) -> None:
    """As `Engine.stop`: a workload is scaled to zero, which it remembers."""
    if found.kind not in SCALED:
        if _has_ended(cluster, found):
            return
        _refuse("stop", _why_not_to_stop(cluster, found), "remove it with 'contctl rm -f'")
    _check(grace, signal)
    pods = lower(cluster, found, grace)
    await_end(cluster, found, longest_grace(pods), grace)


def restart(cluster: Cluster, found: Found, grace: int | None, signal: str | None) -> None:
    """As `Engine.restart`: a rollout restart; what is stopped is started."""
    if found.kind in (Kind.POD, Kind.JOB):
        _refuse(
            "restart", f"a {found.kind.title} runs once", "restart its workload, or make another"
        )
    _check(grace, signal)
    now = datetime.fromtimestamp(cluster.clock.now(), UTC).isoformat()

    def again(read: Json) -> Json:
        raised = (_raised(read) or {}) if found.kind in SCALED else {}
        spec = {"template": {"metadata": {"annotations": {RESTARTED: now}}}}
        return {**raised, "spec": {**spec, **raised.get("spec", {})}}

    changed(cluster, found, again)
    told: set[str] = set()

    def is_rolled_out() -> bool:
        pods = cluster.pods(found)
        shorten(cluster, pods, grace, told)
        raise_if_broken(pods)
        return _is_rolled_out(current(cluster, found))

    settle(is_rolled_out, SECONDS, f"the rollout of {found.name}")


def lower(cluster: Cluster, found: Found, grace: int | None) -> list[Json]:
    """Scale a workload to zero, which it remembers; the pods that it had. grace: seconds that these
    are given, None for their own."""
    pods = cluster.pods(found)
    changed(cluster, found, _lowered)
    end(cluster, pods, grace)
    return pods


def longest_grace(pods: Iterable[Json]) -> int:
    """Seconds that the slowest of `pods` has to end."""
    own = [part(pod, "spec").get("terminationGracePeriodSeconds") for pod in pods]
    return max((each for each in own if isinstance(each, int)), default=0)


def wanted(read: Json) -> int:
    """How many pods a workload is to have."""
    replicas = part(read, "spec").get("replicas")
    return replicas if isinstance(replicas, int) else 1


def _raised(read: Json) -> Json | None:
    if wanted(read) > 0:
        return None
    remembered = text(read, "metadata", "annotations", REPLICAS)
    count = int(remembered) if remembered.isascii() and remembered.isdigit() else 1
    return {"spec": {"replicas": max(count, 1)}, "metadata": {"annotations": {REPLICAS: None}}}


def _lowered(read: Json) -> Json | None:
    count = wanted(read)
    if count == 0:
        return None
    return {"spec": {"replicas": 0}, "metadata": {"annotations": {REPLICAS: str(count)}}}


class _Freshness:
    """Whether a Pod or Job was started before, which is noted on it."""

    is_finished = False

    def taken(self, read: Json) -> Json | None:
        """A change that takes the mark of a fresh one away."""
        is_fresh = bool(text(read, "metadata", "annotations", FRESH))
        self.is_finished = not is_fresh and (is_over(read) or is_complete(read))
        return {"metadata": {"annotations": {FRESH: None}}} if is_fresh else None


def is_complete(job: Json) -> bool:
    """Whether a Job has ended, well or not."""
    return any(has_condition(job, name) for name in ("Complete", "Failed"))


def has_condition(read: Json, name: str) -> bool:
    """Whether an object's status says that the condition `name` holds."""
    conditions = part(read, "status").get("conditions") or []
    return any(each.get("type") == name and each.get("status") == "True" for each in conditions)


def _has_ended(cluster: Cluster, found: Found) -> bool:
    read = current(cluster, found)
    return found.kind in (Kind.POD, Kind.JOB) and (is_over(read) or is_complete(read))


def _why_not_to_stop(cluster: Cluster, found: Found) -> str:
    if found.kind is Kind.DAEMON_SET:
        return "a DaemonSet runs on every node, and has no number of pods"
    owners = part(current(cluster, found), "metadata").get("ownerReferences") or []
    if owners:
        return "what made this pod would make another; stop that"
    return f"a {found.kind.title} that was stopped could not be started again"


def _await_pods(cluster: Cluster, found: Found) -> None:
    """Until all its pods run, or have ended."""

    def is_up() -> bool:
        read, pods = current(cluster, found), cluster.pods(found)
        raise_if_broken(pods)
        if found.kind in (Kind.POD, Kind.JOB):
            if found.kind is Kind.JOB and is_complete(read):
                return True
            return any(is_running(pod) or is_over(pod) for pod in pods)
        up = [pod for pod in pods if not is_leaving(pod) and _has_started(pod)]
        if found.kind is Kind.DAEMON_SET:
            return len(up) >= int(part(read, "status").get("desiredNumberScheduled") or 0)
        return len(up) >= wanted(read)

    settle(is_up, SECONDS, f"the start of {found.name}")


def _has_started(pod: Json) -> bool:
    if is_running(pod) or is_over(pod):
        return True
    statuses = part(pod, "status").get("containerStatuses") or []
    return any(
        part(each, "state").get("terminated") or each.get("restartCount") for each in statuses
    )


def await_end(cluster: Cluster, found: Found, longest: int, grace: int | None) -> None:
    """Until nothing of a workload that was lowered runs any more. longest: seconds that its pods
    have by themselves.  grace: as for `lower`."""
    told: set[str] = set()

    def has_ended() -> bool:
        pods = cluster.pods(found)
        shorten(cluster, pods, grace, told)
        return not any(runs(pod) for pod in pods)

    settle(has_ended, longest + _MARGIN, f"the end of the pods of {found.name}")


def _is_rolled_out(read: Json) -> bool:
    """Whether all its pods are of the newest revision and available."""
    status, metadata = part(read, "status"), part(read, "metadata")
    if status.get("observedGeneration", 0) < metadata.get("generation", 0):
        return False
    if has_condition(read, "ReplicaFailure"):
        raise ContctlError(ErrorCode.FAILED, "the cluster refuses its pods: see 'contctl inspect'")
    if read.get("kind") == Kind.DAEMON_SET.title:
        count, updated = status.get("desiredNumberScheduled", 0), "updatedNumberScheduled"
        return bool(min(status.get(updated, 0), status.get("numberAvailable", 0)) >= count)
    count = wanted(read)
    updated_ones = status.get("updatedReplicas", 0)
    if updated_ones < count or status.get("replicas", 0) > updated_ones:
        return False
    return bool(max(status.get("availableReplicas", 0), _ready(read)) >= count)


def _ready(read: Json) -> int:
    """Of a StatefulSet, which older clusters do not tell to be available."""
    ready = part(read, "status").get("readyReplicas", 0)
    return ready if read.get("kind") == Kind.STATEFUL_SET.title and isinstance(ready, int) else 0


def _check(grace: int | None, signal: str | None) -> None:
    if signal is not None:
        _refuse("choose the signal", "pods are stopped with their image's", None)
    if grace is not None and grace < 0:
        _refuse("wait without an end", "pods are killed at last", None)


def _refuse(verb: str, reason: str, hint: str | None) -> NoReturn:
    error = cannot(verb, reason)
    raise ContctlError(error.code, error.message, hint=hint)
