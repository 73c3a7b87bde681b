"""gateway install as root, in a mount namespace of its own: nothing of it stays on the machine."""

import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.e2e.installed import CONTCTL, install_contctl
from tests.private_host import PrivateHost, private_host
from tests.requirements import unavailable

SEEN = ("/etc/contctl", "/etc/sysusers.d", "/etc/tmpfiles.d", "/var/lib/contctl", "/run/contctl")
UNITS = "/etc/systemd/system"
UNIT_FILES = [f"{UNITS}/contctl-gateway.socket", f"{UNITS}/contctl-gateway.service"]
PROGRAM = "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])"
ENVIRON = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}


@pytest.fixture
def host() -> Iterator[PrivateHost]:
    """A host with an engine's socket, and contctl installed by root in /opt."""
    with private_host() as private:
        private.done("groupadd", "--system", "ct-engine")
        private.done(sys.executable, "-c", PROGRAM, "/run/docker.sock")
        private.done("chgrp", "ct-engine", "/run/docker.sock")
        private.done("chmod", "0660", "/run/docker.sock")
        install_contctl(private)
        yield private


def install(host: PrivateHost, *args: str) -> subprocess.CompletedProcess[str]:
    """Run the installed command's `gateway install`."""
    return host.run(CONTCTL, "gateway", "install", *args, environ=ENVIRON)


def state(host: PrivateHost) -> str:
    """Everything that an installation may have changed."""
    files = host.run("find", *SEEN, UNITS, "-printf", "%p %M %U %G %l\n").stdout
    contents = host.run("sh", "-c", f"cat {UNITS}/contctl* /etc/*.d/contctl* /etc/contctl/*").stdout
    accounts = host.done("sh", "-c", "getent passwd; getent group")
    return "\n".join([*sorted(files.splitlines()), contents, accounts])


def test_apply_without_systemd_and_again(host: PrivateHost) -> None:
    result = install(host, "--apply")
    assert result.returncode == 0, result.stderr
    assert "changed  user contctl in the group ct-engine\n" in result.stdout
    assert "systemd" not in result.stdout + host.done("ls", "-R", "/etc/contctl")
    line = next(line for line in result.stderr.splitlines() if line.startswith("  setpriv "))
    before = state(host)
    again = install(host, "--apply")
    assert (again.returncode, again.stderr) == (0, "nothing had to be changed\n")
    assert state(host) == before
    check_the_service_user(host, line)


def check_the_service_user(host: PrivateHost, line: str) -> None:
    """The command line that was shown runs contctl as a user who reaches what it has to."""
    prefix = line.split(CONTCTL)[0].split()
    assert host.done(*prefix, "id", "-nG").split() == ["contctl", "ct-engine"]
    assert host.done(*prefix, CONTCTL, "--version").startswith("contctl ")
    for check in (
        "test -w /run/docker.sock",
        "test -w /var/lib/contctl",
        "test -w /run/contctl",
        "test -r /etc/contctl/gateway.toml",
        "! test -w /etc/contctl/gateway.toml",
        "! test -w /etc/contctl",
    ):
        host.done(*prefix, "sh", "-c", check)
    host.done("useradd", "--groups", "contctl", "ct-caller")
    caller = ["setpriv", "--reuid=ct-caller", "--regid=ct-caller", "--init-groups"]
    for check in (
        "! test -r /run/docker.sock",
        "! test -x /var/lib/contctl",
        "! test -w /run/contctl",
        "test -x /run/contctl",
    ):
        host.done(*caller, "sh", "-c", check)


@pytest.mark.parametrize("systemd", [False, True])
def test_the_script_does_what_apply_does(host: PrivateHost, systemd: bool) -> None:
    if systemd:
        pretend_systemd(host)
    printed = install(host, "--user", "ct-gateway", "--group", "ct-callers")
    assert (printed.returncode, printed.stderr) == (0, "")
    assert not host.run("getent", "passwd", "ct-gateway").stdout
    script(host, printed.stdout)
    before = state(host)
    assert "ct-gateway:" in before
    script(host, printed.stdout)
    assert state(host) == before
    applied = install(host, "--user", "ct-gateway", "--group", "ct-callers", "--apply")
    assert (applied.returncode, applied.stderr) == (0, "nothing had to be changed\n")
    assert "changed" not in applied.stdout
    assert state(host) == before


