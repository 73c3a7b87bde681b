"""A gateway composed as the installed one is, on several engines that a test gives it."""

import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from contctl.backends.clock import SystemClock
from contctl.backends.gateway.address import parse_address
from contctl.backends.gateway.client import GatewayAuthority
from contctl.backends.gateway.transport import Transport
from contctl.bootstrap.engines import BUILDERS, ChosenEngine
from contctl.bootstrap.gateway import gateway_app
from contctl.core.domain.engines import EngineAddress, EngineKind
from contctl.core.domain.gateway_settings import GatewaySettings, Limits, NamedEngine
from contctl.core.domain.grants import Scope
from contctl.core.domain.roles import Role
from contctl.core.domain.secret import Secret
from contctl.core.domain.settings import Settings
from contctl.core.ports import Clock, Engine
from contctl.gateway.server import Server
from tests.bounded import SECONDS, eventually
from tests.gateway.small import unix_listener

ADMIN = "ada"
PASSWORD = Secret("a long enough password")
_PLENTY = 100_000


@dataclass
class SeveralEngines:
    """A gateway with the admin `ada`. path: of its socket."""

    path: str

    def api(self, token: Secret | None, engine: str | None = None) -> GatewayAuthority:
        """What the holder of `token` is offered on that engine."""
        transport = Transport(parse_address(f"unix://{self.path}"), engine=engine)
        return GatewayAuthority(transport, lambda: token)

    @cached_property
    def admin(self) -> Secret:
        """An access token of the admin."""
        return self.login(ADMIN)

    def login(self, name: str) -> Secret:
        """The access token of a new session."""
        return self.api(None).session.login(name, PASSWORD).tokens.access

    def user(self, name: str, *grants: tuple[Role, Scope]) -> Secret:
        """Make a user with these grants; an access token."""
        users = self.api(self.admin).users
        users.add(name, PASSWORD, None)
        for role, scope in grants:
            users.grant(name, role, scope)
        return self.login(name)


@contextmanager
def several(engines: Mapping[str, Engine], default: str | None = None) -> Iterator[SeveralEngines]:
    """Serve `engines` by their names; stopped at the end."""
    address = EngineAddress(EngineKind.DOCKER, "unix:///none")
    named = tuple(NamedEngine(name, address, name == default) for name in engines)

    def given(chosen: ChosenEngine, _environ: Mapping[str, str], _clock: Clock) -> Engine:
        return engines[chosen.name or ""]

    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder, "data")
        data.mkdir(0o700)
        limits = Limits(_PLENTY, _PLENTY, _PLENTY, _PLENTY)
        settings = GatewaySettings(data, named, None, None, None, Settings(), limits)
        builders = {**BUILDERS, EngineKind.DOCKER: given}
        app, end_streams = gateway_app(settings, {}, SystemClock(), builders)
        listener = unix_listener(Path(folder))
        server = Server(app, limits, [listener], end_streams)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        try:
            gateway = SeveralEngines(listener.socket.getsockname())
            gateway.api(None).session.initialise(ADMIN, PASSWORD)
            yield gateway
        finally:
            server.stop()
            thread.join(SECONDS)
            eventually(lambda: not thread.is_alive(), "the server has ended")
