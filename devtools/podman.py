"""A private Podman service: its own storage, socket, networks and locks, so that several run side
by side and none knows of the machine's own.

Needs root and the programs `podman`, `runc`, `conmon` and `umount`.
"""

import os
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from devtools import bridges, processes
from devtools.engine import kill_all_of, missing_programs, remove_containers
from devtools.http_unix import request

START_SECONDS = 60.0
STOP_SECONDS = 10.0
_PROGRAMS = ("podman", "runc", "conmon", "ip", "umount")
_CONFIGURATION = """\
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
log_driver = "k8s-file"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
tmp_dir = "{folder}/tmp"
volume_path = "{folder}/volumes"
[network]
network_backend = "cni"
network_config_dir = "{folder}/networks"
"""
# The bridge is not CNI's gateway: it would switch on the machine's forwarding of packets.
_NETWORK = """\
{{"cniVersion": "0.4.0", "name": "podman", "plugins": [{{
  "type": "bridge", "bridge": "{bridge}", "hairpinMode": true,
  "ipam": {{"type": "host-local", "dataDir": "{folder}/addresses",
            "routes": [{{"dst": "0.0.0.0/0"}}], "ranges": [[{{"subnet": "{subnet}"}}]]}}}}]}}
"""
_REGISTRY = """\
[[registry]]
location = "{name}"
insecure = true
"""


def missing() -> str | None:
    """Why no private Podman can be started here; None if one can."""
    return missing_programs("a private Podman", _PROGRAMS)


class PrivatePodman:
    """A context manager around one `podman system service`.

    host: its address, `unix://` and a path.  folder: its temporary folder; both are gone at exit.
    registry: the name of one that is spoken to without TLS. RuntimeError where it does not start.
    """

    def __init__(self, registry: str | None = None) -> None:
        self._registry = registry
        self.folder = Path(tempfile.mkdtemp(prefix="contctl-podman-"))
        self.host = f"unix://{self.folder}/podman.sock"
        self._bridge = f"cp{secrets.token_hex(5)}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id of the service."""
        if self._process is None:
            raise RuntimeError("the private Podman was not started")
        return self._process.pid

    def __enter__(self) -> Self:
        try:
            self._configure()
            self._start()
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
        """Stop everything that runs here and leave nothing behind."""
        if self._process is not None and self._process.poll() is None:
            remove_containers(self.host)
            processes.stop(self._process, STOP_SECONDS)
        kill_all_of(self.folder, self._container_ids())
        _unmount_below(self.folder)
        bridges.remove(self._bridge)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _configure(self) -> None:
        network = f"10.{64 + secrets.randbelow(64)}.{secrets.randbelow(256)}"
        bridges.add(self._bridge, f"{network}.1/24")
        networks = self.folder / "networks"
        networks.mkdir()
        (networks / "87-podman.conflist").write_text(
            _NETWORK.format(folder=self.folder, bridge=self._bridge, subnet=f"{network}.0/24")
        )
        registries = _REGISTRY.format(name=self._registry) if self._registry else ""
        (self.folder / "registries.conf").write_text(registries)
        (self.folder / "containers.conf").write_text(_CONFIGURATION.format(folder=self.folder))

    def _start(self) -> None:
        log = self.folder / "log"
        environ = {
            **os.environ,
            "CONTAINERS_CONF": f"{self.folder}/containers.conf",
            "CONTAINERS_REGISTRIES_CONF": f"{self.folder}/registries.conf",
        }
        command = [
            "podman",
            f"--root={self.folder}/storage",
            f"--runroot={self.folder}/run",
            f"--tmpdir={self.folder}/tmp",
            "--storage-driver=overlay",
            "system",
            "service",
            "--time=0",
            self.host,
        ]
        self._process = processes.start(command, log, environ)
        processes.await_ready(self._process, self._answers, START_SECONDS, log)

    def _answers(self) -> bool:
        try:
            request(self.host, "GET", "/_ping", seconds=5)
        except (OSError, RuntimeError):
            return False
        return True

    def _container_ids(self) -> list[str]:
        made = self.folder / "storage" / "overlay-containers"
        return [entry.name for entry in made.iterdir() if entry.is_dir()] if made.is_dir() else []


def _unmount_below(folder: Path) -> None:
    for mount in _mounts_below(folder):
        subprocess.run(["umount", "--lazy", mount], check=False, capture_output=True)


def _mounts_below(folder: Path) -> list[str]:
    lines = Path("/proc/self/mounts").read_text().splitlines()
    points = [line.split(" ")[1] for line in lines]
    return [point for point in reversed(points) if point.startswith(f"{folder}/")]
