"""A gateway whose store cannot be written: changes are refused, and lists go on."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adversarial.gateways import PLENTY, Target
from tests.adversarial.refusals import assert_refused
from tests.e2e.machine import PASSWORD, Machine
from tests.small_disks import small_disk_at

LINE = PASSWORD.encode()
CHANGES = (
    ("user", "add", "bob", "--password-stdin"),
    ("user", "disable", "eve"),
    ("user", "rm", "eve"),
    ("user", "passwd", "--password-stdin"),
    ("token", "create", "deploy"),
    ("refresh",),
    ("login", "ada", "--password-stdin"),
)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """The root of a file system of 1 MiB."""
    with small_disk_at(tmp_path / "disk", 1024) as point:
        yield point


def client_of(target: Target, home: Path) -> Machine:
    """A machine on another disk that is logged in at the gateway."""
    machine = Machine(home, {"CONTCTL_CREDENTIAL_STORE": "file", "CONTCTL_CONTEXT": "gw"})
    machine.done("context", "create", "gw", "--gateway", f"unix://{target.socket}")
    machine.login("ada")
    machine.done("user", "add", "eve", "--password-stdin", stdin=LINE)
    return machine


def assert_refuses_changes(machine: Machine) -> None:
    """Assert that each change is refused for the store's sake, and that lists go on."""
    for change in CHANGES:
        assert_refused(machine.run(*change, stdin=LINE), 9)
    assert machine.done("whoami") == "ada\n"
    assert "eve" in machine.done("user", "ls")
    assert "ada" in machine.done("session", "ls")
    # There is no engine: what is looked at is that nothing else stops it.
    assert machine.run("ps").code == 7


def assert_goes_on(machine: Machine) -> None:
    """Assert that nothing was lost."""
    machine.done("refresh")
    machine.done("user", "rm", "eve")
    machine.done("audit", "verify")


def test_a_full_disk(disk: Path, tmp_path: Path) -> None:
    target = Target(tmp_path / "disk", PLENTY)
    target.socket = tmp_path / "s"
    target.configure()
    with target.running():
        client = client_of(target, tmp_path)
        found = os.statvfs(disk)
        with open(disk / "filler", "wb") as filler:
            filler.write(b"\0" * (found.f_bavail * found.f_frsize))
        assert_refuses_changes(client)
        (disk / "filler").unlink()
        assert_goes_on(client)


def test_a_read_only_store(disk: Path, tmp_path: Path) -> None:
    target = Target(tmp_path / "disk", PLENTY)
    target.socket = tmp_path / "s"
    target.log_file = tmp_path / "log"
    target.configure()
    with target.running():
        client = client_of(target, tmp_path)
        _remount(disk, "ro")
        try:
            assert_refuses_changes(client)
        finally:
            _remount(disk, "rw")
        assert_goes_on(client)


def _remount(disk: Path, mode: str) -> None:
    remount = ["mount", "-o", f"remount,{mode}", str(disk)]
    subprocess.run(remount, check=True, timeout=10)
