"""Engines through the system's ssh, as docker's command line reaches them (docker/cli,
`cli/connhelper`): a process `ssh HOST docker system dial-stdio` for each connection."""

import os
import shlex
import shutil
import socket
import subprocess
from contextlib import suppress
from math import ceil
from typing import TYPE_CHECKING, Any

from contctl.backends.docker.addresses import Remote, parse_remote
from contctl.backends.docker.endpoint import Endpoint
from contctl.backends.http.sockets import DeadlineSocket
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

_SHORTEST = 10
"""Seconds: a name look-up, a connection and a key exchange over a network."""
_ENDING = 2.0
"""Seconds for ssh to end after its output has."""
_MAX_STDERR = 64 * 1024
_NOT_FOR_SSH = ("CONTCTL_TOKEN", "CONTCTL_TOKEN_FILE")


class SshError(ConnectionError):
    """ssh ended by itself. code: its exit code, 255 for its own errors, else the other end's.
    line: the last that it said, empty for nothing.  answered: whether the engine was reached."""

    def __init__(self, code: int, line: str, *, answered: bool) -> None:
        super().__init__(line)
        self.code = code
        self.line = line
        self.answered = answered


class SshDialer:
    """Connects to the engine at an `ssh://` endpoint."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._remote = parse_remote(endpoint.address, endpoint.reason)
        self._program = endpoint.program

    def __call__(self, seconds: float) -> "SshConnection":
        """A connection; whether ssh gets through is seen when it is read from. seconds: for ssh to
        connect, but at least ten. ContctlError UNAVAILABLE where there is no ssh."""
        program = shutil.which("ssh")
        if program is None:
            raise ContctlError(
                ErrorCode.UNAVAILABLE,
                "ssh is not installed, or not on the PATH",
                hint="install it, on Debian with 'apt install openssh-client'",
            )
        command = ssh_command(self._remote, self._program, max(_SHORTEST, ceil(seconds)))
        return SshConnection([program, *command[1:]], seconds)


def ssh_command(remote: Remote, program: str, seconds: int) -> list[str]:
    """What connects to the engine of `remote`. It never asks anything, for it has no terminal of
    its own: keys come from ssh-agent, or have no passphrase. seconds: to connect."""
    options = ["-T", "-o", "BatchMode=yes", "-o", f"ConnectTimeout={seconds}"]
    options += ["-o", "ServerAliveInterval=30"]
    if remote.user is not None:
        options += ["-l", remote.user]
    if remote.port is not None:
        options += ["-p", str(remote.port)]
    place = [f"--host=unix://{remote.path}"] if remote.path.strip("/") else []
    there = shlex.join([program, *place, "system", "dial-stdio"])
    return ["ssh", *options, "--", remote.host, there]


class SshConnection(DeadlineSocket):
    """A `Connection` whose other end is the standard input and output of a process.

    ContctlError UNAVAILABLE where that cannot be run. seconds: the first limit.
    """

    def __init__(self, command: list[str], seconds: float) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            super().__init__(fileno=ours.detach())
            self._answered = self._leaving = False
            self._process: subprocess.Popen[bytes] | None = None
            try:
                self._process = _start(command, theirs)
            except OSError as error:
                self.close()
                raise ContctlError(
                    ErrorCode.UNAVAILABLE, f"cannot run {command[0]}: {error.strerror or error}"
                ) from error
        self.limit(seconds)

    def recv_into(self, buffer: "WriteableBuffer", nbytes: int = 0, flags: int = 0) -> int:
        """As socket.socket's, within the deadline; SshError where ssh failed."""
        try:
            count = super().recv_into(buffer, nbytes, flags)
        except ConnectionError:
            self._check_ended()
            raise
        if count:
            self._answered = True
        else:
            self._check_ended()
        return count

    def sendall(self, data: "ReadableBuffer", flags: int = 0) -> None:
        """As socket.socket's, within the deadline; SshError where ssh failed."""
        try:
            super().sendall(data, flags)
        except ConnectionError:
            self._check_ended()
            raise

    def shutdown(self, how: int, /) -> None:
        """As socket.socket's; for both directions it also ends ssh."""
        process = self._process
        if how == socket.SHUT_RDWR and process is not None:
            self._leaving = True
            process.terminate()
        super().shutdown(how)

    def close(self) -> None:
        """Close the connection, and end ssh."""
        super().close()
        process, self._process = self._process, None
        if process is None:
            return
        _end(process)
        if process.stderr is not None:
            process.stderr.close()

    def _check_ended(self) -> None:
        """Raise unless ssh ended in peace: its output ends also where it lost its way."""
        process = self._process
        if process is None or self._leaving:
            return
        with suppress(subprocess.TimeoutExpired):
            process.wait(_ENDING)
        if process.returncode != 0:
            code = 255 if process.returncode is None else process.returncode
            raise SshError(code, _last_line(process.stderr), answered=self._answered)


def _start(command: list[str], end: socket.socket) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(  # noqa: S603 - host and user are options' values or stand after --
        command,
        stdin=end.fileno(),
        stdout=end.fileno(),
        stderr=subprocess.PIPE,
        env={name: os.environ[name] for name in os.environ if name not in _NOT_FOR_SSH},
        # A Ctrl-C is contctl's: on its way through ssh it would cut the connection.
        start_new_session=True,
    )
    if process.stderr is not None:
        os.set_blocking(process.stderr.fileno(), False)
    return process


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(_ENDING)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _last_line(stderr: Any) -> str:
    """Without waiting for its end: a connection that others share holds it open."""
    with suppress(OSError, ValueError):
        said = stderr.read(_MAX_STDERR) or b""
        lines = said.decode("utf-8", "replace").strip().splitlines()
        return lines[-1].strip() if lines else ""
    return ""
