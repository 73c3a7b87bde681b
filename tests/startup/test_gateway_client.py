"""Import budgets of a gateway's client: what makes a gateway is not needed to ask it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools.secret_service import SecretService
from tests.e2e.machine import Machine
from tests.gateway.served import PASSWORD, Served, served
from tests.startup.imported import imports_of
from tests.startup.test_imports import KEYRING, SLOW

NOT_A_CLIENTS = (
    *SLOW,
    "contctl.backends.docker",
    "contctl.backends.sqlite",
    "contctl.core.answers",
    "contctl.core.services.containers",
    "contctl.core.services.shared",
    "contctl.gateway",
    "email",
    "fastapi",
    "http.client",
    "jwt",
    "sqlite3",
    "ssl",
    "uvicorn",
    "websockets",
)


NOT_A_LISTINGS = (
    "base64",
    "contctl.backends.config_file",
    "contctl.core.domain.actions",
    "contctl.core.domain.host_access",
    "contctl.core.domain.sessions",
    "contctl.core.domain.settings",
    "contctl.core.domain.streams",
    "contctl.core.domain.tokens",
    "contctl.core.ports",
    "contctl.wire.frames",
)
"""What a listing through a gateway has no use for; the rules of tokens are the gateway's."""


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("gw")) as found:
        found.container("web")
        yield found


def _to_gateway(machine: Machine, gateway: Served) -> Machine:
    machine.done("context", "create", "gw", "--gateway", f"unix://{gateway.path}")
    machine.done("context", "use", "gw")
    machine.done("login", "ada", "--password-stdin", stdin=PASSWORD.encode())
    return machine


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory, gateway: Served) -> Machine:
    """The tokens of the admin `ada` are in a file."""
    home = tmp_path_factory.mktemp("home")
    return _to_gateway(Machine(home, {"CONTCTL_CREDENTIAL_STORE": "file"}), gateway)


@pytest.mark.parametrize("args", ["ps", "logs web", "stop -t 0 web", "start web", "inspect web"])
def test_everyday_commands_are_quick(client: Machine, args: str) -> None:
    assert imports_of(client, *args.split()).chains([*NOT_A_CLIENTS, *KEYRING]) == []


@pytest.mark.keyring
def test_so_they_are_with_a_keyring(
    tmp_path: Path, secret_service: SecretService, gateway: Served
) -> None:
    machine = Machine(tmp_path, {**secret_service.environ, "HOME": str(tmp_path)})
    client = _to_gateway(machine, gateway)
    slow = [*NOT_A_CLIENTS, *NOT_A_LISTINGS, "keyring", "secretstorage", "cryptography"]
    slow.append("contctl.backends.credential_file")
    assert imports_of(client, "ps").chains(slow) == []


def test_a_conversation_loads_websockets(client: Machine) -> None:
    imports = imports_of(client, "exec", "web", "true")
    missed = [name for name in ("websockets",) if not imports.chains([name])]
    assert missed == []
    assert imports.chains([*SLOW, "fastapi", "jwt", "ssl", "uvicorn"]) == []


def test_a_listing_loads_nothing_of_what_it_does_not_do(client: Machine) -> None:
    assert imports_of(client, "ps").chains(NOT_A_LISTINGS) == []
