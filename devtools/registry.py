"""A private image registry on the loopback interface.

Needs the program `docker-registry` of Debian's package of that name; a configuration file is its
one argument after `serve`.
"""

import http.client
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from devtools import processes

START_SECONDS = 20.0
STOP_SECONDS = 5.0
_CONFIGURATION = """\
version: 0.1
log: {{level: warn, accesslog: {{disabled: true}}}}
storage:
  filesystem: {{rootdirectory: "{folder}/data"}}
  delete: {{enabled: true}}
http:
  addr: {name}
"""


def missing() -> str | None:
    """Why no registry can be started here; None if one can."""
    if shutil.which("docker-registry") is None:
        return "not installed: docker-registry"
    return None


class PrivateRegistry:
    """A context manager around one docker-registry, on a port that was free.

    name: `127.0.0.1:PORT`, as it stands in front of a repository.
    RuntimeError where it does not start.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="contctl-registry-"))
        self.name = f"127.0.0.1:{_free_port()}"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        configuration, log = self.folder / "config.yml", self.folder / "log"
        configuration.write_text(_CONFIGURATION.format(folder=self.folder, name=self.name))
        try:
            self._process = processes.start(["docker-registry", "serve", str(configuration)], log)
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
            processes.stop(self._process, STOP_SECONDS)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection(self.name, timeout=2)
        try:
            connection.request("GET", "/v2/")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return int(port)
