"""The file that tells clients where a cluster is and who they are."""

import base64
import json
import os
from pathlib import Path

from devtools.kubernetes.certificates import Pair


def write(
    path: Path, server: str, authority: Path, user: Pair, *, namespace: str = "default"
) -> Path:
    """Write a kubeconfig (JSON, which is YAML) of one context, `test`, readable by its owner.

    server: `https://` and an address.  authority: the certificate that server's is signed by.
    """
    configuration = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "test",
        "contexts": [
            {
                "name": "test",
                "context": {"cluster": "test", "user": "test", "namespace": namespace},
            }
        ],
        "clusters": [
            {
                "name": "test",
                "cluster": {"server": server, "certificate-authority-data": _base64(authority)},
            }
        ],
        "users": [
            {
                "name": "test",
                "user": {
                    "client-certificate-data": _base64(user.certificate),
                    "client-key-data": _base64(user.key),
                },
            }
        ],
    }
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w") as file:
        file.write(json.dumps(configuration, indent=1))
    return path


def _base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
