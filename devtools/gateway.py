"""A private gateway: the installed `contctl gateway serve` in a folder of its own."""

import grp
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from devtools import processes
from devtools.http_unix import request

START_SECONDS = 60.0
STOP_SECONDS = 20.0
_CONTCTL = str(Path(sys.executable).with_name("contctl"))


class PrivateGateway:
    """A context manager around one gateway, without a store at first.

    engine: the address of its Docker engine, `unix://` and a path.  engines: the sections of other
    engines in its place, in TOML.  environ: variables beside this process's own.
    host: its own address.  data: its data folder; all of it is gone at exit.
    RuntimeError where it does not start.
    """

    def __init__(
        self, engine: str, engines: str | None = None, environ: Mapping[str, str] | None = None
    ) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="contctl-gateway-"))
        # Users other than this one connect too; the data folder is closed to them.
        self._folder.chmod(0o711)
        self.data = self._folder / "data"
        self.data.mkdir(mode=0o700)
        self.host = f"unix://{self._folder}/socket"
        self.starts = 0
        self._process: subprocess.Popen[bytes] | None = None
        group = grp.getgrgid(os.getegid()).gr_name
        self._configuration = self._folder / "gateway.toml"
        self._configuration.write_text(
            f'data = "{self.data}"\n'
            f'[listen]\nsocket = "{self._folder}/socket"\ngroup = "{group}"\n'
            + (engines or f'[engines.local]\ndocker = "{engine}"\n')
        )
        self._environ = {**os.environ, **(environ or {})}
        self._configuration.chmod(0o600)

    def __enter__(self) -> Self:
        try:
            self.start()
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

    def start(self) -> None:
        """Start it, the first time or again, and return once it answers."""
        self.starts += 1
        log = self._folder / f"log-{self.starts}"
        command = [_CONTCTL, "gateway", "serve", "--config", str(self._configuration)]
        self._process = processes.start(command, log, self._environ)
        processes.await_ready(self._process, self._answers, START_SECONDS, log)

    def kill(self) -> None:
        """End it at once: SIGKILL."""
        process = self._running()
        process.kill()
        process.wait(STOP_SECONDS)

    def memory(self) -> int:
        """Bytes that it holds in memory now: VmRSS (proc_pid_statm(5))."""
        pages = Path(f"/proc/{self._running().pid}/statm").read_text().split()[1]
        return int(pages) * resource.getpagesize()

    def log(self) -> str:
        """What all its processes said, as far as it can be read."""
        return "".join(
            (self._folder / f"log-{number}").read_text(errors="replace")
            for number in range(1, self.starts + 1)
        )

    def close(self) -> None:
        """End it, and leave nothing behind."""
        if self._process is not None and self._process.poll() is None:
            processes.stop(self._process, STOP_SECONDS)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _running(self) -> "subprocess.Popen[bytes]":
        if self._process is None:
            raise RuntimeError("the private gateway was not started")
        return self._process

    def _answers(self) -> bool:
        try:
            request(self.host, "GET", "/v1/info", seconds=5)
        except (OSError, RuntimeError):
            return False
        return True
