"""A private Docker engine: its own folder, socket and bridge, so that several run side by side.

Needs root and the programs `dockerd`, `containerd`, `runc`, `ip`, `mount` and `unshare`.
"""

import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from devtools import bridges, processes
from devtools.http_unix import request, request_json

START_SECONDS = 60.0
STOP_SECONDS = 20.0
_PROGRAMS = ("dockerd", "containerd", "runc", "ip", "mount", "unshare")
# dockerd warns of each container that is made on a machine which does not forward packets. The
# containers here talk to nobody but this machine, so the setting stays what it is and dockerd reads
# another one, in a mount namespace of its own.
_ALONE = """\
mount --bind "$1" /proc/sys/net/ipv4/ip_forward
shift
exec "$@"
"""


def missing() -> str | None:
    """Why no private engine can be started here; None if one can."""
    return missing_programs("a private Docker engine", _PROGRAMS)


def missing_programs(what: str, programs: Sequence[str]) -> str | None:
    """Why `what`, which needs root and `programs`, cannot be started here; None if it can."""
    if os.geteuid() != 0:
        return f"{what} needs root"
    absent = [program for program in programs if shutil.which(program) is None]
    return f"not installed: {', '.join(absent)}" if absent else None


class PrivateEngine:
    """A context manager around one dockerd. options: more of its options.

    host: its address, `unix://` and a path.  folder: its temporary folder; both are gone at exit.
    RuntimeError where it does not start.
    """

    def __init__(self, *options: str) -> None:
        self._options = options
        self.folder = Path(tempfile.mkdtemp(prefix="contctl-engine-"))
        self.host = f"unix://{self.folder}/docker.sock"
        self._bridge = f"cc{secrets.token_hex(5)}"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id of dockerd."""
        if self._process is None:
            raise RuntimeError("the private engine was not started")
        return self._process.pid

    def __enter__(self) -> Self:
        try:
            # Two engines on the default bridge docker0 would hand out the same addresses.
            network = f"10.{128 + secrets.randbelow(127)}.{secrets.randbelow(256)}.1/24"
            bridges.add(self._bridge, network)
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
        """Stop everything that runs here and leave nothing behind: its mounts go with the last of
        its processes."""
        if self._process is not None and self._process.poll() is None:
            remove_containers(self.host)
            processes.stop(self._process, STOP_SECONDS)
        containers = self.folder / "data" / "containers"
        ids = [entry.name for entry in containers.iterdir()] if containers.is_dir() else []
        kill_all_of(self.folder, ids)
        bridges.remove(self._bridge)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> None:
        log = self.folder / "log"
        (self.folder / "daemon.json").write_text("{}")
        forwarding = self.folder / "forwarding"
        forwarding.write_text("1\n")
        self._process = processes.start(
            [
                *("unshare", "--mount", "--propagation", "private"),
                *("sh", "-ec", _ALONE, "-", str(forwarding)),
                "dockerd",
                f"--data-root={self.folder}/data",
                f"--exec-root={self.folder}/exec",
                f"--host={self.host}",
                f"--pidfile={self.folder}/pid",
                f"--config-file={self.folder}/daemon.json",
                f"--bridge={self._bridge}",
                "--iptables=false",
                "--ip-masq=false",
                "--ip-forward=false",
                "--shutdown-timeout=5",
                *self._options,
            ],
            log,
        )
        processes.await_ready(self._process, self._answers, START_SECONDS, log)

    def _answers(self) -> bool:
        try:
            request(self.host, "GET", "/_ping", seconds=5)
        except (OSError, RuntimeError):
            return False
        return True


def remove_containers(host: str) -> None:
    """Remove all containers of the engine at `host`, as far as it answers."""
    try:
        for container in request_json(host, "GET", "/containers/json?all=1"):
            request(host, "DELETE", f"/containers/{container['Id']}?force=1")
    except (OSError, RuntimeError, ValueError):
        return


def kill_all_of(folder: Path, container_ids: Sequence[str]) -> None:
    """Kill what an engine left running: processes whose arguments name a file in its `folder`, and
    those in the control groups of its containers."""
    for pid in _processes_of(folder, container_ids):
        _kill(pid)


def _processes_of(folder: Path, container_ids: Sequence[str]) -> list[int]:
    ids = [os.fsencode(container_id) for container_id in container_ids]
    prefix = os.fsencode(folder) + b"/"
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            arguments = (entry / "cmdline").read_bytes().split(b"\0")[1:]
            groups = (entry / "cgroup").read_bytes()
        except OSError:
            continue
        named = any(argument.startswith(prefix) for argument in arguments)
        if named or any(container_id in groups for container_id in ids):
            found.append(int(entry.name))
    return found


def _kill(pid: int) -> None:
    try:
        os.kill(pid, 9)
    except ProcessLookupError:
        return
