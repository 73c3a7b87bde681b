"""Which cluster is spoken to, and as whom: kubeconfig files, or the service account of a pod.

Source: Kubernetes documentation, "Organizing Cluster Access Using kubeconfig Files" (merging) and
"Accessing the API from a Pod"; client-go, tools/clientcmd. There is no fallback to an unnamed
server.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from contctl.backends.files import read_trusted
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from contctl.core.domain.containers import Json
    from contctl.core.domain.engines import EngineAddress

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where a pod finds its own credentials."""

_LARGEST = 8 * 1024 * 1024
_NAMED = (("clusters", "cluster"), ("contexts", "context"), ("users", "user"))
_SECRETS = ("client-key-data", "token", "password")


@dataclass(frozen=True, slots=True)
class Access:
    """A cluster, and the user of it, as a kubeconfig describes them.

    source: the file that names the server.  cluster, user: its entries, with absolute paths.
    namespace: the chosen one.  user_name: for people.  in_cluster: a pod's own.
    """

    source: str
    server: str
    cluster: Json
    user: Json
    namespace: str
    user_name: str
    in_cluster: bool = False


def choose(
    address: EngineAddress, environ: Mapping[str, str], service_account: Path = SERVICE_ACCOUNT
) -> Access:
    """What `address` names. ContctlError STORE, which names the file, for a kubeconfig that is
    absent, damaged, open to others, or speaks of what it does not have; NOT_FOUND for an unknown
    context."""
    files = _files(environ)
    present = [path for path in files if path.exists()]
    if present:
        return _of_files(present, address)
    if environ.get("KUBERNETES_SERVICE_HOST") and not environ.get("KUBECONFIG"):
        return _of_pod(environ, address, service_account)
    where = os.pathsep.join(str(path) for path in files)
    raise ContctlError(
        ErrorCode.STORE,
        f"there is no kubeconfig: {where}",
        hint="name one with KUBECONFIG",
    )


def _files(environ: Mapping[str, str]) -> list[Path]:
    named = environ.get("KUBECONFIG")
    if named:
        return [Path(part).absolute() for part in named.split(os.pathsep) if part]
    return [Path(environ.get("HOME") or os.path.expanduser("~")) / ".kube" / "config"]


def _of_files(files: list[Path], address: EngineAddress) -> Access:
    documents = [(path, _read(path)) for path in files]
    currents = [document.get("current-context") for _, document in documents]
    name = address.kube_context or next(filter(None, currents), None)
    shown = os.pathsep.join(str(path) for path in files)
    if not isinstance(name, str) or not name:
        raise ContctlError(
            ErrorCode.STORE,
            f"{shown}: there is no current context",
            hint="choose one with 'kubectl config use-context', or with --kube-context",
        )
    found = _entry(documents, "contexts", name)
    if found is None:
        raise ContctlError(
            ErrorCode.NOT_FOUND,
            f"no such context in the kubeconfig {shown}: {name}",
            hint="'kubectl config get-contexts' shows them",
        )
    path, context = found
    cluster_path, cluster = _required(documents, "clusters", context.get("cluster"), path, name)
    user_name = context.get("user") or ""
    user_path, user = (
        _required(documents, "users", user_name, path, name) if user_name else (path, {})
    )
    server = cluster.get("server")
    if not isinstance(server, str) or not server.startswith(("https://", "http://")):
        _damaged(cluster_path, f"the cluster of the context {name} has no server")
    if "@" in server:
        # It is shown in errors and records.
        _damaged(cluster_path, f"the server of the context {name} has a user name in its address")
    _check_secrets(user_path, user)
    return Access(
        source=str(cluster_path),
        server=server.rstrip("/"),
        cluster=_absolute(cluster, cluster_path),
        user=_absolute(user, user_path),
        namespace=_namespace(address.namespace or context.get("namespace"), path),
        user_name=str(user_name),
    )


def _of_pod(environ: Mapping[str, str], address: EngineAddress, account: Path) -> Access:
    host, port = environ["KUBERNETES_SERVICE_HOST"], environ.get("KUBERNETES_SERVICE_PORT", "443")
    token = account / "token"
    if not token.exists():
        raise ContctlError(
            ErrorCode.STORE,
            f"this pod has no service account: {token} is not there",
            hint="name a kubeconfig with KUBECONFIG",
        )
    namespace = address.namespace
    if not namespace and (account / "namespace").exists():
        namespace = read_trusted(account / "namespace").decode("ascii", "replace").strip()
    return Access(
        source=str(token),
        server=f"https://{f'[{host}]' if ':' in host else host}:{port}",
        cluster={"certificate-authority": str(account / "ca.crt")},
        user={"tokenFile": str(token)},
        namespace=_namespace(namespace, token),
        user_name="the pod's service account",
        in_cluster=True,
    )


def _read(path: Path) -> Json:
    import yaml

    content = read_trusted(path, _LARGEST)
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        document = yaml.load(content, Loader=loader)  # noqa: S506 - a safe loader
    except (yaml.YAMLError, ValueError, RecursionError):
        _damaged(path, "it is no kubeconfig: not YAML")
    if not isinstance(document, dict):
        _damaged(path, "it is no kubeconfig")
    return document


def _entry(
    documents: list[tuple[Path, Json]], section: str, name: object
) -> tuple[Path, Json] | None:
    """The first entry of that name, of the first file that has one."""
    field = dict(_NAMED)[section]
    for path, document in documents:
        entries = document.get(section) or []
        if not isinstance(entries, list):
            _damaged(path, f"{section} is no list")
        for each in entries:
            if isinstance(each, dict) and each.get("name") == name:
                content = each.get(field)
                if not isinstance(content, dict):
                    _damaged(path, f"the entry {name} of {section} has no {field}")
                return path, content
    return None


def _required(
    documents: list[tuple[Path, Json]], section: str, name: object, path: Path, context: str
) -> tuple[Path, Json]:
    found = _entry(documents, section, name)
    if found is None:
        kind = dict(_NAMED)[section]
        _damaged(path, f"the context {context} names the {kind} {name!s}, which is not there")
    return found


def _namespace(value: object, path: Path) -> str:
    if not value:
        return "default"
    if not isinstance(value, str) or "/" in value or not value.isprintable():
        _damaged(path, "its namespace is none")
    return value


def _absolute(entry: Json, path: Path) -> Json:
    """Relative paths are relative to the file that has them."""
    paths: dict[str, Any] = {
        key: str(path.parent / entry[key])
        for key in ("certificate-authority", "client-certificate", "client-key", "tokenFile")
        if isinstance(entry.get(key), str) and entry[key]
    }
    return {**entry, **paths}


def _check_secrets(path: Path, user: Json) -> None:
    if any(user.get(key) for key in _SECRETS):
        check_private(path)
    for key in ("client-key", "tokenFile"):
        if isinstance(user.get(key), str) and user[key]:
            check_private(path.parent / user[key])


def check_private(path: Path) -> None:
    """STORE where others than the owner may read or write the file; an absent one is let pass."""
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ContctlError(
            ErrorCode.STORE,
            f"{path} holds credentials and is open to others: mode {stat.S_IMODE(mode):04o}",
            hint=f"chmod 600 {path}",
            details={"reason": "not-private"},
        )


def _damaged(path: Path, why: str) -> NoReturn:
    raise ContctlError(ErrorCode.STORE, f"{path}: {why}")
