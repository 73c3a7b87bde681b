"""Import budgets: what the quick commands must not load, because it takes longer than they do."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools.engine import PrivateEngine
from devtools.secret_service import SecretService
from tests.e2e.machine import IMAGE, Machine
from tests.startup.imported import Imports, imports_of

SLOW = (
    "alembic",
    "argon2",
    "docker",
    "pydantic",
    "requests",
    "rich",
    "sqlalchemy",
    "sqlmodel",
    "urllib3",
)
"""What no everyday command may import."""

NOT_FOR_LISTS = (
    "contctl.core.domain.audit",
    "contctl.core.ports",
    "contctl.core.services.record",
    "email",
    "http.client",
    "ssl",
    "typer",
)
"""What a list that is allowed needs none of: it leaves no record, HTTP is read here, and so are its
options."""

KEYRING = ("jeepney", "keyring", "secretstorage")
"""What nobody needs whose tokens are in a file."""

WORKING = (
    "contctl.backends",
    "contctl.core.services",
    "cryptography",
    "http.client",
    "jwt",
    "sqlite3",
    "tomllib",
)
"""What a command may import that does something, but not one that only explains itself."""


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """The admin `ada` is logged in, with tokens in a file; there is no engine."""
    home = tmp_path_factory.mktemp("home")
    no_engine = f"unix://{home}/no-engine.sock"
    machine = Machine(home, {"CONTCTL_CREDENTIAL_STORE": "file", "DOCKER_HOST": no_engine})
    machine.init()
    return machine


@pytest.fixture(scope="module")
def with_engine(machine: Machine, docker_engine: PrivateEngine) -> Machine:
    """The same with an engine."""
    return Machine(machine.home, {**machine.environ, "DOCKER_HOST": docker_engine.host})


@pytest.fixture(scope="module")
def web(with_engine: Machine) -> Iterator[str]:
    """The name of a container; it ends when it is asked to, whether it runs or not is open."""
    name = f"web-{secrets.token_hex(4)}"
    with_engine.done("run", "-d", "--name", name, IMAGE, "sh", "-c", "echo up; exec sleep 600")
    yield name
    with_engine.run("rm", "-f", name)


@pytest.mark.parametrize("args", ["--help", "--version", "stop --help", "user --help"])
def test_help_loads_the_command_line_only(machine: Machine, args: str) -> None:
    imports = imports_of(machine, *args.split())
    assert imports.chains([*SLOW, *KEYRING, *WORKING]) == []


def test_whoami_is_quick(machine: Machine) -> None:
    assert imports_of(machine, "whoami").chains([*SLOW, *KEYRING]) == []


@pytest.mark.keyring
def test_reading_tokens_from_the_keyring_is_quick(
    tmp_path: Path, secret_service: SecretService
) -> None:
    machine = Machine(tmp_path, {**secret_service.environ, "HOME": str(tmp_path)})
    machine.init()
    slow = [*SLOW, "keyring", "secretstorage", "cryptography", "jwt"]
    assert imports_of(machine, "whoami").chains(slow) == []


@pytest.mark.docker
@pytest.mark.usefixtures("web")
def test_ps_is_quick(with_engine: Machine) -> None:
    assert imports_of(with_engine, "ps").chains([*SLOW, *KEYRING, *NOT_FOR_LISTS]) == []


CHOICE = ("contctl.core.domain.contexts", "contctl.bootstrap.client")
"""What only who has a gateway's context needs, to find out where a command goes."""


def test_choosing_a_place_is_quick(machine: Machine) -> None:
    assert imports_of(machine, "whoami").chains(CHOICE) == []
    machine.done("context", "use", "default")
    assert imports_of(machine, "whoami").chains(CHOICE) == []


def test_an_engine_of_ones_own_is_as_quick(machine: Machine) -> None:
    machine.done("context", "create", "lab", "--docker", f"unix://{machine.home}/absent.sock")
    imports = imports_of(machine, "-c", "lab", "ps", code=7)
    assert imports.chains([*SLOW, *KEYRING, *CHOICE, "kubernetes"]) == []
    assert_found(imports, ["contctl.bootstrap.engines", "contctl.core.domain.engine_addresses"])


