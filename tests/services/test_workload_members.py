"""What is entered of a workload is chosen once, before it is decided about and recorded."""

from collections.abc import Callable

import pytest

from contctl.core.answers import AuditQuery
from contctl.core.api import Contctl
from contctl.core.domain.audit import AuditEntry, Phase
from contctl.core.domain.roles import Permission, Role
from contctl.core.domain.streams import AttachSpec, Condition, ExecSpec, LogOptions
from contctl.core.errors import ErrorCode
from tests.bounded import talk
from tests.contracts.services import ADMIN, PASSWORD, Services, refused
from tests.fakes.clock import FakeClock
from tests.fakes.engine_workloads import WORKLOAD, WorkloadEngine
from tests.fakes.ports import FakePorts
from tests.gateway.several import several

ENTERING: dict[str, Callable[[Contctl], object]] = {
    "container:exec": lambda api: talk(api.containers.exec("shop", ExecSpec(("true",)))),
    "container:attach": lambda api: api.containers.attach("shop", AttachSpec()).close(),
    "container:copy": lambda api: list(api.containers.get_archive("shop", "/")),
    "container:export": lambda api: list(api.containers.export("shop")),
}


@pytest.fixture
def engine() -> WorkloadEngine:
    return WorkloadEngine()


@pytest.fixture
def services(engine: WorkloadEngine) -> Services:
    clock = FakeClock()
    ports = FakePorts(clock)
    ports.engine = engine
    services = Services(ports, clock)
    services.api.sessions.initialise(ADMIN, PASSWORD)
    services.login()
    return services


def told(services: Services, action: str) -> list[tuple[Phase, str, str, str]]:
    """The records of `action`."""
    found = [each for each in services.entries() if each.action == action]
    return [(each.phase, each.target, each.target_name, each.result) for each in found]


@pytest.mark.parametrize("action", ENTERING)
def test_records_name_the_pod(services: Services, engine: WorkloadEngine, action: str) -> None:
    engine.add_pod(running=False)
    entered, other = engine.add_pod(), engine.add_pod()
    ENTERING[action](services.api)
    assert told(services, action) == [
        (Phase.INTENT, entered, "shop", ""),
        (Phase.OUTCOME, entered, "shop", "ok"),
    ]
    services.api.containers.exec(other, ExecSpec(("true",))).close()
    assert told(services, "container:exec")[-1][1] == other


def test_a_pod_that_is_gone_is_an_error(services: Services, engine: WorkloadEngine) -> None:
    chosen = engine.add_pod()
    engine.replaced = True
    with refused(ErrorCode.NOT_FOUND):
        services.api.containers.exec("shop", ExecSpec(("true",)))
    assert told(services, "container:exec") == [
        (Phase.INTENT, chosen, "shop", ""),
        (Phase.OUTCOME, chosen, "shop", "not-found"),
    ]
    assert [change[:2] for change in engine.changes if change[0] == "exec"] == [("exec", chosen)]


def test_the_dangers_are_those_of_what_is_entered(
    services: Services, engine: WorkloadEngine
) -> None:
    entered, other = engine.add_pod(), engine.add_pod()
    services.login_as(Role.DEVELOPER)
    engine.set_host_config(other, {"Privileged": True})
    assert services.api.rights.can(Permission.EXEC, "shop", None)
    assert not services.api.rights.can(Permission.EXEC, other, None)
    for enter in ENTERING.values():
        enter(services.api)
    engine.set_host_config(entered, {"Privileged": True})
    assert not services.api.rights.can(Permission.EXEC, "shop", None)
    before = len(engine.changes)
    for action, enter in ENTERING.items():
        with refused(ErrorCode.FORBIDDEN):
            enter(services.api)
        assert told(services, action)[-1] == (Phase.DENIED, entered, "shop", "forbidden")
    with refused(ErrorCode.FORBIDDEN):
        services.api.containers.top("shop", ("-o", "pid"))
    assert services.api.containers.top("shop", ()).rows
    assert len(engine.changes) == before


def test_where_none_runs_nothing_is_entered(services: Services, engine: WorkloadEngine) -> None:
    engine.add_pod(running=False)
    with refused(ErrorCode.CONFLICT):
        services.api.containers.exec("shop", ExecSpec(("true",)))
    assert told(services, "container:exec")[-1] == (Phase.OUTCOME, WORKLOAD, "shop", "conflict")
    services.api.containers.attach("shop", AttachSpec(until=Condition.NEXT_EXIT)).close()
    assert told(services, "container:attach")[0] == (Phase.INTENT, WORKLOAD, "shop", "")


def test_logs_record_each_pod_that_is_read(services: Services, engine: WorkloadEngine) -> None:
    pods = [engine.add_pod(), engine.add_pod()]
    services.api.containers.logs(["shop", "shop"], LogOptions()).close()
    assert told(services, "container:logs") == [
        (Phase.READ, each, "shop", "ok") for each in (WORKLOAD, *pods)
    ]


def test_through_a_gateway() -> None:
    engine = WorkloadEngine("cluster")
    engine.add_pod(running=False)
    entered = engine.add_pod()
    with several({"cluster": engine}) as gateway:
        api = gateway.api(gateway.admin, "cluster")
        assert talk(api.containers.exec("shop", ExecSpec(("true",)))) == (b"", b"", 0)
        found: list[AuditEntry] = [each.entry for each in api.audit.list(AuditQuery())]
    targets = {each.target for each in found if each.action == "container:exec"}
    assert targets == {entered}
