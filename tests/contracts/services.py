"""What every implementation of the inbound port owes its callers, whatever the ports behind it."""

import secrets
from collections.abc import Iterator

import pytest

from contctl.core.answers import AuditQuery
from contctl.core.api import Contctl
from contctl.core.domain.accounts import Account
from contctl.core.domain.audit import AuditEntry, Phase
from contctl.core.domain.create import CreateSpec
from contctl.core.domain.credentials import Credential
from contctl.core.domain.roles import Role
from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import CredentialStore, EmbeddedPorts
from contctl.core.services.embedded import EmbeddedContctl
from tests.fakes.clock import FakeClock

ADMIN = "ada"
PASSWORD = Secret("a long enough password")
IMAGE = "busybox:latest"


class Services:
    """A store with the admin `ada`, reached through fresh API objects, as each command has one."""

    def __init__(self, ports: EmbeddedPorts, clock: FakeClock) -> None:
        self.ports = ports
        self.clock = clock
        self._made: list[str] = []

    @property
    def api(self) -> Contctl:
        """A fresh API object for whoever is logged in now."""
        return self.on(self.ports)

    def on(self, ports: EmbeddedPorts) -> Contctl:
        """A fresh API object on `ports`."""
        return EmbeddedContctl(ports)

    def login(self, name: str = ADMIN, password: Secret = PASSWORD) -> None:
        """Log in on this machine."""
        self.api.sessions.login(name, password, None)

    def add(self, name: str, role: Role | None) -> Account:
        """Make a user, as the admin, and stay logged in as the admin."""
        self.login()
        return self.api.users.add(name, PASSWORD, role)

    def login_as(self, role: Role) -> str:
        """Be a new user of `role`; its name."""
        name = f"{role}-{secrets.token_hex(3)}"
        self.add(name, role)
        self.login(name)
        return name

    @property
    def kept_under(self) -> str:
        """What the credential store keeps this authority's tokens under."""
        return self.ports.store.identity()

    @property
    def _kept_in(self) -> CredentialStore:
        return self.ports.stores.choose(None, self.kept_under)

    @property
    def credential(self) -> Credential | None:
        """What the credential store of this machine holds."""
        return self._kept_in.read(self.kept_under)

    def put_aside(self) -> Credential:
        """Take the tokens out of the store, without ending their session."""
        credential = self.credential
        assert credential is not None
        self._kept_in.delete(self.kept_under)
        return credential

    def put_back(self, credential: Credential) -> None:
        """Put a copy of earlier tokens in place of the current ones."""
        self._kept_in.write(self.kept_under, credential)

    def entries(self) -> list[AuditEntry]:
        """The audit log, read past the services."""
        return [record.entry for record in self.ports.audit.page(0, 10_000)]

    def detail(self, text: str) -> str:
        """The detail of a record about a container: `text`, behind an engine that is not usual."""
        engine = self.ports.recorded_engine
        return f"on the engine {engine}{'; ' if text else ''}{text}" if engine else text

    def container(self, *command: str, name: str | None = None, running: bool = True) -> str:
        """Make a container on the engine, past the services; its full ID."""
        spec = CreateSpec(image=IMAGE, command=command or ("sleep", "600"), name=name)
        created = self.ports.engine.create(spec, secrets.token_hex(8))
        self._made.append(created.id)
        if running:
            self.ports.engine.start(created.id)
        return created.id

    def made(self, container_id: str) -> str:
        """Note a container that a test made, so that it is removed; its ID."""
        self._made.append(container_id)
        return container_id

    def state(self, container_id: str) -> str:
        """The container's state as the engine says."""
        return str(self.ports.engine.inspect(container_id)["State"]["Status"])

    def clean_up(self) -> None:
        """Remove the containers that were made."""
        for container_id in self._made:
            try:
                self.ports.engine.remove(container_id, force=True, volumes=True)
            except ContctlError as error:
                if error.code is not ErrorCode.NOT_FOUND:
                    raise


def refused(code: ErrorCode) -> "pytest.RaisesExc[ContctlError]":
    """A context that expects a ContctlError of `code`."""
    return pytest.raises(ContctlError, check=lambda error: error.code is code)


class ServicesFixture:
    """Gives `services`; a subclass gives `ports` and `clock`."""

    @pytest.fixture
    def services(self, ports: EmbeddedPorts, clock: FakeClock) -> Iterator[Services]:
        services = Services(ports, clock)
        services.api.sessions.initialise(ADMIN, PASSWORD)
        yield services
        services.clean_up()


def last_intent_and_outcome(services: Services, action: str) -> tuple[AuditEntry, AuditEntry]:
    """The newest pair of records of `action`."""
    entries = [entry for entry in services.entries() if entry.action == action]
    intents = [entry for entry in entries if entry.phase is Phase.INTENT]
    outcomes = [entry for entry in entries if entry.phase is Phase.OUTCOME]
    assert len(intents) == len(outcomes)
    return intents[-1], outcomes[-1]


def all_records(services: Services) -> int:
    """How many records an admin can list."""
    return len(list(services.api.audit.list(AuditQuery())))
