"""Waiting for the end of what runs.

Source: Kubernetes API reference, ContainerState, JobStatus.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from contctl.backends.kubernetes.kinds import Found, Kind
from contctl.backends.kubernetes.pods import exit_code, is_over, main_status, part, text
from contctl.backends.kubernetes.retries import current
from contctl.backends.kubernetes.scaling import has_condition, is_complete, wanted
from contctl.backends.kubernetes.settling import runs
from contctl.core.domain.streams import Condition
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from collections.abc import Callable

    from contctl.backends.kubernetes.client import Cluster
    from contctl.core.domain.containers import Json

_KILLED = 137
"""The code of what went without telling one, as docker has it for a process that was killed."""


class Wait:
    """A Stream of one exit code. judge: told each change, ADDED, MODIFIED or DELETED, and the
    object; answers the code once there is one. known: the code, where it is known already."""

    def __init__(
        self,
        cluster: Cluster,
        path: str,
        query: dict[str, str],
        judge: Callable[[str, Json], int | None],
        known: int | None = None,
    ) -> None:
        self._watch = None if known is not None else cluster.watch(path, query)
        self._judge = judge
        self._known = known
        self._over = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> int:
        code = None if self._over else self._code()
        self.close()
        if code is None:
            raise StopIteration
        return code

    def close(self) -> None:
        """End the iteration, also one that waits in another thread."""
        self._over = True
        if self._watch is not None:
            self._watch.close()

    def _code(self) -> int | None:
        for kind, item in self._watch or ():
            code = self._judge(kind, item)
            if code is not None:
                return code
        return self._known


def wait(cluster: Cluster, found: Found, until: Condition) -> Wait:
    """As `Engine.wait`: of a Job its outcome; of a workload that goes on for ever, until it is
    stopped, or one of its pods ends."""
    one = {"fieldSelector": f"metadata.name={found.name}"}
    path = found.kind.path(found.namespace)
    if found.kind is Kind.POD:
        return Wait(cluster, path, one, _PodJudge(cluster, found, until))
    if until is Condition.REMOVED or (
        found.kind is Kind.JOB
        and (until is Condition.NOT_RUNNING or is_complete(current(cluster, found)))
    ):
        return Wait(cluster, path, one, _ObjectJudge(cluster, found, until))
    judge = _WorkloadJudge(cluster, found, until)
    query = {"labelSelector": selector(current(cluster, found))}
    return Wait(cluster, Kind.POD.path(found.namespace), query, judge, judge.known())


def selector(workload: Json) -> str:
    """The labels of its pods in the words of the API's query; what else it selects by is left to
    the look at each pod's owner."""
    labels = part(workload, "spec", "selector", "matchLabels")
    return ",".join(f"{key}={value}" for key, value in labels.items())


def restarts(pod: Json) -> int:
    """How often the main container was started again."""
    count = (main_status(pod) or {}).get("restartCount")
    return count if isinstance(count, int) else 0


def last_code(pod: Json) -> int | None:
    """The code of its last end; None where it has not ended, or that is lost."""
    code = exit_code(pod)
    if code is None and restarts(pod):
        code = part(main_status(pod), "lastState", "terminated").get("exitCode")
    return code if isinstance(code, int) else None


def over_code(pod: Json) -> int:
    """The code of a pod that is over; a pod may be lost without one."""
    code = last_code(pod)
    if code is not None:
        return code
    return 0 if text(pod, "status", "phase") == "Succeeded" else _KILLED


class _PodJudge:
    def __init__(self, cluster: Cluster, found: Found, until: Condition) -> None:
        self._found, self._until = found, until
        self._before = restarts(current(cluster, found))

    def __call__(self, change: str, pod: Json) -> int | None:
        if text(pod, "metadata", "uid").replace("-", "") != self._found.id:
            return None if change == "DELETED" else _KILLED
        if change == "DELETED":
            return over_code(pod)
        if self._until is Condition.REMOVED:
            return None
        if is_over(pod):
            return over_code(pod)
        if self._until is Condition.NEXT_EXIT:
            return exit_code(pod) if restarts(pod) == self._before else last_code(pod)
        return None


class _ObjectJudge:
    """Of a Job, or of the removal of anything."""

    def __init__(self, cluster: Cluster, found: Found, until: Condition) -> None:
        self._cluster, self._found, self._until = cluster, found, until
        self._code = 0

    def __call__(self, change: str, item: Json) -> int | None:
        if self._found.kind is Kind.JOB and has_condition(item, "Failed"):
            self._code = self._code or self._failed()
        if change == "DELETED":
            return self._code
        if self._until is Condition.REMOVED or self._found.kind is not Kind.JOB:
            return None
        ended = has_condition(item, "Complete") or has_condition(item, "Failed")
        return self._code if ended else None

    def _failed(self) -> int:
        """The code of the newest pod that failed; 1 where there is none any more."""
        try:
            codes = [over_code(pod) for pod in self._cluster.pods(self._found) if is_over(pod)]
        except ContctlError as error:
            if error.code is not ErrorCode.NOT_FOUND:
                raise
            codes = []
        return next(filter(None, codes), 1)


class _WorkloadJudge:
    """Of what goes on for ever: one of its pods ends, or it is stopped and nothing runs."""

    def __init__(self, cluster: Cluster, found: Found, until: Condition) -> None:
        self._cluster, self._found, self._until = cluster, found, until
        self._before: dict[str, int] = {}
        self._last = 0
        self._look()

    def known(self) -> int | None:
        """The code of one that is stopped: that of a pod that is still there to ask, else 0."""
        return self._stopped_code() if self._until is Condition.NOT_RUNNING else None

    def __call__(self, change: str, pod: Json) -> int | None:
        uid = text(pod, "metadata", "uid")
        if uid not in self._before:
            self._look()
        if uid not in self._before:
            return None
        code = self._ended(change, uid, pod)
        if code is None:
            return None
        self._last = code
        return code if self._until is Condition.NEXT_EXIT else self._stopped_code()

    def _ended(self, change: str, uid: str, pod: Json) -> int | None:
        if change == "DELETED":
            return over_code(pod)
        ended = exit_code(pod) is not None or restarts(pod) > self._before[uid]
        return last_code(pod) if ended else None

    def _look(self) -> list[Json]:
        """The pods that there are; new ones are remembered as never restarted."""
        is_first = not self._before
        try:
            pods = self._cluster.pods(self._found)
        except ContctlError as error:
            if error.code is not ErrorCode.NOT_FOUND:
                raise
            return []
        for pod in pods:
            count = restarts(pod) if is_first else 0
            self._before.setdefault(text(pod, "metadata", "uid"), count)
        return pods

    def _stopped_code(self) -> int | None:
        """None for one that goes on, or is to."""
        try:
            read = current(self._cluster, self._found)
        except ContctlError as error:
            if error.code is not ErrorCode.NOT_FOUND:
                raise
            return self._last
        pods = self._look()
        if self._found.kind is Kind.DAEMON_SET or wanted(read) or any(runs(pod) for pod in pods):
            return None
        return next((code for pod in pods if (code := last_code(pod)) is not None), self._last)
