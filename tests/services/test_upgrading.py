"""Which use cases upgrade a store of an older contctl, on fakes."""

from collections.abc import Callable

import pytest

from contctl.core.answers import AuditQuery, Level
from contctl.core.api import Contctl
from contctl.core.domain.containers import ListQuery
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.services.embedded import EmbeddedContctl
from tests.contracts.services import ADMIN, PASSWORD, Services
from tests.fakes.clock import FakeClock
from tests.fakes.ports import FakePorts

Use = Callable[[Contctl], object]


@pytest.fixture
def ports() -> FakePorts:
    """The admin is logged in, and the store is an older contctl's."""
    ports = FakePorts(FakeClock())
    services = Services(ports, ports.clock)
    services.api.sessions.initialise(ADMIN, PASSWORD)
    services.login()
    ports.store.content.older = True
    return ports


@pytest.mark.parametrize(
    "use",
    [
        lambda api: api.containers.list(ListQuery()),
        lambda api: api.rights.all(None, None),
    ],
)
def test_everyday_use_cases_refuse_it(ports: FakePorts, use: Use) -> None:
    for _ in range(2):
        with pytest.raises(ContctlError) as caught:
            use(EmbeddedContctl(ports))
        assert caught.value.code is ErrorCode.STORE
        assert "contctl store check --migrate" in (caught.value.hint or "")
    assert ports.store.content.older


@pytest.mark.parametrize(
    "use",
    [
        lambda api: api.sessions.prepare_login(None),
        lambda api: api.sessions.login(ADMIN, PASSWORD, None),
        lambda api: api.sessions.refresh(None),
        lambda api: api.sessions.status(),
        lambda api: api.users.show(None),
        lambda api: api.logins.list(None),
        lambda api: api.audit.list(AuditQuery()),
        lambda api: api.keys.rotate(emergency=False),
        lambda api: api.maintenance.upgrade(),
    ],
)
def test_account_use_cases_upgrade_it_and_record_that(ports: FakePorts, use: Use) -> None:
    use(EmbeddedContctl(ports))
    assert not ports.store.content.older
    recorded = [entry for entry in ports.audit.entries if entry.action == "store:migrate"]
    assert [entry.detail for entry in recorded] == ["version 1 to 2", "version 1 to 2"]
    assert recorded[1].result == "ok"


def test_a_failed_upgrade_is_the_error_of_the_use_case(ports: FakePorts) -> None:
    ports.store.content.unwritable = ContctlError(
        ErrorCode.STORE, "the disk is full", details={"reason": "full"}
    )
    with pytest.raises(ContctlError) as caught:
        EmbeddedContctl(ports).users.show(None)
    assert caught.value.reason == "full"
    assert ports.store.content.older


def test_a_check_does_not_upgrade_it(ports: FakePorts) -> None:
    checks = EmbeddedContctl(ports).maintenance.examine()
    assert Level.FAILED in {check.level for check in checks}
    assert ports.store.content.older
