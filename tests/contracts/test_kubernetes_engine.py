"""A Kubernetes cluster keeps the contract, as far as pods and workloads are containers.

What one test asks of a container, the other kind cannot do: a pod runs from its creation, once; a
Deployment begins again what ends. Each kind keeps the parts that it can.
"""

import os
import uuid
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import pytest

from contctl.backends.clock import SystemClock
from contctl.backends.kubernetes.capabilities import REMARKS, UNSUPPORTED
from contctl.backends.kubernetes.engine import KubernetesEngine
from contctl.core.domain.create import CreateSpec
from contctl.core.domain.engines import EngineAddress, EngineKind
from contctl.core.domain.resources import RestartPolicy
from contctl.core.ports import Engine
from devtools.kubernetes.access import Access
from devtools.kubernetes.metrics import no_metrics_api
from tests.bounded import eventually
from tests.contracts.engine_basics import IMAGE, Workshop, state, unique
from tests.contracts.engine_gaps import GapContract
from tests.contracts.engine_lifecycle import LifecycleContract
from tests.contracts.engine_processes import ProcessContract
from tests.contracts.engine_streams import StreamContract
from tests.contracts.engine_transfers import TransferContract


class KubernetesWorkshop(Workshop):
    """Makes pods, or with `restart` None workloads."""

    def __init__(self, engine: Engine, restart: str | None) -> None:
        super().__init__(engine)
        self._restart = restart

    def create(
        self,
        *command: str,
        name: str | None = None,
        stdin: bool = False,
        auto_remove: bool = False,
        labels: dict[str, str] | None = None,
        request: str = "",
    ) -> str:
        spec = CreateSpec(
            IMAGE,
            command,
            name=name or unique("contract"),
            labels=labels or {},
            stdin=stdin,
            auto_remove=auto_remove,
            restart=RestartPolicy(self._restart) if self._restart else None,
            stop_timeout=0,
        )
        made = self._engine.create(spec, request or uuid.uuid4().hex).id
        if self._restart:
            # A pod runs from its creation; the contract speaks of what a container does at once.
            eventually(lambda: state(self._engine, made) != "created", "the pod runs")
        return made

    def run(self, *command: str, stdin: bool = False, auto_remove: bool = False) -> str:
        """The ID of a container that was started, if only by its creation."""
        made = self.create(*command, stdin=stdin, auto_remove=auto_remove)
        if not self._restart:
            self._engine.start(made)
        return made

    def clear(self) -> None:
        """The namespace takes all with it."""


@pytest.fixture(scope="module")
def namespace(kubernetes_cluster: Access) -> Iterator[str]:
    name = f"contract-{uuid.uuid4().hex[:8]}"
    kubernetes_cluster.make_namespace(name)
    yield name
    kubernetes_cluster.remove_namespace(name)


class Unmetered(KubernetesEngine):
    """The cluster of the tests has no metrics API."""

    unsupported: Mapping[str, str] = MappingProxyType(
        {**UNSUPPORTED, "stats": "the cluster has no metrics API"}
    )
    remarks: Mapping[str, str] = MappingProxyType(
        {key: value for key, value in REMARKS.items() if key != "stats"}
    )


@pytest.fixture
def in_cluster(kubernetes_cluster: Access, namespace: str) -> Iterator[Engine]:
    address = EngineAddress(EngineKind.KUBERNETES, namespace=namespace)
    environ = {"KUBECONFIG": str(kubernetes_cluster.kubeconfig), "PATH": os.environ["PATH"]}
    with no_metrics_api(kubernetes_cluster):
        yield Unmetered(address, "a test", environ, SystemClock())


_NO_START = "a pod runs from its creation, and once"
_NOT_OF_PODS = {
    "test_wait_for_the_next_exit": _NO_START,
    "test_exec_needs_a_running_one": _NO_START,
    "test_attach_before_start": _NO_START,
    "test_exec_ends_when_its_container_does": "no signal that cannot be caught reaches a pod",
    "test_attach_until_it_is_removed": "pods do not remove themselves",
    "test_attach_to_one_output": "a cluster keeps both outputs as one",
    "test_logs_keep_output_and_errors_apart": "a cluster keeps both outputs as one",
    "test_pull": "nodes pull",
}


_NO_CODE = "a workload begins again what ends, and a stopped one has no exit code"
_NOT_OF_WORKLOADS = {
    "test_restart_makes_a_new_process": "the log of a pod ends with it",
    "test_stop_gives_time_to_end_well": _NO_CODE,
    "test_stop_without_a_limit": _NO_CODE,
    "test_stop_kills_when_time_is_over": _NO_CODE,
    "test_kill_sends_the_signal": _NO_CODE,
    "test_kill_needs_a_running_one": _NO_CODE,
    "test_remove": _NO_CODE,
}


class TestPods(GapContract, ProcessContract, StreamContract, TransferContract):
    @pytest.fixture(autouse=True)
    def _can_be_asked(self, request: pytest.FixtureRequest) -> None:
        reason = _NOT_OF_PODS.get(request.function.__name__)
        if reason is not None:
            pytest.skip(reason)

    @pytest.fixture
    def engine(self, in_cluster: Engine) -> Engine:
        return in_cluster

    @pytest.fixture
    def workshop(self, engine: Engine) -> Workshop:
        return KubernetesWorkshop(engine, "no")

    @pytest.fixture
    def pullable_image(self) -> str:
        return IMAGE

    @pytest.fixture
    def absent_image(self) -> str:
        return IMAGE


class TestWorkloads(LifecycleContract):
    @pytest.fixture(autouse=True)
    def _can_be_asked(self, request: pytest.FixtureRequest) -> None:
        reason = _NOT_OF_WORKLOADS.get(request.function.__name__)
        if reason is not None:
            pytest.skip(reason)

    @pytest.fixture
    def engine(self, in_cluster: Engine) -> Engine:
        return in_cluster

    @pytest.fixture
    def workshop(self, engine: Engine) -> Workshop:
        return KubernetesWorkshop(engine, None)
