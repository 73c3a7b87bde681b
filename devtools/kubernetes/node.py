"""The one node of a private cluster: containerd and kubelet, in a mount namespace of their own.

There, /run, /var/lib and /var/log are folders of the cluster's, and the kernel's settings that
kubelet wants to change are files, so that the machine keeps its own.
"""

import contextlib
import ipaddress
import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from devtools import bridges, processes
from devtools.kubernetes import images
from devtools.kubernetes.certificates import Pair

NAME = (
    "127.0.0.1"  # An address as its name is what apiserver connects to: kubelet stays on loopback.
)
START_SECONDS = 60.0
_GONE_SECONDS = 10.0
_PLUGINS = "/usr/lib/cni"
_OWN_FOLDERS = ("run", "var/lib", "var/log")
_KERNEL_SETTINGS = {
    "vm/overcommit_memory": 1,
    "vm/panic_on_oom": 0,
    "kernel/panic": 10,
    "kernel/panic_on_oops": 1,
    "kernel/keys/root_maxkeys": 1000000,
    "kernel/keys/root_maxbytes": 25000000,
}
_CONTAINERD = """\
version = 2
root = "{folder}/containerd/root"
state = "{folder}/containerd/state"
disabled_plugins = ["io.containerd.internal.v1.opt"]
[grpc]
  address = "{folder}/containerd.sock"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{pause}"
  disable_apparmor = true
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  stream_server_address = "127.0.0.1"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{plugins}"
    conf_dir = "{folder}/cni"
"""


@dataclass(frozen=True)
class Network:
    """bridge: the interface's name, its own.  subnet: the pods' addresses, and the bridge's."""

    bridge: str
    subnet: ipaddress.IPv4Network

    @property
    def gateway(self) -> str:
        """The bridge's address."""
        return str(self.subnet[1])


