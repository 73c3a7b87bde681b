"""A private Kubernetes cluster of one node, on the loopback interface, with real pods.

Needs root, the programs that `devtools.kubernetes.build` makes, and the packages etcd-server,
containerd, runc, containernetworking-plugins, busybox-static, iproute2, util-linux and openssl.
"""

import contextlib
import ipaddress
import os
import random
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from devtools import processes
from devtools.kubernetes import build, kubeconfig
from devtools.kubernetes.access import Access
from devtools.kubernetes.control_plane import (
    APISERVER_ADDRESS,
    DNS_ADDRESS,
    ControlPlane,
    Ports,
)
from devtools.kubernetes.node import NAME, Network, Node

START_SECONDS = 120.0
_PROGRAMS = ("etcd", "containerd", "ctr", "runc", "ip", "unshare", "nsenter", "openssl")
_NOT_BUILT = "no Kubernetes was built on this machine: make kubernetes"
_BRIDGE_PLUGIN = Path("/usr/lib/cni/bridge")


def missing() -> str | None:
    """Why no private cluster can be started here; None if one can."""
    if os.geteuid() != 0:
        return "a private Kubernetes cluster needs root"
    absent = [program for program in _PROGRAMS if shutil.which(program) is None]
    if not _BRIDGE_PLUGIN.exists():
        absent.append("containernetworking-plugins")
    if absent:
        return f"not installed: {', '.join(absent)}"
    if build.built() is None:
        return _NOT_BUILT
    return None


class PrivateCluster(Access):
    """A context manager around one cluster; it and its folder are gone at exit.

    RuntimeError where it does not start.
    """

    def __init__(self) -> None:
        programs = build.built()
        if programs is None:
            raise RuntimeError(_NOT_BUILT)
        self._programs = programs
        super().__init__(Path(tempfile.mkdtemp(prefix="contctl-cluster-")))
        self._running: list[subprocess.Popen[bytes]] = []
        self._node: Node | None = None

    def __enter__(self) -> Self:
        try:
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
        if self._node is not None:
            self._node.close()
        for process in reversed(self._running):
            process.kill()
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self) -> None:
        servers = self._control_plane()
        self._run("etcd", servers.etcd())
        apiserver = self._run("apiserver", servers.apiserver())
        node = self._start_node()
        processes.await_ready(apiserver, self._answers, START_SECONDS, self._log("apiserver"))
        self._run("controller-manager", servers.controller_manager())
        self._run("scheduler", servers.scheduler())
        node.start_kubelet(self.kubeconfig, servers.ports.kubelet, DNS_ADDRESS)
        self._allow_reader()
        self._await(lambda: self.admits_pods("default"), "the default namespace")
        self._await(self._node_is_ready, "the node")

    def _control_plane(self) -> ControlPlane:
        self.authority.create()
        addresses = ["IP:127.0.0.1", "DNS:localhost"]
        self.authority.issue("admin", "/O=system:masters/CN=admin", *addresses)
        serving = self.authority.issue(
            "apiserver", "/CN=apiserver", *addresses, f"IP:{APISERVER_ADDRESS}"
        )
        authority, ports = self.authority.own.certificate, Ports(*_free_ports(4))
        server = f"https://127.0.0.1:{ports.apiserver}"
        kubeconfig.write(self.kubeconfig, server, authority, self.admin)
        self.write_kubeconfig(self.reader_kubeconfig, "/CN=reader")
        return ControlPlane(
            self.folder, self._programs, ports, authority, serving, self.admin, self.kubeconfig
        )

    def _start_node(self) -> Node:
        subnet = f"10.{128 + secrets.randbelow(127)}.{4 * secrets.randbelow(64)}.0/22"
        network = Network(f"ck{secrets.token_hex(5)}", ipaddress.IPv4Network(subnet))
        folder = self.folder / "node"
        folder.mkdir()
        authority = self.authority.own.certificate
        self._node = Node(folder, self._programs, authority, self.admin, network)
        self._node.start_containerd()
        return self._node

    def _run(self, name: str, command: list[str]) -> subprocess.Popen[bytes]:
        self._running.append(processes.start(command, self._log(name)))
        return self._running[-1]

    def _log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _await(self, ready: Callable[[], bool], what: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not ready():
            ended = [str(process.args) for process in self._running if process.poll() is not None]
            if self._node is not None and (reason := self._node.ended()):
                ended.append(reason)
            if ended or time.monotonic() > deadline:
                raise RuntimeError(f"{what} was not ready: {', '.join(ended) or 'time is over'}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        try:
            self.api.request("GET", "/readyz")
        except (OSError, RuntimeError):
            return False
        return True

    def _node_is_ready(self) -> bool:
        try:
            node = self.api.request("GET", f"/api/v1/nodes/{NAME}")
        except RuntimeError:
            return False
        conditions = {each["type"]: each["status"] for each in node["status"]["conditions"]}
        taints = node["spec"].get("taints")
        return conditions.get("Ready") == "True" and not taints

    def _allow_reader(self) -> None:
        roles = "/apis/rbac.authorization.k8s.io/v1"
        rule = {"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]}
        role = {"metadata": {"name": "reader"}, "rules": [rule]}
        self.api.request("POST", f"{roles}/clusterroles", role)
        binding = {
            "metadata": {"name": "reader"},
            "roleRef": {
                "apiGroup": "rbac.authorization.k8s.io",
                "kind": "ClusterRole",
                "name": "reader",
            },
            "subjects": [{"kind": "User", "name": "reader"}],
        }
        self.api.request("POST", f"{roles}/clusterrolebindings", binding)


def _free_ports(count: int) -> list[int]:
    """Ports that nobody has, outside the range that connections are made from."""
    found: list[int] = []
    for port in random.SystemRandom().sample(range(20000, 30000), 1000):
        if len(found) == count:
            return found
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            found.append(port)
    raise RuntimeError("no free ports")
