"""Running command lines in this process on fakes, with the three streams kept apart."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from contctl.commands.app import App
from contctl.commands.main import run
from contctl.commands.output.terminal import Terminal
from contctl.core.domain.ci_tokens import GivenToken
from contctl.core.domain.roles import Role
from contctl.core.domain.secret import Secret
from contctl.core.services.contexts import ContextService
from contctl.core.services.embedded import EmbeddedContctl
from contctl.core.services.gateway_install import GatewayInstallService
from tests.fakes.clock import FakeClock
from tests.fakes.contexts import FakeContextStore, FakeDockerContexts
from tests.fakes.ports import FakePorts
from tests.fakes.service_host import FakeServiceHost

PASSWORD = "a long enough password"
IMAGE = "busybox:latest"


@dataclass(frozen=True)
class Result:
    """How a command line ended."""

    code: int
    out: str
    err: str


class FakeClient:
    """The caller's own machine: `auths` by image, a fixed name, and contexts."""

    def __init__(self, clock: FakeClock, environ: Mapping[str, str] | None = None) -> None:
        self._clock = clock
        self.auths: dict[str, Secret] = {}
        environ = {} if environ is None else environ
        self.own = FakeContextStore(environ)
        self.docker = FakeDockerContexts(environ)
        self.service_host = FakeServiceHost(systemd=True)
        self.served: list[Path | None] = []
        self.served_code = 0

    @property
    def contexts(self) -> ContextService:
        """Of the fake stores."""
        return ContextService(self.own, self.docker)

    def registry_auth(self, image: str) -> Secret | None:
        """As given."""
        return self.auths.get(image)

    def now(self) -> float:
        """The fake clock's."""
        return self._clock.now()

    def default_username(self) -> str:
        """Some name."""
        return "root"

    def gateway_installer(self) -> GatewayInstallService:
        """On the machine in memory."""
        return GatewayInstallService(self.service_host)

    def serve_gateway(self, config: Path | None) -> int:
        """Noted; it ends at once, with the code that a test gives."""
        self.served.append(config)
        return self.served_code


@dataclass
class Shell:
    """A terminal session on fakes. environ: the environment of its commands."""

    clock: FakeClock = field(default_factory=FakeClock)
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ports = FakePorts(self.clock)
        self.client = FakeClient(self.clock, self.environ)

    def run(self, *args: str, stdin: bytes = b"", tty: bool = False, asked: bool = False) -> Result:
        """Run `contctl ARGS`. tty: whether standard output and error are terminals; asked: whether
        standard input is one."""
        out, err = io.BytesIO(), io.BytesIO()
        terminal = Terminal(
            stdin=io.BytesIO(stdin),
            stdout=out,
            stderr=err,
            stdin_is_tty=asked,
            stdout_is_tty=tty,
            stderr_is_tty=tty,
            environ=self.environ,
        )
        app = App(terminal, lambda _: EmbeddedContctl(self.ports), lambda: self.client)
        code = run(app, args)
        return Result(code, out.getvalue().decode(), err.getvalue().decode())

    def init(self) -> None:
        """Make the store with the admin `ada`, and log in."""
        self.done("init", "--username", "ada", "--password-stdin", stdin=PASSWORD.encode())
        self.login("ada")

    def login(self, name: str) -> None:
        """Log in."""
        self.done("login", name, "--password-stdin", stdin=PASSWORD.encode())

    def login_as(self, role: Role) -> None:
        """Log in as a new user of `role`, named like it."""
        self.login("ada")
        self.done("user", "add", role, "--role", role, "--password-stdin", stdin=PASSWORD.encode())
        self.login(role)

    def done(self, *args: str, stdin: bytes = b"") -> str:
        """Run a command line that must succeed; its standard output."""
        result = self.run(*args, stdin=stdin)
        assert result.code == 0, result.err
        return result.out

    def use_token(self, text: str) -> None:
        """Let a CI token speak for the commands from now on, as CONTCTL_TOKEN does; empty: none."""
        self.environ["CONTCTL_TOKEN"] = text
        self.ports.environment_token = GivenToken("CONTCTL_TOKEN", Secret(text)) if text else None

    def container(self, name: str, *command: str) -> str:
        """Make and start a container; its full ID."""
        args = command or ("sleep", "600")
        return self.done("run", "-d", "--name", name, IMAGE, *args).strip()
