"""Requests to the apiserver of a private cluster."""

import http.client
import json
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from devtools.kubernetes.certificates import Pair


class Api:
    """Speaks as the user of the certificate `user` to `server`, `https://` and an address."""

    def __init__(self, server: str, authority: Path, user: Pair) -> None:
        self._address = server.removeprefix("https://")
        self._context = ssl.create_default_context(cafile=authority)
        self._context.load_cert_chain(user.certificate, user.key)

    def request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """The answer's JSON document, or its text; RuntimeError with the server's message where it
        refuses, OSError where it does not answer within 10 s."""
        connection = http.client.HTTPSConnection(self._address, timeout=10, context=self._context)
        try:
            content = json.dumps(body) if body is not None else None
            connection.request(method, path, content, {"Content-Type": "application/json"})
            response = connection.getresponse()
            text = response.read().decode()
        except http.client.HTTPException as error:
            raise OSError(str(error)) from error
        finally:
            connection.close()
        if response.status >= 400:
            raise RuntimeError(f"{method} {path}: {response.status} {text.strip()}")
        if "json" in (response.getheader("Content-Type") or ""):
            return json.loads(text)
        return text
