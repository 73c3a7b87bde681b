"""The other containers that a container to make names: joined, linked, or whose volumes it takes.

They are resolved once, among those in the caller's scope, and asked for by their full IDs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from contctl.core.domain.mounts import API_SOCKET, BindOptions, Mount

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contctl.core.domain.containers import Container
    from contctl.core.domain.create import CreateSpec
    from contctl.core.domain.mounts import Storage
    from contctl.core.domain.networking import Endpoint
    from contctl.core.services.reach import Reach

_CONTAINER = "container:"


@dataclass(frozen=True, slots=True)
class Foreign:
    """spec: with full IDs.  entered: containers whose namespaces or volumes it would use.
    linked: those whose environment it would see."""

    spec: CreateSpec
    entered: tuple[Container, ...]
    linked: tuple[Container, ...]


class _Names:
    """Resolves names, and remembers which containers they were."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self.entered: list[Container] = []
        self.linked: list[Container] = []

    def mode(self, value: str) -> str:
        """`container:NAME` with the full ID; any other mode as it is."""
        if not value.startswith(_CONTAINER):
            return value
        found = self._reach.find(value.removeprefix(_CONTAINER))
        self.entered.append(found)
        return f"{_CONTAINER}{found.id}"

    def volumes(self, value: str) -> str:
        """`NAME[:MODE]` with the full ID."""
        name, colon, mode = value.partition(":")
        found = self._reach.find(name)
        self.entered.append(found)
        return f"{found.id}{colon}{mode}"

    def links(self, values: Sequence[str]) -> tuple[str, ...]:
        """Each `NAME[:ALIAS]` with the full ID; the name is the alias where none is given."""
        return tuple(map(self._link, values))

    def endpoint(self, endpoint: Endpoint) -> Endpoint:
        """With its links resolved."""
        network = self.mode(endpoint.network)
        return replace(endpoint, network=network, links=self.links(endpoint.links))

    def _link(self, value: str) -> str:
        name, colon, alias = value.partition(":")
        found = self._reach.find(name)
        self.linked.append(found)
        return f"{found.id}:{alias if colon else name.removeprefix('/')}"


def resolved(spec: CreateSpec, reach: Reach, socket: str | None) -> Foreign:
    """`spec` with the full IDs of the containers that it names, and the path of the engine's
    `socket` where it asks for that; NOT_FOUND or CONFLICT for a name, as `Reach.find`. The engine
    is asked only where one is named."""
    names = _Names(reach)
    networking, storage, privileges = spec.networking, spec.storage, spec.privileges
    made = replace(
        spec,
        network=None if spec.network is None else names.mode(spec.network),
        networking=replace(
            networking,
            endpoints=tuple(map(names.endpoint, networking.endpoints)),
            links=names.links(networking.links),
        ),
        storage=replace(
            storage,
            mounts=(*storage.mounts, *_sockets(storage, socket)),
            api_socket=False,
            volumes_from=tuple(map(names.volumes, storage.volumes_from)),
        ),
        privileges=replace(
            privileges,
            pid=names.mode(privileges.pid),
            ipc=names.mode(privileges.ipc),
            uts=names.mode(privileges.uts),
            userns=names.mode(privileges.userns),
            cgroupns=names.mode(privileges.cgroupns),
        ),
    )
    return Foreign(made, tuple(names.entered), tuple(names.linked))


def _sockets(storage: Storage, socket: str | None) -> tuple[Mount, ...]:
    source = socket or API_SOCKET
    return (Mount("bind", API_SOCKET, source, bind=BindOptions()),) if storage.api_socket else ()
