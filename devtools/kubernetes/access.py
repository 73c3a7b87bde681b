"""What clients of a private cluster need, from the folder that it keeps: it may be another's."""

import json
import secrets
import time
from pathlib import Path

from devtools.kubernetes import kubeconfig
from devtools.kubernetes.api import Api
from devtools.kubernetes.certificates import Authority, Pair

NAMESPACE_SECONDS = 30.0


class Access:
    """folder: the cluster's.  kubeconfig: the file of its administrator."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kubeconfig = folder / "admin.kubeconfig"
        self.authority = Authority(folder)
        self.admin = Pair(folder / "admin.crt", folder / "admin.key")

    @property
    def reader_kubeconfig(self) -> Path:
        """The file of the user `reader`, who may only get, list and watch pods."""
        return self.folder / "reader.kubeconfig"

    @property
    def server(self) -> str:
        """`https://127.0.0.1:` and the port."""
        clusters = json.loads(self.kubeconfig.read_text())["clusters"]
        return str(clusters[0]["cluster"]["server"])

    @property
    def api(self) -> Api:
        """The administrator's requests."""
        return Api(self.server, self.authority.own.certificate, self.admin)

    def write_kubeconfig(self, path: Path, subject: str, days: int = 2) -> Path:
        """Write the kubeconfig of a new user. subject: `/O=GROUP/CN=USER`.  days: how long its
        certificate is valid; a negative number makes one that has expired."""
        user = self.authority.issue(f"user-{secrets.token_hex(4)}", subject, days=days)
        return kubeconfig.write(path, self.server, self.authority.own.certificate, user)

    def make_namespace(self, name: str) -> None:
        """Make a namespace and wait until it admits pods; RuntimeError where it does not."""
        self.api.request("POST", "/api/v1/namespaces", {"metadata": {"name": name}})
        deadline = time.monotonic() + NAMESPACE_SECONDS
        while not self.admits_pods(name):
            if time.monotonic() > deadline:
                raise RuntimeError(f"namespace {name} has no service account")
            time.sleep(0.05)

    def remove_namespace(self, name: str) -> None:
        """Have a namespace deleted with all in it; it ends some seconds later."""
        self.api.request("DELETE", f"/api/v1/namespaces/{name}")

    def admits_pods(self, namespace: str) -> bool:
        """Whether the namespace has the service account that a pod runs as."""
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/default"
        try:
            return bool(self.api.request("GET", path).get("secrets"))
        except RuntimeError:
            return False
