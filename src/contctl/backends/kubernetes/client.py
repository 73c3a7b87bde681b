"""One namespace of a cluster: what its objects' full IDs mean, and what happens to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from contctl.backends.kubernetes.api import Api, Deadlines, Query
from contctl.backends.kubernetes.kinds import WORKLOADS, Found, Kind, id_of
from contctl.core.domain.containers import no_such_container
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from contctl.backends.kubernetes.watching import Watch
    from contctl.core.domain.containers import Json
    from contctl.core.domain.engines import EngineAddress
    from contctl.core.ports import Clock

_MOST_KNOWN = 100_000


class Cluster(Api):
    """A cluster in one namespace."""

    def __init__(
        self,
        address: EngineAddress,
        environ: Mapping[str, str],
        clock: Clock,
        deadlines: Deadlines | None = None,
    ) -> None:
        super().__init__(address, environ, clock, deadlines)
        self._known: dict[str, Found] = {}

    @property
    def namespace(self) -> str:
        """The one that is worked in."""
        return self.access.namespace

    def watch(self, path: str, query: Query | None = None, version: str | None = None) -> Watch:
        """What happens to the objects of a list, for ever. version: from where on; None: what is
        there comes first."""
        from contctl.backends.kubernetes.watching import Watch

        return Watch(self, path, dict(query or {}), version)

    def remember(self, kind: Kind, objects: Sequence[Json]) -> None:
        """Keep what the full IDs of these objects mean."""
        with self._lock:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            for each in objects:
                found = _found(kind, each)
                self._known[found.id] = found

    def found(self, container_id: str) -> Found:
        """What a full ID means now; NOT_FOUND."""
        known = self._known.get(container_id)
        if known is None:
            for kind in (Kind.POD, *WORKLOADS):
                path = kind.path(self.namespace)
                self.remember(kind, self.items(path, metadata=True))
            known = self._known.get(container_id)
        # Another object may have the name by now.
        if known is None or not self._is_there(known):
            self._known.pop(container_id, None)
            raise no_such_container(container_id)
        return known

    def pods(self, found: Found) -> list[Json]:
        """The pod itself, or the pods of a workload: the newest first, those that are being deleted
        last."""
        from contctl.backends.kubernetes.workloads import pods_of

        return pods_of(self, found)

    def pods_like(self, found: Found) -> list[Json]:
        """The pod itself, or the pods of a workload that still have the labels of its template: a
        grant that covers the workload by its labels covers them."""
        from contctl.backends.kubernetes.workloads import pods_like

        return pods_like(self, found)

    def _is_there(self, found: Found) -> bool:
        try:
            return _found(found.kind, self.get(found.path, metadata=True)).id == found.id
        except ContctlError as error:
            if error.code is ErrorCode.NOT_FOUND:
                return False
            raise


def _found(kind: Kind, item: Json) -> Found:
    metadata = item.get("metadata") or {}
    uid, namespace, name = (str(metadata.get(key) or "") for key in ("uid", "namespace", "name"))
    return Found(id_of(uid), kind, namespace, name)
