"""What a cluster is shown: certificates and tokens, as kubeconfig files have them."""

from __future__ import annotations

import base64
import binascii
import os
import threading
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from contctl.backends.files import read_trusted
from contctl.backends.kubernetes.plugins import run_plugin
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from contctl.backends.kubernetes.kubeconfig import Access
    from contctl.core.domain.containers import Json
    from contctl.core.ports import Clock

_TOKEN_SECONDS = 60.0
"""How long a token of a file is used before the file is read again (client-go, transport)."""

_LARGEST = 1024 * 1024


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
