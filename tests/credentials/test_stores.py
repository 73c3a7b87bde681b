"""CredentialStoreChoice: the store chosen, the record of it, the lock between processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from contctl.backends.credential_stores import CredentialStoreChoice
from contctl.backends.keyring import KeyringCredentialStore
from contctl.core.domain.credentials import StoreKind
from contctl.core.errors import ContctlError, ErrorCode
from tests.contracts.credential_store import credential

AUTHORITY = "f3b0a1de-2f0b-4a55-9b35-0a1a6c1b7d11"
OTHER = "0c7a6a41-6c39-4f0e-8ed4-7d9c2b7b5c22"
SOUND = "tests.credentials.odd_keyrings.Sound"
ROOT = Path(__file__).parents[2]


def choice(
    folder: Path,
    environ: dict[str, str] | None = None,
    default: StoreKind = StoreKind.KEYRING,
    lock_wait: float = 10.0,
) -> CredentialStoreChoice:
    return CredentialStoreChoice(
        environ or {},
        folder / "data",
        folder / "state",
        default,
        interactive=True,
        lock_wait=lock_wait,
    )


def record_file(folder: Path) -> Path:
    return folder / "state" / "credential-stores.json"


def test_making_and_choosing_touches_nothing(tmp_path: Path) -> None:
    stores = choice(tmp_path)
    stores.choose(None, AUTHORITY)
    stores.choose(StoreKind.FILE, AUTHORITY)
    assert list(tmp_path.iterdir()) == []


def test_the_configuration_decides_at_first(tmp_path: Path) -> None:
    for kind in StoreKind:
        assert choice(tmp_path, default=kind).choose(None, AUTHORITY).kind is kind


def test_the_record_of_the_authority_wins_over_the_configuration(tmp_path: Path) -> None:
    stores = choice(tmp_path)
    stores.record(AUTHORITY, stores.choose(StoreKind.FILE, AUTHORITY))
    assert choice(tmp_path).choose(None, AUTHORITY).kind is StoreKind.FILE
    assert choice(tmp_path).choose(None, OTHER).kind is StoreKind.KEYRING


def test_the_variable_wins_over_the_record(tmp_path: Path) -> None:
    stores = choice(tmp_path, {"PYTHON_KEYRING_BACKEND": SOUND})
    stores.record(AUTHORITY, stores.choose(StoreKind.KEYRING, AUTHORITY))
    other = choice(tmp_path, {"CONTCTL_CREDENTIAL_STORE": "file"})
    assert other.choose(None, AUTHORITY).kind is StoreKind.FILE
    assert other.choose(StoreKind.KEYRING, AUTHORITY).kind is StoreKind.KEYRING
    empty = choice(tmp_path, {"CONTCTL_CREDENTIAL_STORE": ""}, StoreKind.FILE)
    assert empty.choose(None, AUTHORITY).kind is StoreKind.KEYRING


def test_an_unknown_store_in_the_variable_is_named(tmp_path: Path) -> None:
    stores = choice(tmp_path, {"CONTCTL_CREDENTIAL_STORE": "vau\x1blt"})
    with pytest.raises(ContctlError) as caught:
        stores.choose(None, AUTHORITY)
    assert caught.value.code is ErrorCode.STORE
    assert caught.value.message == r"CONTCTL_CREDENTIAL_STORE is 'vau\x1blt'"
    assert "'keyring' or 'file'" in (caught.value.hint or "")
    assert stores.choose(StoreKind.FILE, AUTHORITY).kind is StoreKind.FILE


def test_the_record_is_told_whatever_the_environment_says(tmp_path: Path) -> None:
    stores = choice(tmp_path, {"CONTCTL_CREDENTIAL_STORE": "file"})
    assert stores.recorded(AUTHORITY) is None
    keyring = choice(tmp_path, {"PYTHON_KEYRING_BACKEND": SOUND})
    stores.record(AUTHORITY, keyring.choose(StoreKind.KEYRING, AUTHORITY))
    former = stores.recorded(AUTHORITY)
    assert former is not None
    assert former.kind is StoreKind.KEYRING
    assert stores.recorded(OTHER) is None


def test_the_recorded_backend_of_the_keyring_is_used_again(tmp_path: Path) -> None:
    stores = choice(tmp_path, {"PYTHON_KEYRING_BACKEND": SOUND})
    stores.record(AUTHORITY, stores.choose(None, AUTHORITY))
    again = choice(tmp_path, {"CONTCTL_CREDENTIAL_STORE": "keyring"}).choose(None, AUTHORITY)
    assert isinstance(again, KeyringCredentialStore)
    again.probe()
    assert again.backend_name() == SOUND
    anew = choice(tmp_path).choose(StoreKind.KEYRING, AUTHORITY)
    assert anew.location == "the keyring"


def test_the_record_is_private_and_grows(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        stores = choice(tmp_path)
        for authority in (AUTHORITY, OTHER, AUTHORITY):
            stores.record(authority, stores.choose(StoreKind.FILE, authority))
    finally:
        os.umask(before)
    assert record_file(tmp_path).stat().st_mode & 0o777 == 0o600
    for authority in (AUTHORITY, OTHER):
        assert choice(tmp_path).choose(None, authority).kind is StoreKind.FILE


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"garbage",
        b"[]",
        b"null",
        b"\xff",
        b"[" * 50_000,
        b'{"a": 1}',
        b'{"a": {}}',
        b'{"a": {"store": "vault", "backend": null}}',
        b'{"a": {"store": ["file"], "backend": ""}}',
        b'{"a": {"store": "keyring", "backend": 1}}',
        b"x" * 70_000,
    ],
    ids=range(12),
)
def test_a_damaged_record_is_an_error(tmp_path: Path, content: bytes) -> None:
    stores = choice(tmp_path)
    store = stores.choose(StoreKind.FILE, AUTHORITY)
    stores.record(AUTHORITY, store)
    record_file(tmp_path).write_bytes(content)
    calls: list[Callable[[], object]] = [
        lambda: stores.choose(None, AUTHORITY),
        lambda: stores.record(AUTHORITY, store),
    ]
    for call in calls:
        with pytest.raises(ContctlError) as caught:
            call()
        assert caught.value.code is ErrorCode.STORE
        assert str(record_file(tmp_path)) in caught.value.message
    assert record_file(tmp_path).read_bytes() == content


def test_a_link_in_place_of_the_record_is_refused(tmp_path: Path) -> None:
    stores = choice(tmp_path)
    stores.record(AUTHORITY, stores.choose(StoreKind.FILE, AUTHORITY))
    record_file(tmp_path).rename(tmp_path / "elsewhere")
    record_file(tmp_path).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ContctlError) as caught:
        stores.choose(None, AUTHORITY)
    assert caught.value.reason == "not-private"


def test_recording_inside_the_lock_is_possible(tmp_path: Path) -> None:
    stores = choice(tmp_path)
    with stores.exclusive():
        stores.record(AUTHORITY, stores.choose(StoreKind.FILE, AUTHORITY))


def test_the_lock_excludes_and_is_let_go(tmp_path: Path) -> None:
    with choice(tmp_path).exclusive():
        assert_busy(choice(tmp_path, lock_wait=0.1))
    with choice(tmp_path, lock_wait=0.1).exclusive():
        pass


def test_the_lock_is_let_go_after_an_error(tmp_path: Path) -> None:
    stores = choice(tmp_path, lock_wait=0.1)
    with pytest.raises(KeyError), stores.exclusive():
        raise KeyError
    with stores.exclusive():
        pass


def assert_busy(stores: CredentialStoreChoice) -> None:
    before = time.monotonic()
    with pytest.raises(ContctlError) as caught, stores.exclusive():
        pass
    assert time.monotonic() - before < 5
    assert caught.value.code is ErrorCode.STORE
    assert caught.value.reason == "credentials-busy"
    assert "another contctl" in caught.value.message


@contextmanager
def contender(folder: Path, times: int) -> Iterator[subprocess.Popen[str]]:
    arguments = [str(folder / "data"), str(folder / "state"), AUTHORITY, str(times)]
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.credentials.contender", *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def test_a_stopped_holder_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    with contender(tmp_path, 0) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        holder.send_signal(signal.SIGSTOP)
        assert_busy(choice(tmp_path, lock_wait=0.5))
        holder.kill()
        holder.wait(10)
        with choice(tmp_path).exclusive():
            pass


def test_thirty_processes_lose_nothing(tmp_path: Path) -> None:
    store = choice(tmp_path).choose(StoreKind.FILE, AUTHORITY)
    store.write(AUTHORITY, credential(0))
    with ExitStack() as resources:
        processes = [resources.enter_context(contender(tmp_path, 2)) for _ in range(30)]
        assert [process.wait(90) for process in processes] == [0] * 30
    kept = store.read(AUTHORITY)
    assert kept is not None
    assert kept.generation == 60
