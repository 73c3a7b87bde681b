"""An engine in memory that has a workload."""

from dataclasses import replace

from contctl.core.api import Duplex
from contctl.core.domain.containers import Container, Json, ListQuery
from contctl.core.domain.create import CreateSpec
from contctl.core.domain.streams import AttachSpec, Chunk, ExecSpec, LogOptions
from tests.fakes.engine import FakeEngine
from tests.fakes.engine_containers import FakeContainer
from tests.fakes.engine_rules import conflict
from tests.fakes.engine_streams import FakeStream

WORKLOAD = "d" * 64
"""The full ID of the workload."""


class WorkloadEngine(FakeEngine):
    """Each of its containers is a pod of the one workload `shop`; the oldest that runs is entered.

    replaced: whether another pod takes the place of the one that is to be entered, just before it
    is.
    """

    def __init__(self, name: str = "memory:") -> None:
        super().__init__(name=name)
        self.replaced = False

    def add_pod(self, *, running: bool = True) -> str:
        """Make a pod; its full ID."""
        made = self.create(CreateSpec("busybox", ("sleep", "600")), "r").id
        if running:
            self.start(made)
        return made

    def list(self, query: ListQuery) -> tuple[Container, ...]:
        pods = tuple(replace(each, workload="shop") for each in super().list(query))
        if not query.workloads:
            return pods
        return (*(replace(each, id=WORKLOAD, names=("shop",)) for each in pods[:1]), *pods)

    def members(self, container: Container) -> tuple[Container, ...]:
        if container.id != WORKLOAD:
            return (container,)
        return tuple(reversed(self.list(ListQuery(all=True))))

    def inspect(self, container_id: str, size: bool = False) -> Json:
        return super().inspect(self._any(container_id), size)

    def logs(self, container_id: str, options: LogOptions) -> FakeStream[Chunk]:
        return super().logs(self._any(container_id), options)

    def exec(self, container_id: str, spec: ExecSpec) -> Duplex:  # type: ignore[override]
        if self.replaced:
            self.remove(container_id, force=True, volumes=False)
            self.add_pod()
        return super().exec(container_id, spec)

    def attach(self, container_id: str, spec: AttachSpec) -> Duplex:  # type: ignore[override]
        return super().attach(self._any(container_id), spec)

    def _any(self, container_id: str) -> str:
        """That of a pod for the workload's."""
        return self.list(ListQuery(all=True))[-1].id if container_id == WORKLOAD else container_id

    def _find(self, container_id: str) -> FakeContainer:
        if container_id == WORKLOAD:
            raise conflict("the container shop is not running")
        return super()._find(container_id)