def script(host: PrivateHost, text: str) -> None:
    """Run it as root, with the programs of the system's."""
    result = host.run("sh", stdin=text, environ=ENVIRON)
    assert result.returncode == 0, result.stderr


def pretend_systemd(host: PrivateHost) -> None:
    """Let the host look as if systemd ran it, with a systemctl that does nothing."""
    if shutil.which("systemctl", path=ENVIRON["PATH"]) != "/usr/bin/systemctl":
        unavailable("systemd is not installed")
    host.done("mkdir", "-p", "/run/systemd/system")
    host.done("tee", "/opt/systemctl", stdin='#!/bin/sh\n[ "$*" = daemon-reload ]\n')
    host.done("chmod", "755", "/opt/systemctl")
    host.done("mount", "--bind", "/opt/systemctl", "/usr/bin/systemctl")


def test_systemd_understands_the_units(host: PrivateHost) -> None:
    if shutil.which("systemd-analyze") is None:
        unavailable("systemd-analyze is not installed")
    pretend_systemd(host)
    result = install(host, "--apply")
    assert result.returncode == 0, result.stderr
    verified = host.run("systemd-analyze", "verify", *UNIT_FILES)
    assert (verified.returncode, verified.stdout, verified.stderr) == (0, "", "")
    host.done("systemd-analyze", "security", "--offline=true", "--threshold=20", UNIT_FILES[1])
    users = host.done("getent", "passwd")
    host.done("systemd-sysusers", "contctl-gateway.conf")
    host.done("rm", "-r", "/run/contctl")
    host.done("systemd-tmpfiles", "--create", "contctl-gateway.conf")
    assert host.done("getent", "passwd") == users
    assert host.done("stat", "-c", "%a %U %G", "/run/contctl") == "755 contctl contctl\n"
    assert install(host, "--apply").stderr == "nothing had to be changed\n"


def test_a_contctl_that_others_can_change_is_refused(host: PrivateHost) -> None:
    for path in ("/opt/contctl", "/opt/contctl/bin", CONTCTL, "/opt/contctl/lib"):
        host.done("chmod", "g+w", path)
        result = install(host, "--apply")
        assert (result.returncode, result.stdout) == (9, "")
        assert result.stderr.startswith(
            "error: this contctl cannot be the gateway's: others than root may write /opt/contctl"
        )
        host.done("chmod", "g-w", path)
    host.done("chown", "65534", "/opt/contctl/bin")
    assert "/opt/contctl/bin belongs to uid 65534" in install(host).stderr
    host.done("chown", "0", "/opt/contctl/bin")
    host.done("chmod", "o-x", "/opt/contctl")
    assert "others than root may not use /opt/contctl\n" in install(host).stderr
    host.done("chmod", "o+x", "/opt/contctl")
    assert install(host).stderr == ""


def test_a_program_that_fails_leaves_the_rest_undone_and_says_so(host: PrivateHost) -> None:
    host.done("mkdir", "-p", "/etc/contctl")
    host.done("ln", "-s", "/dev/null", "/etc/contctl/gateway.toml")
    result = install(host, "--apply")
    assert result.returncode == 6
    assert result.stdout.splitlines()[-1] == "ok       folder /etc/contctl"
    assert "; 3 of 7 steps are left, run this again\n" in result.stderr
    host.done("rm", "/etc/contctl/gateway.toml")
    assert install(host, "--apply").returncode == 0


def test_only_root(host: PrivateHost) -> None:
    before = state(host)
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
    printed = host.run(*nobody, CONTCTL, "gateway", "install", environ=ENVIRON)
    assert (printed.returncode, printed.stderr) == (0, "")
    result = host.run(*nobody, CONTCTL, "gateway", "install", "--apply", environ=ENVIRON)
    assert (result.returncode, result.stdout) == (5, "")
    assert result.stderr.startswith("error: only root may install the gateway\n")
    assert state(host) == before
