"""A foreground run that cannot be told to end can always be left."""

import secrets
import signal
import subprocess
import time
from collections.abc import Iterator

import pytest

from tests.e2e.machine import IMAGE, Machine

pytestmark = [pytest.mark.docker, pytest.mark.keyring]


@pytest.fixture
def deaf(machine: Machine) -> Iterator["subprocess.Popen[bytes]"]:
    """A foreground run of a program that heeds no signal."""
    name = f"deaf-{secrets.token_hex(4)}"
    process = machine.start("run", "--rm", "--name", name, IMAGE, "sh", "-c", "echo up; sleep 600")
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    yield process
    machine.login("ada")
    machine.done("rm", "-f", name)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_third_signal_ends_contctl(
    deaf: "subprocess.Popen[bytes]", number: int, code: int
) -> None:
    for _ in range(3):
        time.sleep(0.5)
        deaf.send_signal(number)
    deaf.communicate(timeout=30)
    assert deaf.returncode == code


def test_a_signal_that_cannot_be_passed_on_ends_contctl(
    machine: Machine, deaf: "subprocess.Popen[bytes]"
) -> None:
    machine.done("logout")
    deaf.send_signal(signal.SIGINT)
    _, err = deaf.communicate(timeout=30)
    assert deaf.returncode == 130
    assert err == b"the signal was not passed on: the session has ended\n"


def test_a_hangup_that_cannot_be_passed_on_ends_contctl(
    machine: Machine, deaf: "subprocess.Popen[bytes]"
) -> None:
    machine.done("logout")
    deaf.send_signal(signal.SIGUSR1)
    assert deaf.stderr is not None
    assert deaf.stderr.readline() == b"the signal was not passed on: the session has ended\n"
    assert deaf.poll() is None
    deaf.send_signal(signal.SIGHUP)
    deaf.communicate(timeout=30)
    assert deaf.returncode == 128 + signal.SIGHUP
