"""A private ssh server on the loopback interface, and a client's `ssh` that knows it.

Needs root and the programs `sshd`, `ssh` and `ssh-keygen` of Debian's openssh-server and -client.
"""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from devtools import processes
from devtools.ports import free_port

START_SECONDS = 20.0
STOP_SECONDS = 5.0
_PROGRAMS = ("sshd", "ssh", "ssh-keygen")
_SERVER = """\
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/client.pub
PidFile none
UsePAM no
StrictModes no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
MaxStartups 100
SetEnv HOME={folder}
"""
_CLIENT = """\
IdentityFile {folder}/client
IdentitiesOnly yes
UserKnownHostsFile {folder}/known_hosts
GlobalKnownHostsFile /dev/null
StrictHostKeyChecking yes
ControlPath {folder}/%C
"""


def missing() -> str | None:
    """Why no ssh server can be started here; None if one can."""
    if os.geteuid() != 0:
        return "a private ssh server needs root"
    absent = [program for program in _PROGRAMS if shutil.which(program) is None]
    return f"not installed: {', '.join(absent)}" if absent else None


class PrivateSshServer:
    """A context manager around one sshd, on a port that was free.

    host: `ssh://127.0.0.1:PORT`.  programs: a folder with an `ssh` to stand first on the PATH,
    which trusts the server, has a key for it, and lets many connections share one.
    RuntimeError where it does not start.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="contctl-ssh-"))
        self.port = free_port()
        self.host = f"ssh://127.0.0.1:{self.port}"
        self.programs = self.folder / "bin"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id of sshd."""
        if self._process is None:
            raise RuntimeError("the ssh server was not started")
        return self._process.pid

    def __enter__(self) -> Self:
        log = self.folder / "log"
        try:
            self._write_files()
            # Where sshd runs as root it locks itself into this folder, which an init would make.
            os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
            program = shutil.which("sshd") or "sshd"
            command = [program, "-D", "-e", "-f", str(self.folder / "sshd_config")]
            self._process = processes.start(command, log)
            processes.await_ready(self._process, self._answers, START_SECONDS, log)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Stop it and delete what it holds."""
        if self._process is not None and self._process.poll() is None:
            leave = [str(self.programs / "ssh"), "-O", "exit", "-p", str(self.port), "127.0.0.1"]
            subprocess.run(leave, check=False, capture_output=True)
            processes.stop(self._process, STOP_SECONDS)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _write_files(self) -> None:
        for name in ("host", "client"):
            make_key(self.folder / name)
        values = {"folder": self.folder, "port": self.port}
        (self.folder / "sshd_config").write_text(_SERVER.format(**values))
        key = (self.folder / "host.pub").read_text()
        (self.folder / "known_hosts").write_text(f"[127.0.0.1]:{self.port} {key}")
        self.write_client(self.programs, "ControlMaster auto", "ControlPersist 60")

    def write_client(self, programs: Path, *options: str) -> None:
        """Make the folder `programs` with an `ssh` in it. options: lines of its configuration that
        come before the usual ones."""
        programs.mkdir()
        config = programs / "ssh_config"
        config.write_text("\n".join((*options, _CLIENT.format(folder=self.folder))))
        ssh = programs / "ssh"
        ssh.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F {config} "$@"\n')
        ssh.chmod(0o755)

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), 2) as connection:
                return connection.recv(4) == b"SSH-"
        except OSError:
            return False


def make_key(path: Path) -> None:
    """Make the key at `path`, and its public half beside it."""
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)]
    subprocess.run(command, check=True, capture_output=True)
