"""KeyringCredentialStore over a real gnome-keyring, each time in a process with its own bus."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import CredentialStore
from devtools.secret_service import SecretService
from tests.contracts.credential_store import CredentialStoreContract, credential
from tests.credentials.keyring_process import keyring_process

pytestmark = pytest.mark.keyring

AUTHORITY = "f3b0a1de-2f0b-4a55-9b35-0a1a6c1b7d11"
SECRET_SERVICE = "keyring.backends.SecretService.Keyring"
Start = Callable[[SecretService], SecretService]


@pytest.fixture(scope="module")
def real_store(secret_service: SecretService) -> Iterator[CredentialStore]:
    with keyring_process(secret_service.environ, deadline=30) as store:
        yield store


class TestRealKeyring(CredentialStoreContract):
    @pytest.fixture
    def store(self, real_store: CredentialStore) -> CredentialStore:
        return real_store


def failure(call: Callable[[], object]) -> ContctlError:
    with pytest.raises(ContctlError) as caught:
        call()
    assert caught.value.code is ErrorCode.STORE
    assert caught.value.hint
    assert "\n" not in caught.value.message + caught.value.hint
    return caught.value


def test_the_scan_finds_the_secret_service(secret_service: SecretService) -> None:
    with keyring_process(secret_service.environ, deadline=30) as store:
        assert store.location == "the keyring"
        assert store.backend_name() == SECRET_SERVICE
        assert store.location == f"the keyring ({SECRET_SERVICE})"


def test_a_recorded_backend_is_loaded_without_a_scan(secret_service: SecretService) -> None:
    with keyring_process(secret_service.environ, backend=SECRET_SERVICE, deadline=30) as store:
        store.write(AUTHORITY, credential(3))
        assert store.read(AUTHORITY) == credential(3)
        assert "keyring.backends.kwallet" not in store.modules()


def test_reading_by_protocol_agrees_with_keyring(
    secret_service: SecretService, tmp_path: Path
) -> None:
    """The everyday read asks the Secret Service itself; a settings file makes it ask keyring."""
    settings = tmp_path / "python_keyring" / "keyringrc.cfg"
    settings.parent.mkdir()
    settings.write_text(f"[backend]\ndefault-keyring={SECRET_SERVICE}\n")
    plain = dict(secret_service.environ)
    configured = {**plain, "XDG_CONFIG_HOME": str(tmp_path)}
    with (
        keyring_process(plain, backend=SECRET_SERVICE, deadline=30) as by_protocol,
        keyring_process(configured, backend=SECRET_SERVICE, deadline=30) as by_keyring,
    ):
        for authority in (AUTHORITY, "another"):
            by_keyring.delete(authority)
            assert by_protocol.read(authority) is None
    with (
        keyring_process(plain, backend=SECRET_SERVICE, deadline=30) as by_protocol,
        keyring_process(configured, backend=SECRET_SERVICE, deadline=30) as by_keyring,
    ):
        by_keyring.write(AUTHORITY, credential(7))
        assert by_keyring.read(AUTHORITY) == credential(7)
        assert by_protocol.read(AUTHORITY) == credential(7)
        assert "keyring.core" in by_keyring.modules()
        assert "keyring.core" not in by_protocol.modules()


@pytest.mark.parametrize("kind", ["null.Keyring", "fail.Keyring", "chainer.ChainerBackend"])
def test_keyrings_own_configuration_is_honoured_and_checked(
    secret_service: SecretService, tmp_path: Path, kind: str
) -> None:
    folder = tmp_path / "python_keyring"
    folder.mkdir()
    configuration = f"[backend]\ndefault-keyring=keyring.backends.{kind}\n"
    (folder / "keyringrc.cfg").write_text(configuration)
    environ = {**secret_service.environ, "XDG_CONFIG_HOME": str(tmp_path)}
    with keyring_process(environ, backend=SECRET_SERVICE, deadline=30) as store:
        assert failure(store.probe).reason == "keyring-refused"


def test_without_a_bus_there_is_no_keyring(tmp_path: Path) -> None:
    environ = {"PATH": os.defpath, "HOME": str(tmp_path)}
    with keyring_process(environ, deadline=30) as store:
        error = failure(store.probe)
        assert error.reason == "keyring-absent"
        assert "cron" in (error.hint or "")
        assert failure(lambda: store.read(AUTHORITY)).reason == "keyring-absent"


@pytest.mark.parametrize("backend", ["", SECRET_SERVICE])
def test_with_a_dead_bus_there_is_no_keyring(tmp_path: Path, backend: str) -> None:
    address = f"unix:path={tmp_path / 'bus'}"
    environ = {"HOME": str(tmp_path), "DBUS_SESSION_BUS_ADDRESS": address}
    with keyring_process(environ, backend=backend, deadline=30) as store:
        error = failure(store.probe)
        assert error.reason == "keyring-absent"
        assert "tmux" in (error.hint or "")


def test_a_bus_without_the_service_has_no_keyring(start_secret_service: Start) -> None:
    service = start_secret_service(SecretService())
    service.kill()
    with keyring_process(service.environ, deadline=30) as store:
        assert failure(store.probe).reason == "keyring-absent"


def test_a_locked_keyring_that_nobody_unlocks(start_secret_service: Start) -> None:
    service = start_secret_service(SecretService(locked=True))
    with keyring_process(service.environ, backend=SECRET_SERVICE, deadline=30) as store:
        assert failure(store.probe).reason == "keyring-locked"
        assert failure(lambda: store.read(AUTHORITY)).reason == "keyring-locked"
        assert failure(lambda: store.write(AUTHORITY, credential())).reason == "keyring-locked"


def test_a_frozen_keyring_fails_at_the_deadline(start_secret_service: Start) -> None:
    service = start_secret_service(SecretService())
    with keyring_process(service.environ, backend=SECRET_SERVICE, deadline=1) as store:
        store.write(AUTHORITY, credential())
        service.freeze()
        before = time.monotonic()
        assert failure(lambda: store.read(AUTHORITY)).reason == "keyring-timeout"
        assert failure(store.probe).reason == "keyring-timeout"
        assert 2 <= time.monotonic() - before < 10
        service.thaw()
        assert store.read(AUTHORITY) == credential()


def test_a_keyring_that_dies_in_the_middle(start_secret_service: Start) -> None:
    service = start_secret_service(SecretService())
    with keyring_process(service.environ, backend=SECRET_SERVICE, deadline=30) as store:
        store.write(AUTHORITY, credential())
        service.freeze()
        # The daemon has the request and will never answer it.
        killer = threading.Timer(0.5, service.kill)
        killer.start()
        try:
            assert failure(lambda: store.read(AUTHORITY)).reason == "keyring-died"
        finally:
            killer.join(30)
        assert failure(lambda: store.read(AUTHORITY)).reason == "keyring-absent"


def write_and_read(service: SecretService, number: int) -> str | None:
    """Be one of many writers; the reason of the failure that ended it."""
    authority = f"{AUTHORITY[:-1]}{number}"
    with keyring_process(service.environ, backend=SECRET_SERVICE) as store:
        for generation in range(30):
            try:
                store.write(authority, credential(generation))
                assert store.read(authority) == credential(generation)
            except ContctlError as error:
                return error.reason
    return None


def test_many_writers_at_once_all_succeed(start_secret_service: Start) -> None:
    """gnome-keyring loses sight of an item now and then, which nobody notices. Where it aborts,
    that is said, and it is tried with another one."""
    for _ in range(3):
        service = start_secret_service(SecretService())
        with ThreadPoolExecutor(4) as pool:
            reasons = set(pool.map(write_and_read, [service] * 4, range(4)))
        if service.is_running:
            assert reasons == {None}
            return
        assert reasons <= {None, "keyring-died", "keyring-absent"}
    pytest.fail("gnome-keyring aborted three times")
