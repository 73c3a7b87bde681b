"""The store as a whole, as every implementation of the inbound port owes it."""

import os
from pathlib import Path

import pytest

from contctl.core.answers import Level
from contctl.core.domain.audit import Phase
from contctl.core.domain.roles import Role
from contctl.core.errors import ErrorCode
from tests.contracts.services import Services, ServicesFixture, last_intent_and_outcome, refused


class MaintenanceServiceContract(ServicesFixture):
    """store check, store backup."""

    @pytest.fixture
    def place(self, tmp_path: Path) -> Path:
        """Where no backup is yet."""
        return tmp_path / "backup"

    def test_a_check_needs_no_session_and_changes_nothing(self, services: Services) -> None:
        before = services.entries()
        checks = services.api.maintenance.examine()
        assert {check.level for check in checks} == {Level.OK}
        assert {"keys", "files"} <= {check.name for check in checks}
        assert services.api.maintenance.upgrade() is None
        assert services.entries() == before

    def test_a_backup_needs_the_permission(self, services: Services, place: Path) -> None:
        with refused(ErrorCode.NOT_AUTHENTICATED):
            services.api.maintenance.back_up(place)
        services.login_as(Role.DEVELOPER)
        with refused(ErrorCode.FORBIDDEN) as raised:
            services.api.maintenance.back_up(place)
        assert "store:manage" in raised.value.message
        denied = services.entries()[-1]
        assert (denied.phase, denied.action) == (Phase.DENIED, "store:manage")
        assert not os.path.lexists(place)

    def test_a_backup_is_recorded_before_and_after(self, services: Services, place: Path) -> None:
        services.login()
        services.api.maintenance.back_up(place)
        intent, outcome = last_intent_and_outcome(services, "store:backup")
        assert (intent.target_name, outcome.result) == (str(place), "ok")
        with refused(ErrorCode.CONFLICT):
            services.api.maintenance.back_up(place)
        _, outcome = last_intent_and_outcome(services, "store:backup")
        assert outcome.result == "conflict"
