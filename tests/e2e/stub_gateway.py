"""A gateway's socket in a mount namespace, and something that answers there as a gateway would."""

import json
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from tests.e2e.machine import CONTCTL, SECONDS, Machine, Result
from tests.requirements import unavailable

MOUNT = 'mount -t tmpfs -o mode=755 tmpfs /run && mkdir /run/contctl && mount --bind "$0" "$1"'
"""`/run` is another one for the command only: nobody else finds a gateway there."""


class StubGateway(threading.Thread):
    """Says what it is, and that nobody is logged in. asked: the requests' first lines."""

    def __init__(self, path: Path) -> None:
        super().__init__(daemon=True)
        self.asked: list[str] = []
        self._server = socket.socket(socket.AF_UNIX)
        self._server.bind(str(path))
        self._server.listen()
        self.start()

    def run(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._server.accept()
                with connection:
                    connection.settimeout(SECONDS)
                    self._serve(connection)

    def close(self) -> None:
        """Listen no more; the socket stays where it is. May be called more than once."""
        with suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self.join(SECONDS)

    def _serve(self, connection: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            received = connection.recv(65536)
            if not received:
                return
            head += received
        line = head.split(b"\r\n")[0].decode()
        self.asked.append(line)
        if line.startswith("GET /v1/info "):
            connection.sendall(_answer("200 OK", "application/json", {"version": "9.9", "api": 1}))
            return
        problem = {"title": "x", "status": 401, "detail": "the stub knows nobody"}
        problem |= {"code": "not-authenticated", "hint": None, "details": {}}
        connection.sendall(_answer("401 Unauthorized", "application/problem+json", problem))


def _answer(status: str, kind: str, content: object) -> bytes:
    body = json.dumps(content).encode()
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    return f"{head}Contctl-Version: 0.1.0\r\nConnection: close\r\n\r\n".encode() + body


def beside(
    folder: Path,
    machine: Machine,
    *args: str,
    prefix: tuple[str, ...] = (),
    environ: Mapping[str, str] | None = None,
) -> Result:
    """Run `contctl ARGS` where `folder` is /run/contctl. prefix: a command that runs it."""
    if os.geteuid() != 0:
        unavailable("a mount namespace of its own needs root")
    if shutil.which("unshare") is None:
        unavailable("unshare is not installed")
    script = f'{MOUNT} && shift && exec "$@"'
    done = subprocess.run(
        [
            "unshare", "--mount", "--propagation", "private", "sh", "-c", script, str(folder),
            "/run/contctl", *prefix, str(CONTCTL), *args,
        ],
        env=machine.environment(environ),
        capture_output=True,
        check=False,
        timeout=SECONDS,
    )  # fmt: skip
    return Result(done.returncode, done.stdout.decode(), done.stderr.decode())