def test_a_gateway_needs_what_it_needs(tmp_path: Path) -> None:
    machine = Machine(tmp_path, {"CONTCTL_CREDENTIAL_STORE": "file"})
    machine.done("context", "create", "ops", "--gateway", f"unix://{tmp_path}/absent.sock")
    imports = imports_of(machine, "-c", "ops", "ps", code=7)
    assert imports.chains([*SLOW, *KEYRING, "jwt", "ssl", "sqlite3", "websockets"]) == []
    assert_found(imports, ["contctl.bootstrap.client", "contctl.core.domain.contexts"])


@pytest.mark.docker
@pytest.mark.usefixtures("web")
def test_ps_with_a_ci_token_loads_less_still(with_engine: Machine) -> None:
    token = with_engine.done("token", "create", "startup").strip()
    # The configured store is the keyring, and none is there: none is needed.
    environ = {"DOCKER_HOST": with_engine.environ["DOCKER_HOST"], "CONTCTL_TOKEN": token}
    imports = imports_of(Machine(with_engine.home, environ), "ps")
    stores = ["contctl.backends.credential_stores", "contctl.backends.jwt", "jwt", "cryptography"]
    assert imports.chains([*SLOW, *KEYRING, *stores]) == []
    assert_found(imports, ["contctl.core.domain.ci_tokens", "sqlite3"])
    assert imports_of(with_engine, "ps").chains(["contctl.core.domain.ci_tokens"]) == []


@pytest.mark.docker
@pytest.mark.usefixtures("web")
def test_completing_a_name_is_quick(with_engine: Machine) -> None:
    asking = Machine(with_engine.home, {**with_engine.environ, "_CONTCTL_COMPLETE": "zsh"})
    imports = imports_of(asking, "stop", "")
    assert imports.chains([*SLOW, *KEYRING, "contctl.commands.container"]) == []
    assert_found(imports, ["contctl.commands.completion", "contctl.backends.docker"])


@pytest.mark.docker
@pytest.mark.parametrize("args", ["stop -t 0", "start", "restart -t 0"])
def test_changing_a_container_is_quick(with_engine: Machine, web: str, args: str) -> None:
    imports = imports_of(with_engine, *args.split(), web)
    assert imports.chains([*SLOW, *KEYRING, "email", "http.client", "ssl", "typer"]) == []


@pytest.mark.docker
def test_reading_a_log_is_quick(with_engine: Machine, web: str) -> None:
    assert imports_of(with_engine, "logs", web).chains([*SLOW, *KEYRING]) == []


# The other way round: each module named above is found where it is needed, so a misspelt name, or a
# report that is not understood, cannot pass for a quick start.


def assert_found(imports: Imports, modules: list[str]) -> None:
    missed = [module for module in modules if not imports.chains([module])]
    assert missed == []


def test_managing_accounts_loads_sqlmodel(machine: Machine) -> None:
    imports = imports_of(machine, "user", "ls")
    assert_found(imports, ["pydantic", "sqlalchemy", "sqlmodel"])


def test_a_password_loads_argon2(machine: Machine) -> None:
    assert_found(imports_of(machine, "user", "add", "bob", "--password-stdin"), ["argon2"])


def test_a_new_store_and_a_configuration(tmp_path: Path) -> None:
    machine = Machine(tmp_path)
    (tmp_path / "contctl").mkdir(mode=0o700)
    machine.set_access_ttl("10m")
    imports = imports_of(machine, "init", "--username", "ada", "--password-stdin")
    assert_found(imports, ["alembic", "tomllib"])


@pytest.mark.docker
@pytest.mark.usefixtures("web")
def test_a_terminal_is_as_quick(with_engine: Machine) -> None:
    assert (
        imports_of(with_engine, "ps", terminal=True).chains([*SLOW, *KEYRING, *NOT_FOR_LISTS]) == []
    )


def test_new_tokens_load_jwt(machine: Machine) -> None:
    imports = imports_of(machine, "refresh")
    found = ["contctl.backends", "contctl.core.services", "cryptography", "jwt", "sqlite3"]
    assert_found(imports, found)


def test_an_absent_keyring_loads_keyring(machine: Machine) -> None:
    without_bus = Machine(machine.home, {**machine.environ, "CONTCTL_CREDENTIAL_STORE": "keyring"})
    assert_found(imports_of(without_bus, "whoami", code=9), list(KEYRING))


@pytest.mark.docker
def test_a_new_container_loads_the_sdk(with_engine: Machine) -> None:
    imports = imports_of(with_engine, "run", "--rm", IMAGE, "true")
    assert_found(imports, ["docker", "http.client", "requests", "urllib3"])
