"""An engine in a namespace of a real cluster, and containers that are made through it."""

import os
import uuid
from pathlib import Path

import pytest

from contctl.backends.clock import SystemClock
from contctl.backends.kubernetes.client import Cluster
from contctl.backends.kubernetes.engine import KubernetesEngine
from contctl.core.domain.containers import Container, ListQuery
from contctl.core.domain.create import CreateSpec
from contctl.core.domain.engines import EngineAddress, EngineKind
from contctl.core.domain.resources import RestartPolicy
from contctl.core.domain.streams import Condition
from contctl.core.errors import ContctlError, ErrorCode
from tests.bounded import closing_after

IMAGE = "busybox:latest"
SERVICE = None
JOB = RestartPolicy("on-failure", 1)
POD = RestartPolicy("no")
TRAPPING = "trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.05; done"


class Bench:
    """Makes containers of busybox that run a shell script."""

    def __init__(self, config: Path, namespace: str) -> None:
        address = EngineAddress(EngineKind.KUBERNETES, namespace=namespace)
        environ = {"KUBECONFIG": str(config), "PATH": os.environ["PATH"]}
        self.engine = KubernetesEngine(address, "a test", environ, SystemClock())
        self.cluster = Cluster(address, environ, SystemClock())

    def create(
        self,
        script: str,
        name: str | None = None,
        restart: RestartPolicy | None = SERVICE,
        *,
        stdin: bool = False,
        tty: bool = False,
    ) -> str:
        """The ID of one that was made and not started."""
        spec = CreateSpec(
            IMAGE, ("sh", "-c", script), name=name, restart=restart, stdin=stdin, tty=tty
        )
        return self.engine.create(spec, uuid.uuid4().hex).id

    def run(self, script: str, name: str | None = None) -> str:
        """The ID of a service that was started."""
        made = self.create(script, name)
        self.engine.start(made)
        return made

    def enter(self, container_id: str) -> str:
        """The ID of the pod to enter."""
        row = self.row(container_id)
        assert row is not None
        return self.engine.members(row)[0].id

    def row(self, container_id: str) -> Container | None:
        """Its row in a listing."""
        rows = self.engine.list(ListQuery(all=True, workloads=True))
        return next((each for each in rows if each.id == container_id), None)

    def state(self, container_id: str) -> str:
        """Its state; `gone` for none."""
        row = self.row(container_id)
        return row.state if row else "gone"

    def code(self, container_id: str, until: Condition = Condition.NOT_RUNNING) -> int:
        """The code of its end."""
        with closing_after(self.engine.wait(container_id, until), 60) as codes:
            return next(codes)


def refused(error: pytest.ExceptionInfo[ContctlError]) -> tuple[ErrorCode, str]:
    """The code and the message of an error."""
    return error.value.code, error.value.message
