"""The installed gateway as a process of its own, on a real engine and a real database."""

import grp
import os
import secrets
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from contctl.core.domain.roles import Role
from tests.bounded import SECONDS, eventually
from tests.e2e.machine import CONTCTL, IMAGE, PASSWORD, Machine
from tests.gateway.served import Peer

_PLENTY = 100_000


@dataclass
class RealGateway:
    """A gateway with the admin `ada`. path: of its socket."""

    path: str
    admin: Peer

    @property
    def nobody(self) -> Peer:
        """A peer that shows no token."""
        return Peer(self.path)

    def login(self, name: str) -> Peer:
        """A peer that shows the access token of a new session."""
        issued = self.nobody.done("session/login", username=name, password=PASSWORD)
        return Peer(self.path, issued["tokens"]["access"])

    def user(self, role: Role) -> str:
        """The name of a new user of that role."""
        name = unused(role)
        self.admin.done("users/add", name=name, password=PASSWORD, role=role)
        return name

    def container(self, *command: str, name: str | None = None) -> str:
        """The name of a new container that runs."""
        name = name or unused("box")
        command = command or ("sleep", "600")
        spec = {"image": IMAGE, "command": command, "name": name, "stdin": True}
        self.admin.done("containers/create", spec=spec, request=name)
        answer = self.admin.call("containers/act", action={"type": "start"}, refs=[name])
        assert b'"error":null' in answer.body
        return name


def unused(prefix: str) -> str:
    """A name that nothing has yet."""
    return f"{prefix}-{secrets.token_hex(4)}"


@contextmanager
def real_gateway(folder: Path, engine: str) -> Iterator[RealGateway]:
    """Make a store in `folder` and serve it on the engine at that address; stopped at the end."""
    machine = Machine(folder, {"CONTCTL_HOME": str(folder / "data")})
    machine.done("init", "--username", "ada", "--password-stdin", stdin=PASSWORD.encode())
    with serving(folder, engine) as path:
        gateway = RealGateway(path, Peer(path))
        gateway.admin = gateway.login("ada")
        yield gateway


@contextmanager
def serving(folder: Path, engine: str) -> Iterator[str]:
    """A process that serves what is in `folder`, if there is a store, without limits that a test
    would reach; the path of its socket."""
    data, listening = folder / "data", folder / "s"
    data.mkdir(0o700, exist_ok=True)
    config = folder / "gateway.toml"
    rates = ("requests_per_second", "request_burst", "logins_per_second", "login_burst")
    config.write_text(
        f'data = "{data}"\n'
        f'[listen]\nsocket = "{listening}"\ngroup = "{grp.getgrgid(os.getegid()).gr_name}"\n'
        f'[engines.local]\ndocker = "{engine}"\n'
        "[limits]\n" + "".join(f"{rate} = {_PLENTY}\n" for rate in rates)
    )
    config.chmod(0o600)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [CONTCTL, "gateway", "serve", "--config", config],
            env={"PATH": os.environ["PATH"], "HOME": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        eventually(lambda: _answers(listening), "the gateway listens")
        yield str(listening)
    finally:
        process.terminate()
        try:
            process.wait(SECONDS)
        finally:
            process.kill()
            process.wait(SECONDS)


def _answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as caller:
        return caller.connect_ex(str(path)) == 0
