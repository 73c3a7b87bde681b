"""What a cluster is shown: certificates and tokens, as kubeconfig files have them."""

from __future__ import annotations

import base64
import binascii
import json
import os
import subprocess
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from contctl.backends.files import read_trusted
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from contctl.backends.kubernetes.kubeconfig import Access
    from contctl.core.domain.containers import Json
    from contctl.core.ports import Clock

PLUGIN_SECONDS = 60.0
"""A plugin may have to ask a person."""

_TOKEN_SECONDS = 60.0
"""How long a token of a file is used before the file is read again (client-go, transport)."""

_LARGEST = 1024 * 1024
_NOT_FOR_PLUGINS = ("CONTCTL_TOKEN", "CONTCTL_TOKEN_FILE")
_PLUGIN_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")


class Material:
    """Certificates and a key where OpenSSL finds them: in files of the kubeconfig's own, or in
    memory that only this process sees, so that a killed one leaves no key behind."""

    def __init__(self) -> None:
        self._descriptors: list[int] = []

    def path(self, entry: Json, key: str, source: str) -> str | None:
        """A path of `KEY-data`, else `KEY`, of a kubeconfig's entry; None where it has neither."""
        data, path = entry.get(f"{key}-data"), entry.get(key)
        if data:
            return self.of_bytes(_decoded(data, f"{key}-data", source))
        if path:
            read_trusted(Path(path), _LARGEST)
            return str(path)
        return None

    def of_bytes(self, content: bytes) -> str:
        """A path of `content`."""
        if not hasattr(os, "memfd_create"):
            raise ContctlError(
                ErrorCode.UNSUPPORTED,
                "certificates inside a kubeconfig need Linux here",
                hint="write them into files, and name those in the kubeconfig",
            )
        descriptor = os.memfd_create("contctl", os.MFD_CLOEXEC)
        self._descriptors.append(descriptor)
        os.write(descriptor, content)
        return f"/proc/{os.getpid()}/fd/{descriptor}"

    def __del__(self) -> None:
        for descriptor in self._descriptors:
            os.close(descriptor)


class Authorization:
    """The value of the header `Authorization` for a user, renewed when it is time."""

    def __init__(self, access: Access, environ: Mapping[str, str], clock: Clock) -> None:
        self._access = access
        self._environ = environ
        self._clock = clock
        self._lock = threading.Lock()
        self._value: str | None = None
        self._until = 0.0
        self._certificate: tuple[str, str] | None = None

    @property
    def certificate(self) -> tuple[str, str] | None:
        """Certificate and key in PEM that a plugin answered; None for none."""
        self.header()
        return self._certificate

    def header(self) -> str | None:
        """None for a user who shows none. STORE where a file or plugin fails."""
        with self._lock:
            if self._clock.now() >= self._until:
                self._value, self._until = self._fresh()
            return self._value

    def refused(self) -> None:
        """The cluster did not take it: the next call asks anew."""
        with self._lock:
            self._until = 0.0

    def _fresh(self) -> tuple[str | None, float]:
        user, source = self._access.user, self._access.source
        if user.get("auth-provider"):
            raise ContctlError(
                ErrorCode.UNSUPPORTED,
                f"{source}: auth-provider is gone from Kubernetes",
                hint="use an exec plugin of the provider's",
            )
        if user.get("tokenFile"):
            content = read_trusted(Path(user["tokenFile"]), _LARGEST)
            return f"Bearer {_token(content, source)}", self._clock.now() + _TOKEN_SECONDS
        if user.get("token"):
            return f"Bearer {_token(str(user['token']).encode(), source)}", float("inf")
        if user.get("exec"):
            return self._of_plugin(user["exec"])
        if user.get("username"):
            pair = f"{user['username']}:{user.get('password') or ''}"
            return f"Basic {base64.b64encode(pair.encode()).decode()}", float("inf")
        return None, float("inf")

    def _of_plugin(self, plugin: Json) -> tuple[str | None, float]:
        """What an exec plugin answers (client.authentication.k8s.io, ExecCredential)."""
        status = run_plugin(plugin, self._access, self._environ)
        certificate, key = status.get("clientCertificateData"), status.get("clientKeyData")
        if isinstance(certificate, str) and isinstance(key, str):
            self._certificate = certificate, key
        token, expires = status.get("token"), status.get("expirationTimestamp")
        until = float("inf")
        if isinstance(expires, str):
            try:
                until = datetime.fromisoformat(expires).timestamp()
            except ValueError:
                until = self._clock.now()
        if not isinstance(token, str) or not token:
            return None, until
        return f"Bearer {_token(token.encode(), self._access.source)}", until


def run_plugin(plugin: object, access: Access, environ: Mapping[str, str]) -> Json:
    """The status that a kubeconfig's exec plugin answers. STORE where it fails or is silent; its
    own answer is never quoted, for it holds a secret."""
    if not isinstance(plugin, dict) or not isinstance(plugin.get("command"), str):
        raise _failed(access, "the exec plugin has no command")
    version = plugin.get("apiVersion")
    if version not in _PLUGIN_VERSIONS:
        raise _failed(access, f"the exec plugin speaks {version!s}, which is not known")
    info = {"apiVersion": version, "kind": "ExecCredential", "spec": {"interactive": False}}
    variables = {name: value for name, value in environ.items() if name not in _NOT_FOR_PLUGINS}
    variables |= {str(each["name"]): str(each["value"]) for each in plugin.get("env") or ()}
    variables["KUBERNETES_EXEC_INFO"] = json.dumps(info)
    command = plugin["command"]
    if "/" in command:
        command = str(Path(access.source).parent / command)
    ask: Callable[..., subprocess.CompletedProcess[bytes]] = subprocess.run
    try:
        answer = ask(
            [command, *map(str, plugin.get("args") or ())],
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            timeout=PLUGIN_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise _failed(access, f"the exec plugin {command} does not answer") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it cannot be run"
        raise _failed(access, f"the exec plugin {command}: {why}") from None
    if answer.returncode != 0:
        raise _failed(access, f"the exec plugin {command} ended with {answer.returncode}")
    try:
        status = json.loads(answer.stdout)["status"]
    except (ValueError, KeyError, TypeError):
        status = None
    if not isinstance(status, dict):
        raise _failed(access, f"the exec plugin {command} answered no credential")
    return status


def _decoded(data: object, key: str, source: str) -> bytes:
    try:
        return base64.b64decode(str(data), validate=False)
    except binascii.Error:
        raise ContctlError(ErrorCode.STORE, f"{source}: {key} is not Base64") from None


def _token(content: bytes, source: str) -> str:
    """A token that a header can carry (RFC 6750, section 2.1)."""
    text = content.strip().decode("latin-1")
    if not text or not text.isascii() or not text.isprintable() or " " in text:
        raise ContctlError(ErrorCode.STORE, f"{source}: its token is none")
    return text


def _failed(access: Access, why: str) -> ContctlError:
    return ContctlError(ErrorCode.STORE, f"{access.source}: {why}")
