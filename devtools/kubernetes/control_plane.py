"""The command lines of a private cluster's servers; each listens on the loopback interface only."""

import ipaddress
from dataclasses import dataclass
from pathlib import Path

from devtools.kubernetes.certificates import Pair

SERVICES = ipaddress.IPv4Network("10.96.0.0/24")
APISERVER_ADDRESS = str(SERVICES[1])
DNS_ADDRESS = str(SERVICES[10])


@dataclass(frozen=True)
class Ports:
    """Where each server listens on 127.0.0.1."""

    apiserver: int
    etcd: int
    etcd_peers: int
    kubelet: int


@dataclass(frozen=True)
class ControlPlane:
    """folder: the data's.  programs: the folder of the servers.  authority: the CA's certificate.
    serving: apiserver's own.  admin: what it shows to kubelet, and with which the others come.
    kubeconfig: the administrator's."""

    folder: Path
    programs: Path
    ports: Ports
    authority: Path
    serving: Pair
    admin: Pair
    kubeconfig: Path

    def etcd(self) -> list[str]:
        """The database, in memory: a busy disk would delay every write to the cluster."""
        data = self.folder / "etcd"
        data.mkdir(mode=0o700)
        clients = f"http://127.0.0.1:{self.ports.etcd}"
        peers = f"http://127.0.0.1:{self.ports.etcd_peers}"
        script = 'mount -t tmpfs -o mode=700 tmpfs "$0"; exec etcd --data-dir="$0" "$@"'
        return [
            *("unshare", "--mount", "--propagation", "private", "sh", "-ec", script, str(data)),
            f"--listen-client-urls={clients}",
            f"--advertise-client-urls={clients}",
            f"--listen-peer-urls={peers}",
            f"--initial-advertise-peer-urls={peers}",
            f"--initial-cluster=default={peers}",
        ]

    def apiserver(self) -> list[str]:
        """The server that clients speak to."""
        return [
            str(self.programs / "kube-apiserver"),
            f"--etcd-servers=http://127.0.0.1:{self.ports.etcd}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            "--endpoint-reconciler-type=none",
            f"--secure-port={self.ports.apiserver}",
            f"--cert-dir={self.folder}",
            f"--tls-cert-file={self.serving.certificate}",
            f"--tls-private-key-file={self.serving.key}",
            f"--client-ca-file={self.authority}",
            f"--kubelet-certificate-authority={self.authority}",
            f"--kubelet-client-certificate={self.admin.certificate}",
            f"--kubelet-client-key={self.admin.key}",
            f"--service-account-key-file={self.serving.certificate}",
            f"--service-account-signing-key-file={self.serving.key}",
            f"--service-account-issuer=https://127.0.0.1:{self.ports.apiserver}",
            f"--service-cluster-ip-range={SERVICES}",
            "--authorization-mode=RBAC",
            "--anonymous-auth=false",
            "--allow-privileged=true",
        ]

    def controller_manager(self) -> list[str]:
        """What turns workloads into pods."""
        return [
            str(self.programs / "kube-controller-manager"),
            *self._as_admin(),
            f"--service-account-private-key-file={self.serving.key}",
            f"--root-ca-file={self.authority}",
            "--kube-api-qps=200",
            "--kube-api-burst=400",
        ]

    def scheduler(self) -> list[str]:
        """What gives a pod its node."""
        return [
            str(self.programs / "kube-scheduler"),
            *self._as_admin(),
            "--kube-api-qps=200",
            "--kube-api-burst=400",
        ]

    def _as_admin(self) -> list[str]:
        return [
            f"--kubeconfig={self.kubeconfig}",
            "--leader-elect=false",
            "--port=0",
            "--secure-port=0",
            f"--cert-dir={self.folder}",
        ]
