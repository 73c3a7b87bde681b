"""Copies of audit records to syslog, on real sockets."""

import json
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from contctl.backends.config_file import load_settings
from contctl.backends.syslog import SyslogAuditLog
from contctl.core.domain.audit import AuditEntry, Phase
from contctl.core.domain.settings import SyslogAddress
from contctl.core.errors import ContctlError, ErrorCode
from tests.contracts.audit_log import AuditChainContract, AuditFilterContract, AuditLogContract
from tests.contracts.stores import ADMIN, ADMIN_GRANT, Stores
from tests.fakes.store import FakeStore

ENTRY = AuditEntry(1, Phase.INTENT, "container:stop", 0, user="ada", target_name="web")


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[socket.socket]:
    """A Unix datagram socket, as /dev/log is."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.bind(str(tmp_path / "log"))
        made.settimeout(5)
        yield made


def log_to(address: SyslogAddress) -> SyslogAuditLog:
    """A log of an initialised store, copied to `address`."""
    store = FakeStore()
    store.create(ADMIN, "hash", ADMIN_GRANT)
    return SyslogAuditLog(store.audit, address)


def parsed(data: bytes) -> dict[str, object]:
    """The record in a message, of which the head was checked."""
    head, _, text = data.partition(b": ")
    assert head == f"<86>contctl[{os.getpid()}]".encode()
    assert all(0x20 <= byte < 0x7F for byte in text)
    document = json.loads(text)
    assert isinstance(document, dict)
    return document


def test_a_record_is_copied_after_it_was_kept(receiver: socket.socket) -> None:
    log = log_to(receiver.getsockname())
    for number in (1, 2):
        assert log.append(ENTRY) == number
        assert parsed(receiver.recv(65536)) == {"number": number, **asdict(ENTRY)}
    assert log.last(0) == 2


def test_no_character_of_a_name_breaks_the_line(receiver: socket.socket) -> None:
    log = log_to(receiver.getsockname())
    name = "a\n<0>b\0c\x1b[31m\x7f\x9b\u202e\udcffé"
    log.append(replace(ENTRY, target_name=name))
    assert parsed(receiver.recv(65536))["target_name"] == name


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_copies_over_udp(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as receiver:
        receiver.bind((host, 0))
        receiver.settimeout(5)
        log_to((host, receiver.getsockname()[1])).append(ENTRY)
        assert parsed(receiver.recv(65536))["user"] == "ada"


def test_a_record_that_was_not_kept_is_not_copied(receiver: socket.socket) -> None:
    store = FakeStore()
    with pytest.raises(ContctlError):
        SyslogAuditLog(store.audit, receiver.getsockname()).append(ENTRY)
    receiver.setblocking(False)
    with pytest.raises(BlockingIOError):
        receiver.recv(65536)


def test_a_receiver_that_does_not_read_delays_nothing(receiver: socket.socket) -> None:
    log = log_to(receiver.getsockname())
    began = time.monotonic()
    assert [log.append(ENTRY) for _ in range(2000)] == list(range(1, 2001))
    assert time.monotonic() - began < 5
    numbers = []
    receiver.setblocking(False)
    while True:
        try:
            numbers.append(parsed(receiver.recv(65536))["number"])
        except BlockingIOError:
            break
    # Otherwise the queue never was full, and nothing was shown.
    assert 0 < len(numbers) < 2000
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("kind", ["absent", "a file", "a stream", "too long", "closed port"])
def test_a_copy_that_fails_changes_nothing(
    tmp_path: Path, kind: str, capfd: pytest.CaptureFixture[str]
) -> None:
    address: SyslogAddress = str(tmp_path / "log")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as stream:
        if kind == "a file":
            Path(str(address)).touch()
        elif kind == "a stream":
            stream.bind(address)
            stream.listen()
        elif kind == "too long":
            address = f"/{'x' * 200}"
        elif kind == "closed port":
            address = ("127.0.0.1", 9)
        log = log_to(address)
        assert [log.append(ENTRY) for _ in range(3)] == [1, 2, 3]
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("/dev/log", "/dev/log"),
        ("192.0.2.1:514", ("192.0.2.1", 514)),
        ("[2001:db8::1]:514", ("2001:db8::1", 514)),
    ],
)
def test_configured_addresses(tmp_path: Path, text: str, address: SyslogAddress) -> None:
    (tmp_path / "config.toml").write_text(f'[audit]\nsyslog = "{text}"\n')
    assert load_settings(tmp_path / "config.toml").syslog == address


@pytest.mark.parametrize(
    "value",
    [
        *('""', '"log"', '"loghost:514"', '"192.0.2.1"', '"192.0.2.1:0"', '"192.0.2.1:65536"'),
        *('"192.0.2.1:x"', "514", "true", '["/dev/log"]'),
    ],
)
def test_what_is_no_address(tmp_path: Path, value: str) -> None:
    (tmp_path / "config.toml").write_text(f"[audit]\nsyslog = {value}\n")
    with pytest.raises(ContctlError, match=r"'audit\.syslog' must be") as caught:
        load_settings(tmp_path / "config.toml")
    assert caught.value.code is ErrorCode.STORE


def test_nothing_is_copied_by_default(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "config.toml").syslog is None


class TestCopiedLog(AuditLogContract, AuditFilterContract, AuditChainContract):
    """A copied log is an AuditLog."""

    @pytest.fixture
    def fresh(self, receiver: socket.socket) -> Stores:
        store = FakeStore()
        store.audit = SyslogAuditLog(store.audit, receiver.getsockname())  # type: ignore[assignment]
        return store
