"""The installed gateway with the system calls, the memory and the /proc that its unit leaves it."""

import ctypes.util
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from contctl.core.domain.gateway_units import service_unit
from devtools import processes
from devtools.engine import PrivateEngine
from tests.e2e.confined import UNSUPPORTED
from tests.e2e.installed import CONTCTL, PYTHON, install_contctl
from tests.e2e.machine import PASSWORD, SECONDS
from tests.private_host import PrivateHost, private_host
from tests.requirements import unavailable

SOCKET = "/run/contctl/contctl.sock"
PROC = 'mount -t proc -o hidepid=2,subset=pid proc /proc && exec "$@"'
AS_GATEWAY = ["setpriv", "--reuid=contctl", "--regid=contctl", "--init-groups", "--no-new-privs"]
ENVIRON = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8", "HOME=/run/root"]
ASKS = [*ENVIRON, "CONTCTL_CREDENTIAL_STORE=file"]


@pytest.fixture
def host(docker_engine: PrivateEngine, tmp_path: Path) -> Iterator[PrivateHost]:
    """A host whose gateway runs confined."""
    if shutil.which("systemd-analyze") is None or ctypes.util.find_library("seccomp") is None:
        unavailable("systemd-analyze or libseccomp is not installed")
    engine = docker_engine.host.removeprefix("unix://")
    with private_host() as private:
        private.done("mkdir", "/run/root", "/run/unit")
        private.done("touch", "/run/docker.sock")
        private.done("mount", "--bind", engine, "/run/docker.sock")
        private.done("groupadd", "--system", "ct-engine")
        private.done("chgrp", "ct-engine", "/run/docker.sock")
        private.done("chmod", "0660", "/run/docker.sock")
        install_contctl(private)
        private.done("env", "-i", *ENVIRON, CONTCTL, "gateway", "install", "--apply")
        unit = service_unit("contctl", "contctl", CONTCTL)
        private.done("tee", "/run/unit/service", stdin=unit)
        launcher = Path(__file__).with_name("confined.py").read_text()
        private.done("tee", "/run/unit/confined.py", stdin=launcher)
        confined = [PYTHON, "/run/unit/confined.py", "/run/unit/service", SOCKET]
        serve = [*AS_GATEWAY, *confined, CONTCTL, "gateway", "serve"]
        command = ["env", "-i", *ENVIRON, "unshare", "--mount", "sh", "-c", PROC, "-", *serve]
        log = tmp_path / "log"
        process = processes.start(private.command(*command), log)
        try:
            processes.await_ready(process, lambda: '"serving"' in log.read_text(), SECONDS, log)
            status = Path(f"/proc/{process.pid}/status").read_text()
            assert "Seccomp:\t2\n" in status
            yield private
        except RuntimeError:
            if process.poll() == UNSUPPORTED:
                unavailable("this kernel cannot deny memory that is written and run")
            raise
        finally:
            if process.poll() is None:
                assert processes.stop(process, SECONDS)
        assert not [line for line in log.read_text().splitlines() if '"bug"' in line]


def asked(host: PrivateHost, *args: str) -> subprocess.CompletedProcess[str]:
    """Run `contctl ARGS` there; a password is on standard input."""
    return host.run("env", "-i", *ASKS, CONTCTL, *args, stdin=f"{PASSWORD}\n")


@pytest.mark.docker
def test_it_works_within_its_unit(host: PrivateHost) -> None:
    for args in (
        ("init", "--username", "ada", "--password-stdin"),
        ("login", "ada", "--password-stdin"),
        ("user", "add", "bob", "--role", "viewer", "--password-stdin"),
        ("run", "-d", "--name", "ct-unit", "busybox", "sleep", "600"),
        ("ps",),
        ("exec", "ct-unit", "true"),
        ("logs", "ct-unit"),
        ("rm", "-f", "ct-unit"),
        ("refresh",),
        ("key", "rotate"),
        ("audit", "rotate"),
        ("audit", "verify"),
    ):
        result = asked(host, *args)
        assert result.returncode == 0, (args, result.stderr)
