"""A cluster that somebody else runs, as KUBECONFIG names it: only its kubeconfig is known."""

import os
import subprocess
import time
from pathlib import Path
from typing import NoReturn

from devtools.kubernetes.access import NAMESPACE_SECONDS, Access
from devtools.kubernetes.api import Api
from tests.requirements import unavailable


class ForeignCluster(Access):
    """folder: for the tests' own files.  kubeconfig: a path, or several as KUBECONFIG joins them.

    What needs the cluster's authority skips the test.
    """

    def __init__(self, folder: Path, kubeconfig: str) -> None:
        super().__init__(folder)
        self.kubeconfig = Path(kubeconfig)

    @property
    def reader_kubeconfig(self) -> Path:
        _not_ours()

    @property
    def server(self) -> str:
        _not_ours()

    @property
    def api(self) -> Api:
        _not_ours()

    def write_kubeconfig(self, path: Path, subject: str, days: int = 2) -> Path:  # noqa: ARG002
        _not_ours()

    def make_namespace(self, name: str) -> None:
        self._kubectl("create", "namespace", name)
        deadline = time.monotonic() + NAMESPACE_SECONDS
        while not self._kubectl("get", "serviceaccounts", f"--namespace={name}", "--output=name"):
            if time.monotonic() > deadline:
                raise RuntimeError(f"namespace {name} has no service account")
            time.sleep(0.1)

    def remove_namespace(self, name: str) -> None:
        self._kubectl("delete", "namespace", name, "--wait=false")

    def _kubectl(self, *arguments: str) -> str:
        environ = os.environ | {"KUBECONFIG": str(self.kubeconfig)}
        done = subprocess.run(
            ["kubectl", *arguments], env=environ, check=False, capture_output=True, text=True
        )
        if done.returncode:
            raise RuntimeError(f"kubectl {arguments[0]}: {done.stderr.strip()}")
        return done.stdout


def _not_ours() -> NoReturn:
    unavailable("the cluster of KUBECONFIG is not one of `make kubernetes`")
