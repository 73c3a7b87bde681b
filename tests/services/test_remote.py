"""The client of a gateway keeps tokens here, and asks elsewhere for everything else."""

from collections.abc import Callable

import pytest

from contctl.core.answers import Level
from contctl.core.api import Authority, Contctl
from contctl.core.domain.ci_tokens import GivenToken
from contctl.core.domain.grants import EVERYTHING
from contctl.core.domain.roles import Permission, Role
from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.services.remote import RemoteContctl
from contctl.core.services.served import ServedAuthority
from tests.fakes.clock import FakeClock
from tests.fakes.ports import FakePorts
from tests.services.test_client_doctor import LOCAL, Ports

PASSWORD = Secret("a long enough password")


class Elsewhere:
    """An authority in this process, to which only tokens are shown."""

    def __init__(self) -> None:
        self.ports = FakePorts(FakeClock())
        self.client = Ports()
        self.shown: list[Secret | None] = []

    @property
    def api(self) -> Contctl:
        """A fresh client, as each command has."""
        return RemoteContctl(self.client, self._connect)

    def _connect(self, token: Callable[[], Secret | None]) -> Authority:
        def show() -> Secret | None:
            self.shown.append(token())
            return self.shown[-1]

        return ServedAuthority(self.ports, show)


@pytest.fixture
def elsewhere() -> Elsewhere:
    found = Elsewhere()
    found.api.sessions.initialise("ada", PASSWORD)
    found.api.sessions.login("ada", PASSWORD, None)
    return found


def test_a_session_is_kept_here(elsewhere: Elsewhere) -> None:
    authority = elsewhere.ports.store.identity()
    kept = elsewhere.client.stores.choose(None, authority).read(authority)
    assert kept is not None
    assert elsewhere.api.sessions.status().user.name == "ada"
    assert elsewhere.shown[-1] == kept.access
    assert elsewhere.ports.stores.choose(None, authority).read(authority) is None
    assert elsewhere.api.sessions.refresh(None).rotated
    assert elsewhere.api.users.show(None).user.name == "ada"
    assert elsewhere.shown[-1] != kept.access
    assert elsewhere.api.sessions.logout(everywhere=False) is not None
    with pytest.raises(ContctlError) as caught:
        elsewhere.api.users.show(None)
    assert caught.value.code is ErrorCode.NOT_AUTHENTICATED
    assert elsewhere.shown[-1] is None


def test_a_ci_token_is_shown_in_the_sessions_place(elsewhere: Elsewhere) -> None:
    text = elsewhere.api.ci_tokens.create("job", Role.VIEWER, EVERYTHING, 3600).text
    elsewhere.client.environment_token = GivenToken("CONTCTL_TOKEN", text)
    api = elsewhere.api
    with pytest.raises(ContctlError):
        api.users.show(None)
    assert elsewhere.shown[-1] == text
    with pytest.raises(ContctlError) as caught:
        api.sessions.access_token()
    assert caught.value.hint == "unset CONTCTL_TOKEN"


def test_every_part_is_the_authoritys(elsewhere: Elsewhere) -> None:
    api = elsewhere.api
    assert [login.user.name for login in api.logins.list(None)] == ["ada"]
    assert api.ci_tokens.list(None) == ()
    assert api.password_rules.min_length == 15
    assert api.rights.can(Permission.STOP, None, None)
    assert api.keys.rotate(emergency=False).kept == 1
    assert api.audit.head().record > 0


@pytest.mark.parametrize("part", ["recovery", "maintenance"])
def test_the_store_is_looked_after_on_its_own_host(elsewhere: Elsewhere, part: str) -> None:
    with pytest.raises(ContctlError) as caught:
        getattr(elsewhere.api, part)
    assert caught.value.code is ErrorCode.UNSUPPORTED
    assert caught.value.hint


def test_the_doctor(elsewhere: Elsewhere) -> None:
    checks = {check.name: check for check in elsewhere.api.doctor.examine()}
    assert {check.level for check in checks.values()} == {Level.OK}
    assert LOCAL in checks["gateway"].detail
    assert checks["session"].detail == "logged in as ada"
    assert checks["credentials"].detail.endswith("takes, gives and deletes items")
