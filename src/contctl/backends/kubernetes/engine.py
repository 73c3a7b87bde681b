"""A Kubernetes cluster behind contctl's `Engine` port.

A container is a pod, or a workload that keeps pods running. What only some methods need is imported
there: the client of Kubernetes takes long to import.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contctl.backends.kubernetes.capabilities import REMARKS, UNSUPPORTED
from contctl.backends.kubernetes.client import Cluster
from contctl.core.domain.engines import cannot

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from contctl.backends.kubernetes.api import Deadlines
    from contctl.core.api import Duplex, RequestId, Stream
    from contctl.core.domain.actions import Update
    from contctl.core.domain.containers import Container, Json, ListQuery
    from contctl.core.domain.create import Created, CreateSpec
    from contctl.core.domain.engines import EngineAddress, EngineInfo
    from contctl.core.domain.field_rules import EngineDefaults
    from contctl.core.domain.images import Image, ImageQuery
    from contctl.core.domain.observed import Change, Processes
    from contctl.core.domain.secret import Secret
    from contctl.core.domain.streams import (
        AttachSpec,
        Chunk,
        Condition,
        Event,
        EventQuery,
        ExecSpec,
        LogOptions,
        Progress,
        Stats,
    )
    from contctl.core.domain.transfers import CommitSpec, PathStat, PullOptions, PutOptions
    from contctl.core.errors import ContctlError
    from contctl.core.ports import Clock


class KubernetesEngine:
    """Implements `Engine` in one namespace; the methods' docstrings there are the specification.

    Building one does no I/O; calls may come from several threads. reason: why this cluster was
    chosen.  name: under which the authority knows it, address and namespace if None.
    """

    unsupported: Mapping[str, str] = UNSUPPORTED
    remarks: Mapping[str, str] = REMARKS

    def __init__(
        self,
        address: EngineAddress,
        reason: str,
        environ: Mapping[str, str],
        clock: Clock,
        name: str | None = None,
        deadlines: Deadlines | None = None,
    ) -> None:
        self._name = name
        self._reason = reason
        self._cluster = Cluster(address, environ, clock, deadlines)

    @property
    def name(self) -> str:
        """By default the server with the namespace: the name of a kubeconfig's context could be
        chosen by whoever is to be kept to a scope."""
        return self._name or f"{self._cluster.address}/{self._cluster.namespace}"

    @property
    def socket(self) -> str | None:
        """None: a cluster has none."""
        return None

    def info(self) -> EngineInfo:
        """Which cluster answers."""
        from contctl.backends.kubernetes import surroundings

        return surroundings.info(self._cluster, self._reason)

    def list(self, query: ListQuery) -> tuple[Container, ...]:
        """Pods, and workloads where they are asked for, the newest first."""
        from contctl.backends.kubernetes.listing import listed

        return listed(self._cluster, query)

    def members(self, container: Container) -> tuple[Container, ...]:
        """A pod itself; of a workload its pods."""
        from contctl.backends.kubernetes.listing import members

        return members(self._cluster, container)

    def inspect(self, container_id: str, size: bool = False) -> Json:
        """A pod or workload in docker's shape, with its manifest."""
        from contctl.backends.kubernetes.inspecting import inspect

        return inspect(self._cluster, self._cluster.found(container_id), size)

    def volume(self, name: str) -> Json | None:  # noqa: ARG002 - there are none
        """None: a cluster has no volumes of docker's kind."""
        return None

    def network(self, name: str) -> Json | None:  # noqa: ARG002 - there are none
        """None: a cluster has no networks of docker's kind."""
        return None

    def defaults(self) -> EngineDefaults:
        """What it gives to containers that ask for nothing else."""
        from contctl.core.domain.field_rules import EngineDefaults

        return EngineDefaults()

    def start(self, container_id: str) -> None:
        """Running afterwards, also if it was."""
        from contctl.backends.kubernetes import scaling

        scaling.start(self._cluster, self._cluster.found(container_id))

    def stop(self, container_id: str, grace: int | None, signal: str | None) -> None:
        """Scaled to zero afterwards, also if it was."""
        from contctl.backends.kubernetes import scaling

        scaling.stop(self._cluster, self._cluster.found(container_id), grace, signal)

    def restart(self, container_id: str, grace: int | None, signal: str | None) -> None:
        """Running afterwards, with new pods."""
        from contctl.backends.kubernetes import scaling

        scaling.restart(self._cluster, self._cluster.found(container_id), grace, signal)

    def kill(self, container_id: str, signal: str) -> None:
        """Send a signal."""
        from contctl.backends.kubernetes import processes

        processes.kill(self._cluster, self._cluster.found(container_id), signal)

    def pause(self, container_id: str) -> None:  # noqa: ARG002 - of no container
        """UNSUPPORTED."""
        raise _cannot("pause")

    def unpause(self, container_id: str) -> None:  # noqa: ARG002 - of no container
        """UNSUPPORTED."""
        raise _cannot("unpause")

    def update(self, container_id: str, update: Update) -> tuple[str, ...]:  # noqa: ARG002
        """UNSUPPORTED."""
        raise _cannot("update")

    def remove(self, container_id: str, *, force: bool, volumes: bool) -> None:
        """Gone afterwards, with its pods."""
        from contctl.backends.kubernetes import removing

        found = self._cluster.found(container_id)
        removing.remove(self._cluster, found, force=force, volumes=volumes)

    def rename(self, container_id: str, name: str) -> None:  # noqa: ARG002 - of no container
        """UNSUPPORTED."""
        raise _cannot("rename")

    def create(self, spec: CreateSpec, request: RequestId) -> Created:
        """Make a workload or a pod, labelled with `request`."""
        from contctl.backends.kubernetes.creating import create

        return create(self._cluster, spec, request)

    def image_labels(self, image: str) -> Mapping[str, str]:  # noqa: ARG002 - of no image
        """None: a pod gets no labels of its image's."""
        return {}

    def list_images(self, query: ImageQuery) -> tuple[Image, ...]:  # noqa: ARG002
        """UNSUPPORTED."""
        raise _cannot("list_images")

    def logs(self, container_id: str, options: LogOptions) -> Stream[Chunk]:
        """What it wrote; of a workload, what all its pods wrote."""
        from contctl.backends.kubernetes.logs import logs

        return logs(self._cluster, self._cluster.found(container_id), options)

    def stats(self, container_id: str, *, stream: bool = True) -> Stream[Stats]:
        """Readings of the metrics API."""
        from contctl.backends.kubernetes.stats import stats

        return stats(self._cluster, container_id, stream=stream)

    def events(self, query: EventQuery) -> Stream[Event]:
        """What happens to pods from now on."""
        from contctl.backends.kubernetes.events import events

        return events(self._cluster, query)

    def wait(self, container_id: str, until: Condition) -> Stream[int]:
        """One exit code."""
        from contctl.backends.kubernetes.waiting import wait

        return wait(self._cluster, self._cluster.found(container_id), until)

    def top(self, container_id: str, args: Sequence[str]) -> Processes:
        """Its processes."""
        from contctl.backends.kubernetes import processes

        return processes.top(self._cluster, self._cluster.found(container_id), args)

    def changed_files(self, container_id: str) -> tuple[Change, ...]:  # noqa: ARG002
        """UNSUPPORTED."""
        raise _cannot("changed_files")

    def exec(self, container_id: str, spec: ExecSpec) -> Duplex:
        """Start a process in it."""
        from contctl.backends.kubernetes import processes

        return processes.run(self._cluster, self._cluster.found(container_id), spec)

    def attach(self, container_id: str, spec: AttachSpec) -> Duplex:
        """Join its main process."""
        from contctl.backends.kubernetes import processes

        return processes.attach(self._cluster, self._cluster.found(container_id), spec)

    def stat(self, container_id: str, path: str) -> PathStat:
        """What is at `path`."""
        from contctl.backends.kubernetes import transfers

        return transfers.path_stat(self._cluster, self._cluster.found(container_id), path)

    def get_archive(self, container_id: str, path: str) -> Stream[bytes]:
        """A tar stream of `path`."""
        from contctl.backends.kubernetes import transfers

        return transfers.archive(self._cluster, self._cluster.found(container_id), path)

    def put_archive(
        self,
        container_id: str,
        path: str,
        tar: Iterable[bytes],
        options: PutOptions | None = None,
    ) -> None:
        """Unpack `tar` into the folder `path`."""
        from contctl.backends.kubernetes import transfers
        from contctl.core.domain.transfers import PutOptions

        found = self._cluster.found(container_id)
        transfers.put(self._cluster, found, path, tar, options or PutOptions())

    def export(self, container_id: str) -> Stream[bytes]:  # noqa: ARG002 - of no container
        """UNSUPPORTED."""
        raise _cannot("export")

    def commit(self, container_id: str, spec: CommitSpec) -> str:  # noqa: ARG002
        """UNSUPPORTED."""
        raise _cannot("commit")

    def pull(
        self,
        image: str,  # noqa: ARG002 - of no image
        auth: Secret | None,  # noqa: ARG002
        options: PullOptions | None = None,  # noqa: ARG002
    ) -> Stream[Progress]:
        """UNSUPPORTED."""
        raise _cannot("pull")


_VERBS = {"changed_files": "compare files", "list_images": "list images", "pull": "pull images"}


def _cannot(method: str) -> ContctlError:
    return cannot(_VERBS.get(method, method), UNSUPPORTED[method])
