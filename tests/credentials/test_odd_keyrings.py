"""KeyringCredentialStore over backends that misbehave; no bus is needed."""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from contctl.backends.keyring import KeyringCredentialStore
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import CredentialStore
from tests.contracts.credential_store import CredentialStoreContract, credential
from tests.credentials.odd_keyrings import SECRET

AUTHORITY = "an authority"
ROOT = Path(__file__).parents[2]


def store_over(
    name: str, deadline: float = 20.0, environ: Mapping[str, str] | None = None
) -> KeyringCredentialStore:
    """A store over a class of odd_keyrings, or over a backend with a dotted name."""
    dotted = name if "." in name else f"tests.credentials.odd_keyrings.{name}"
    variables = {"PYTHON_KEYRING_BACKEND": dotted, **(environ or {})}
    return KeyringCredentialStore(variables, deadline=deadline)


def refusal(store: KeyringCredentialStore) -> ContctlError:
    """The one error of every call."""
    errors = []
    calls: list[Callable[[], object]] = [
        store.probe,
        lambda: store.read(AUTHORITY),
        lambda: store.write(AUTHORITY, credential()),
        lambda: store.delete(AUTHORITY),
    ]
    for call in calls:
        with pytest.raises(ContctlError) as caught:
            call()
        errors.append(caught.value)
    error = errors[0]
    for each in errors:
        assert each.code is ErrorCode.STORE
        assert each.reason == error.reason
        assert each.__cause__ is None
        assert each.hint
        for line in (each.message, each.hint):
            assert line.isprintable()
            assert SECRET not in line
    return error


class TestSoundKeyring(CredentialStoreContract):
    @pytest.fixture
    def store(self) -> CredentialStore:
        return store_over("Sound")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Absent", "keyring-absent"),
        ("Locked", "keyring-locked"),
        ("Unready", "keyring-refused"),
        ("Refusing", "keyring-refused"),
        ("Failing", "keyring-refused"),
        ("Late", "keyring-refused"),
        ("Raising", "keyring-refused"),
        ("Strange", "keyring-refused"),
        ("Losing", "keyring-refused"),
        ("Dying", "keyring-died"),
        ("Unviable", "keyring-absent"),
    ],
)
def test_every_exception_becomes_one_line_with_a_remedy(name: str, reason: str) -> None:
    error = refusal(store_over(name))
    assert error.reason == reason
    assert "contctl login --store file" in (error.hint or "")


@pytest.mark.parametrize(
    "name",
    [
        "keyring.backends.null.Keyring",
        "keyring.backends.fail.Keyring",
        "keyring.backends.chainer.ChainerBackend",
        "DerivedNull",
        "DerivedFail",
        "DerivedChainer",
    ],
)
def test_null_fail_and_chainer_are_refused(name: str) -> None:
    store = store_over(name)
    assert refusal(store).reason == "keyring-refused"
    assert "PYTHON_KEYRING_BACKEND" in (refusal(store).hint or "")


@pytest.mark.parametrize(
    "name",
    ["os.path.nothing", "no.such.Module", ".", "..", "os.path.join", "a\x1b[31m.b", "\ud800.b"],
)
def test_a_name_that_leads_nowhere_is_refused(name: str) -> None:
    refusal(store_over(name))
    recorded = KeyringCredentialStore({"PYTHON_KEYRING_BACKEND": ""}, backend=name, deadline=20.0)
    refusal(recorded)


def test_the_environment_wins_over_the_record() -> None:
    dotted = "tests.credentials.odd_keyrings.Sound"
    store = KeyringCredentialStore(
        {"PYTHON_KEYRING_BACKEND": dotted}, backend="keyring.backends.null.Keyring"
    )
    store.probe()
    assert store.backend_name() == dotted
    assert dotted in store.location


def test_a_call_that_hangs_ends_at_the_deadline() -> None:
    store = store_over("Hanging", deadline=0.3)
    before = time.monotonic()
    with pytest.raises(ContctlError) as caught:
        store.read(AUTHORITY)
    assert time.monotonic() - before < 5
    assert caught.value.reason == "keyring-timeout"
    assert "0.3 seconds" in caught.value.message


@pytest.mark.parametrize("name", ["Flaky", "Contended"])
def test_what_passes_is_tried_again(name: str) -> None:
    calls: list[Callable[[KeyringCredentialStore], object]] = [
        lambda store: store.write(AUTHORITY, credential()),
        lambda store: store.read(AUTHORITY),
        lambda store: store.delete(AUTHORITY),
        lambda store: store.probe(),
    ]
    for call in calls:
        call(store_over(name))


def test_a_write_that_is_tried_again_is_kept() -> None:
    store = store_over("Contended")
    store.write(AUTHORITY, credential())
    assert store.read(AUTHORITY) == credential()


def test_a_service_that_vanishes_in_the_middle_died() -> None:
    with pytest.raises(ContctlError) as caught:
        store_over("Vanishing").read(AUTHORITY)
    assert caught.value.reason == "keyring-died"


@pytest.mark.parametrize("name", ["Forgetful", "Small", "Clinging"])
def test_the_probe_finds_what_does_not_keep_or_forget(name: str) -> None:
    with pytest.raises(ContctlError) as caught:
        store_over(name).probe()
    assert caught.value.reason == "keyring-refused"


def test_repeated_items_are_all_deleted() -> None:
    store = store_over("Repeating")
    store.write(AUTHORITY, credential())
    store.delete(AUTHORITY)
    assert store.read(AUTHORITY) is None


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, "cron"),
        ({"SSH_CONNECTION": "1.2.3.4 5 6.7.8.9 22"}, "SSH"),
        ({"WSL_DISTRO_NAME": "Debian", "SSH_CONNECTION": "1.2.3.4 5 6.7.8.9 22"}, "WSL"),
        ({"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere/bus"}, "tmux"),
        ({"DBUS_SESSION_BUS_ADDRESS": "unix:path=/nowhere/bus,guid=12"}, "tmux"),
        ({"DBUS_SESSION_BUS_ADDRESS": "unix:path=/%6eowhere", "SSH_CONNECTION": "x"}, "tmux"),
        ({"DBUS_SESSION_BUS_ADDRESS": "unix:path=/%74mp", "SSH_CONNECTION": "x"}, "SSH"),
        ({"DBUS_SESSION_BUS_ADDRESS": "unix:path=/tmp"}, "start a Secret Service"),
        ({"DBUS_SESSION_BUS_ADDRESS": "unix:abstract=x"}, "start a Secret Service"),
    ],
    ids=range(9),
)
def test_the_remedy_fits_the_place(environ: dict[str, str], expected: str) -> None:
    hint = refusal(store_over("Absent", environ=environ)).hint or ""
    assert expected in hint
    assert 'store = "file"' in hint


def test_keyring_is_imported_at_the_first_use() -> None:
    program = (
        "import os, sys; from contctl.backends.keyring import KeyringCredentialStore;"
        "KeyringCredentialStore(os.environ).location; sys.exit('keyring' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0


def test_a_process_ends_though_its_keyring_hangs() -> None:
    program = (
        "from tests.credentials.test_odd_keyrings import store_over;"
        "store_over('Hanging', deadline=0.1).read('an authority')"
    )
    before = time.monotonic()
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, timeout=60, capture_output=True
    )
    assert ended.returncode == 1
    assert time.monotonic() - before < 20