class Node:
    """folder: its own, which exists.  programs: the folder with `kubelet`.  credentials: what
    kubelet shows to apiserver; it is also what it serves with, and lets in what `authority` signed.

    RuntimeError where a part does not start.
    """

    def __init__(
        self, folder: Path, programs: Path, authority: Path, credentials: Pair, network: Network
    ) -> None:
        self._folder = folder
        self._programs = programs
        self._authority = authority
        self._credentials = credentials
        self._network = network
        self._containerd: subprocess.Popen[bytes] | None = None
        self._kubelet: subprocess.Popen[bytes] | None = None
        self._namespace: str | None = None

    def start_containerd(self) -> None:
        """Start containerd with its network, and give it the images."""
        network = self._network
        bridges.add(network.bridge, f"{network.gateway}/{network.subnet.prefixlen}")
        (self._folder / "cni").mkdir()
        (self._folder / "cni" / "10-pods.conflist").write_text(json.dumps(self._cni()))
        (self._folder / "containerd.toml").write_text(
            _CONTAINERD.format(folder=self._folder, pause=images.PAUSE, plugins=_PLUGINS)
        )
        log = self._folder / "containerd.log"
        script = f"{self._mounts()}exec containerd --config {self._folder}/containerd.toml"
        self._containerd = processes.start(
            ["unshare", "--mount", "--propagation", "private", "sh", "-ec", script], log
        )
        processes.await_ready(self._containerd, self._containerd_answers, START_SECONDS, log)
        self._namespace = os.readlink(f"/proc/{self._containerd.pid}/ns/mnt")
        archive = self._folder / "images.tar"
        archive.write_bytes(images.archive())
        self._ctr("images", "import", str(archive))

    def start_kubelet(self, kubeconfig: Path, port: int, dns: str) -> None:
        """Start kubelet. port: on which it serves apiserver.  dns: the address that pods ask."""
        if self._containerd is None:
            raise RuntimeError("containerd was not started")
        configuration = self._folder / "kubelet.json"
        configuration.write_text(json.dumps(self._kubelet_configuration(port, dns)))
        self._kubelet = processes.start(
            [
                "nsenter",
                f"--mount=/proc/{self._containerd.pid}/ns/mnt",
                str(self._programs / "kubelet"),
                f"--config={configuration}",
                f"--kubeconfig={kubeconfig}",
                f"--root-dir={self._folder}/kubelet",
                f"--cert-dir={self._folder}",
                f"--hostname-override={NAME}",
                "--container-runtime=remote",
                f"--container-runtime-endpoint=unix://{self._folder}/containerd.sock",
                f"--pod-infra-container-image={images.PAUSE}",
            ],
            self._folder / "kubelet.log",
        )

    def ended(self) -> str | None:
        """Which part has ended by itself, with its last line; None if none has."""
        if self._kubelet is not None and self._kubelet.poll() is not None:
            lines = (self._folder / "kubelet.log").read_text(errors="replace").splitlines()
            return f"kubelet: {lines[-1] if lines else 'no output'}"
        return None

    def close(self) -> None:
        """End it and everything that runs on it; its mounts go with the last of its processes."""
        tasks = self._folder / "containerd/state/io.containerd.runtime.v2.task/k8s.io"
        for process in (self._kubelet, self._containerd):
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()
        containers = [entry.name for entry in tasks.iterdir()] if tasks.is_dir() else []
        for container in containers:
            with contextlib.suppress(OSError, ValueError):
                _kill(int((tasks / container / "init.pid").read_text()))
        for pid in _processes_in(self._namespace):
            _kill(pid)
        _remove_groups(containers)
        bridges.remove(self._network.bridge)

    def _mounts(self) -> str:
        own = self._folder / "own"
        lines = []
        for name in _OWN_FOLDERS:
            (own / name).mkdir(parents=True)
            lines.append(f"mount --bind {own}/{name} /{name}\n")
        for name, value in _KERNEL_SETTINGS.items():
            setting = own / name.replace("/", ".")
            setting.write_text(f"{value}\n")
            lines.append(f"mount --bind {setting} /proc/sys/{name}\n")
        return "".join(lines)

    def _cni(self) -> dict[str, object]:
        # The bridge is not CNI's gateway: it would switch on the machine's forwarding of packets.
        addresses = {"subnet": str(self._network.subnet), "gateway": self._network.gateway}
        return {
            "cniVersion": "0.4.0",
            "name": self._network.bridge,
            "plugins": [
                {
                    "type": "bridge",
                    "bridge": self._network.bridge,
                    "ipam": {
                        "type": "host-local",
                        "ranges": [[addresses]],
                        "routes": [{"dst": "0.0.0.0/0"}],
                        "dataDir": f"{self._folder}/addresses",
                    },
                }
            ],
        }

    def _kubelet_configuration(self, port: int, dns: str) -> dict[str, object]:
        return {
            "apiVersion": "kubelet.config.k8s.io/v1beta1",
            "kind": "KubeletConfiguration",
            "address": "127.0.0.1",
            "port": port,
            "readOnlyPort": 0,
            "healthzPort": 0,
            "tlsCertFile": str(self._credentials.certificate),
            "tlsPrivateKeyFile": str(self._credentials.key),
            "authentication": {
                "anonymous": {"enabled": False},
                "webhook": {"enabled": False},
                "x509": {"clientCAFile": str(self._authority)},
            },
            "authorization": {"mode": "AlwaysAllow"},
            "cgroupDriver": "cgroupfs",
            "cgroupsPerQOS": False,
            "enforceNodeAllocatable": [],
            "protectKernelDefaults": True,
            "makeIPTablesUtilChains": False,
            "failSwapOn": False,
            "clusterDNS": [dns],
            "clusterDomain": "cluster.local",
            "resolvConf": "",
            "maxPods": 600,
            "nodeStatusUpdateFrequency": "1s",
            "kubeAPIQPS": 100,
            "kubeAPIBurst": 200,
            "registryPullQPS": 0,
            "eventRecordQPS": 0,
            "imageGCHighThresholdPercent": 100,
            # A disk that is full for other reasons is not the tests' business.
            "evictionHard": {
                "memory.available": "1Mi",
                "nodefs.available": "0%",
                "nodefs.inodesFree": "0%",
                "imagefs.available": "0%",
            },
            "volumePluginDir": f"{self._folder}/volume-plugins",
        }

    def _containerd_answers(self) -> bool:
        try:
            self._ctr("version")
        except RuntimeError:
            return False
        return True

    def _ctr(self, *arguments: str) -> None:
        command = ["ctr", "--address", f"{self._folder}/containerd.sock", "--namespace", "k8s.io"]
        done = subprocess.run(
            [*command, *arguments], check=False, capture_output=True, text=True, timeout=60
        )
        if done.returncode:
            raise RuntimeError(f"ctr {arguments[0]}: {done.stderr.strip()}")


def _processes_in(namespace: str | None) -> list[int]:
    """The processes of a mount namespace: what containerd started, but for the containers."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if os.readlink(entry / "ns" / "mnt") == namespace:
                    found.append(int(entry.name))
    return found


def _remove_groups(containers: list[str]) -> None:
    """Remove the containers' control groups, which empties as their processes end."""
    deadline = time.monotonic() + _GONE_SECONDS
    left = [
        group
        for container in containers
        for group in Path("/sys/fs/cgroup").glob(f"*/k8s.io/{container}")
    ]
    while left and time.monotonic() < deadline:
        for group in left:
            with contextlib.suppress(OSError):
                group.rmdir()
        left = [group for group in left if group.exists()]
        time.sleep(0.05 if left else 0)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
