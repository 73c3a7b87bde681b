"""Podman behind contctl's `Engine` port, through its Docker-compatible API.

What it does as Docker does is inherited; everything that it does otherwise is in this package. What
only some methods need is imported there, as in the Docker adapter.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from contctl.backends.docker.engine import DockerEngine
from contctl.backends.docker.errors import of_container
from contctl.backends.docker.transport import container_path
from contctl.backends.podman.listing import containers
from contctl.backends.podman.transport import NATIVE, PodmanTransport
from contctl.core.domain.engines import cannot

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from contctl.core.api import Duplex, RequestId, Stream
    from contctl.core.domain.actions import Update
    from contctl.core.domain.containers import Container, Json, ListQuery
    from contctl.core.domain.create import Created, CreateSpec
    from contctl.core.domain.engines import EngineAddress
    from contctl.core.domain.field_rules import EngineDefaults
    from contctl.core.domain.images import Image, ImageQuery
    from contctl.core.domain.observed import Processes
    from contctl.core.domain.secret import Secret
    from contctl.core.domain.streams import (
        AttachSpec,
        Chunk,
        Condition,
        Event,
        EventQuery,
        LogOptions,
        Progress,
        Stats,
    )
    from contctl.core.domain.transfers import CommitSpec, PathStat, PullOptions, PutOptions
    from contctl.core.ports import Clock

_USUAL_GRACE = 10
"""Seconds; Docker's and Podman's own (podman-stop(1)). A container that was made without a word
about it by the Docker-compatible API is killed at once by Podman."""
_WITHOUT_END = 2**31 - 1


class PodmanEngine(DockerEngine):
    """Implements `Engine`; the methods' docstrings there are the specification."""

    _transport = PodmanTransport
    unsupported: Mapping[str, str] = MappingProxyType(
        {"update": "Podman's Docker-compatible API has no such operation"}
    )
    remarks: Mapping[str, str] = MappingProxyType(
        {
            "list": "a container without a network of its own has no network in the list",
            "inspect": "of containers that contctl did not make, Podman does not tell all that is"
            " dangerous; their IPC namespace is unknown, and counts as a danger",
            "create": "GPUs, runtimes, links and unmasked system paths are refused",
            "stats": "asked for once a second",
            "top": "with arguments other than '-o' and usual columns, the container's own ps runs",
        }
    )

    def list(self, query: ListQuery) -> tuple[Container, ...]:
        """Containers in one call to the engine, the newest first."""
        return containers(self._http, query)

    def inspect(self, container_id: str, size: bool = False) -> Json:
        """Podman's answer, as Docker would give it."""
        from contctl.backends.podman.inspecting import inspect

        return inspect(self._http, container_id, size)

    def defaults(self) -> EngineDefaults:
        """What it gives to containers that ask for nothing else."""
        from contctl.backends.podman.inspecting import defaults

        return defaults(self._http)

    def update(self, _container_id: str, _update: Update) -> tuple[str, ...]:
        """Refused."""
        raise cannot("update containers", self.unsupported["update"])

    def remove(self, container_id: str, *, force: bool, volumes: bool) -> None:
        """Gone afterwards."""
        if not force:
            super().remove(container_id, force=False, volumes=volumes)
            return
        # Asked as Docker is, Podman would give it the time to end that a stop gives.
        query = {"force": 1, "v": int(volumes), "volumes": int(volumes), "timeout": 0}
        path = NATIVE + container_path(container_id)
        self._http.change("DELETE", path, query, refuse=of_container(container_id))

    def rename(self, container_id: str, name: str) -> None:
        """Named so afterwards."""
        super().rename(container_id, name.removeprefix("/"))

    def create(self, spec: CreateSpec, request: RequestId) -> Created:
        """Make a container, labelled with `request` and with what Podman does not tell."""
        from contctl.backends.podman.disclosing import LABEL, label_of

        grace = _USUAL_GRACE if spec.stop_timeout is None else spec.stop_timeout
        labels = {**spec.labels, LABEL: label_of(spec)}
        name = None if spec.name is None else spec.name.removeprefix("/")
        return super().create(replace(spec, name=name, labels=labels, stop_timeout=grace), request)

    def list_images(self, query: ImageQuery) -> tuple[Image, ...]:
        """Its images, the newest first."""
        from contctl.backends.podman.listing import images

        return images(self._http, query)

    def logs(self, container_id: str, options: LogOptions) -> Stream[Chunk]:
        """What it wrote."""
        from contctl.backends.docker import reading

        return reading.logs(self._http, container_id, options, late=options.follow)

    def stats(self, container_id: str, *, stream: bool = True) -> Stream[Stats]:
        """Readings, one a second, until closed; without `stream` a single one."""
        from contctl.backends.podman.readings import Readings

        return Readings(self._http, container_id, stream=stream)

    def events(self, query: EventQuery) -> Stream[Event]:
        """Events of containers, until closed or `query.until`."""
        from contctl.backends.podman.events import events

        return events(self._http, query, self._clock.now())

    def wait(self, container_id: str, until: Condition) -> Stream[int]:
        """One exit code."""
        from contctl.backends.podman import processes

        return processes.wait(self._http, container_id, until)

    def top(self, container_id: str, args: Sequence[str]) -> Processes:
        """Its processes."""
        from contctl.backends.podman import processes

        return processes.top(self._http, container_id, args)

    def attach(self, container_id: str, spec: AttachSpec) -> Duplex:
        """Join its main process."""
        from contctl.backends.podman import processes

        return processes.attach(self._http, container_id, spec)

    def stat(self, container_id: str, path: str) -> PathStat:
        """What is at `path`."""
        from contctl.backends.podman import transfers

        return transfers.path_stat(self._http, container_id, path)

    def put_archive(
        self,
        container_id: str,
        path: str,
        tar: Iterable[bytes],
        options: PutOptions | None = None,
    ) -> None:
        """Unpack `tar` into the folder `path`."""
        from contctl.backends.podman import transfers
        from contctl.core.domain.transfers import PutOptions

        transfers.put(self._http, container_id, path, tar, options or PutOptions())

    def commit(self, container_id: str, spec: CommitSpec) -> str:
        """Make an image of it."""
        from contctl.backends.podman import transfers

        return transfers.commit(self._http, container_id, spec)

    def pull(
        self, image: str, auth: Secret | None, options: PullOptions | None = None
    ) -> Stream[Progress]:
        """Fetch an image."""
        from contctl.backends.podman.pulling import pull
        from contctl.core.domain.transfers import PullOptions

        return pull(self._http, image, auth, options or PullOptions())

    def _asked_grace(self, _grace: int | None, seconds: int) -> int:
        return _WITHOUT_END if seconds < 0 else seconds


def podman_engine(
    address: EngineAddress,
    reason: str,
    environ: Mapping[str, str],
    clock: Clock,
    name: str | None = None,
) -> PodmanEngine:
    """The Podman at `address`, or the one that is found where it names none.

    No I/O, but a look whether this user's own socket is there. reason: why it was chosen.  name: as
    DockerEngine's. ContctlError STORE for an address that is none, or would be spoken to in the
    clear.
    """
    from contctl.backends.podman.endpoint import podman_endpoint

    return PodmanEngine(podman_endpoint(address, reason, environ), clock, name=name)
