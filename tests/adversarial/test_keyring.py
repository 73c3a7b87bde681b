"""Keyrings that are absent, locked, frozen, dying, null or too small: exit 9, and nothing lost."""

import json
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devtools.secret_service import SecretService
from tests.adversarial.homes import no_engine, rows
from tests.adversarial.refusals import assert_one_error, assert_refused
from tests.e2e.machine import PASSWORD, SECONDS, Machine

pytestmark = pytest.mark.keyring

LINE = PASSWORD.encode()
LOGIN = ("login", "ada", "--password-stdin")
DEADLINE = 3
"""Seconds that one call of the keyring may take."""
Start = Callable[[SecretService], SecretService]


@pytest.fixture(scope="module")
def filed(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    """A machine whose tokens are in a file; the keyrings of the tests are tried beside it."""
    machine = no_engine(tmp_path_factory.mktemp("keyring"))
    machine.init()
    return machine


@pytest.fixture(autouse=True)
def nothing_is_lost(filed: Machine) -> Iterator[None]:
    """Whatever the keyring did, the session in the file is not touched."""
    before = rows(filed, "SELECT * FROM sessions")
    yield
    assert rows(filed, "SELECT * FROM sessions") == before
    assert filed.done("whoami") == "ada\n"


def assert_useless(machine: Machine, environ: dict[str, str], message: str = "") -> None:
    """Assert that no command gets anything out of this keyring, and each says what helps."""
    environ = {**environ, "CONTCTL_CREDENTIAL_STORE": "keyring"}
    for command in (LOGIN, ("whoami",), ("refresh",), ("ps",), ("logout",)):
        result = machine.run(*command, stdin=LINE, environ=environ)
        assert_refused(result, 9, message)
        assert "hint: " in result.err


def test_an_absent_keyring(filed: Machine) -> None:
    assert_useless(filed, {})
    result = filed.run(*LOGIN, stdin=LINE, environ={"CONTCTL_CREDENTIAL_STORE": "keyring"})
    assert 'store = "file"' in result.err
    dead = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={filed.home}/no-bus"}
    assert_useless(filed, dead)


def test_a_locked_keyring(filed: Machine, start_secret_service: Start) -> None:
    service = start_secret_service(SecretService(locked=True))
    assert_useless(filed, {**service.environ, "HOME": str(filed.home)})


def test_a_frozen_keyring(tmp_path: Path, start_secret_service: Start) -> None:
    service = start_secret_service(SecretService())
    machine = Machine(tmp_path, {**service.environ, "HOME": str(tmp_path)})
    machine.init()
    before = rows(machine, "SELECT * FROM sessions")
    service.freeze()
    for command in ("whoami", "refresh", "logout"):
        began = time.monotonic()
        assert_refused(machine.run(command), 9)
        assert time.monotonic() - began < 3 * DEADLINE
    service.thaw()
    assert rows(machine, "SELECT * FROM sessions") == before
    assert machine.done("whoami") == "ada\n"
    machine.done("refresh")


def test_a_keyring_that_freezes_after_the_commit(
    tmp_path: Path, start_secret_service: Start
) -> None:
    service = start_secret_service(SecretService())
    machine = Machine(tmp_path, {**service.environ, "HOME": str(tmp_path)})
    machine.init()
    _refresh_until_the_commit(machine, service.freeze)
    service.thaw()
    machine.done("refresh")
    assert machine.done("whoami") == "ada\n"


def test_a_keyring_dying_midway(tmp_path: Path, start_secret_service: Start) -> None:
    service = start_secret_service(SecretService())
    machine = Machine(tmp_path, {**service.environ, "HOME": str(tmp_path)})
    machine.init()
    _refresh_until_the_commit(machine, service.kill)
    assert_refused(machine.run("whoami"), 9)
    service.start_again()
    machine.done("refresh")
    assert machine.done("whoami") == "ada\n"


def _refresh_until_the_commit(machine: Machine, then: Callable[[], None]) -> None:
    """Let a refresh find a keyring that is struck when the next generation is committed, and
    assert that it says so; at least one of ten is struck in time."""
    total = "SELECT sum(generation) FROM sessions"
    for _ in range(10):
        before = rows(machine, total)
        process = machine.start("refresh", stdin=subprocess.DEVNULL)
        while rows(machine, total) == before and process.poll() is None:
            time.sleep(0.0005)
        then()
        out, err = process.communicate(timeout=SECONDS)
        if process.returncode:
            assert (process.returncode, out) == (9, b"")
            assert_one_error(err.decode())
            assert rows(machine, total) != before
            return
    raise AssertionError("each refresh was over too soon")


def test_a_null_keyring(filed: Machine) -> None:
    for backend in ("null", "fail", "chainer"):
        name = {"chainer": "ChainerBackend"}.get(backend, "Keyring")
        assert_useless(filed, {"PYTHON_KEYRING_BACKEND": f"keyring.backends.{backend}.{name}"})


@pytest.mark.parametrize("fault", ["Small", "Forgetful", "Clinging"])
def test_a_keyring_too_small(filed: Machine, pytestconfig: pytest.Config, fault: str) -> None:
    """It is found out before a password is asked for."""
    environ = {
        "CONTCTL_CREDENTIAL_STORE": "keyring",
        "PYTHON_KEYRING_BACKEND": f"tests.credentials.odd_keyrings.{fault}",
        "PYTHONPATH": str(pytestconfig.rootpath),
    }
    before = rows(filed, "SELECT count(*) FROM audit")
    result = filed.run(*LOGIN, stdin=LINE, environ=environ)
    assert_refused(result, 9, "does not keep what is written to it" if fault != "Clinging" else "")
    assert rows(filed, "SELECT count(*) FROM audit") == before


def test_a_refresh_in_a_keyring_too_small_rotates_nothing(
    pytestconfig: pytest.Config, tmp_path: Path
) -> None:
    """A keyring that shrank since the login: the probe finds it before anything is rotated."""
    environ = {
        "CONTCTL_CREDENTIAL_STORE": "keyring",
        "PYTHON_KEYRING_BACKEND": "tests.fakes.file_keyring.FileKeyring",
        "PYTHONPATH": str(pytestconfig.rootpath),
        "FILE_KEYRING": str(tmp_path / "items.json"),
    }
    machine = no_engine(tmp_path)
    machine.environ.update(environ)
    machine.init()
    machine.done("refresh")
    kept = json.loads((tmp_path / "items.json").read_text())
    before = rows(machine, "SELECT * FROM sessions")
    result = machine.run("refresh", environ={"FILE_KEYRING_LIMIT": "1000"})
    assert_refused(result, 9, "does not keep what is written to it")
    assert rows(machine, "SELECT * FROM sessions") == before
    assert json.loads((tmp_path / "items.json").read_text()) == kept
    machine.done("refresh")
    assert machine.done("whoami") == "ada\n"
