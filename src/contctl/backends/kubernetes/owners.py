"""The workloads of pods that are watched, also of those that are gone by then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contctl.backends.kubernetes.kinds import Found, Kind
from contctl.backends.kubernetes.pods import text
from contctl.backends.kubernetes.workloads import owner_of
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from contctl.backends.kubernetes.client import Cluster
    from contctl.core.domain.containers import Json

_MOST = 10_000


class Owners:
    """Each ReplicaSet is asked about once."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._known: dict[str, str] = {}

    def name_of(self, pod: Json) -> str:
        """The name of the pod's workload, or its own."""
        owner = owner_of(pod)
        if owner is None:
            return text(pod, "metadata", "name")
        if owner.kind is not Kind.REPLICA_SET:
            return owner.name
        if len(self._known) > _MOST:
            self._known.clear()
        if owner.id not in self._known:
            self._known[owner.id] = self._above(owner)
        return self._known[owner.id]

    def _above(self, owner: Found) -> str:
        try:
            above = owner_of(self._cluster.get(owner.path, metadata=True))
        except ContctlError as error:
            if error.code is not ErrorCode.NOT_FOUND:
                raise
            above = None
        return above.name if above is not None else owner.name
