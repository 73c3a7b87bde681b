"""The official client of Kubernetes, set up for one cluster and user."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from contctl import __version__
from contctl.backends.kubernetes.credentials import Authorization, Material
from contctl.backends.kubernetes.errors import reaching, refused, unreadable
from contctl.backends.kubernetes.wire import Wire
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from contctl.backends.kubernetes.kubeconfig import Access
    from contctl.core.ports import Clock

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_SWITCHING = 101


class Connection:
    """Requests to one cluster. Each call may come from any thread."""

    def __init__(self, access: Access, environ: Mapping[str, str], clock: Clock) -> None:
        self.access = access
        self._material = Material()
        self._authorization = Authorization(access, environ, clock)
        self._configuration = self._configured()
        self._api = self._client()

    def send(
        self,
        method: str,
        url: str,
        *,
        body: object = None,
        headers: Mapping[str, str],
        timeout: tuple[float, float | None],
        opened: Callable[[Any], None] | None = None,
    ) -> Any:
        """The answer of urllib3, its body unread. url: path and query.  timeout: seconds to
        connect, and of silence.  opened: told the socket of this call, which then has a connection
        of its own.
        """
        api = self._api if opened is None else self._client(opened)
        target = f"{self.access.server}{url}"
        with reaching(self.access):
            for attempt in (1, 2):
                sent = {"User-Agent": f"contctl/{__version__}", **headers}
                authorization = self._authorization.header()
                if authorization is not None:
                    sent["Authorization"] = authorization
                answer = api.call_api(method, target, sent, body, _request_timeout=timeout).response
                if answer.status != 401 or attempt == 2:
                    break
                answer.drain_conn()
                self._authorization.refused()
        return answer

    def upgrade(
        self,
        path: str,
        query: Sequence[tuple[str, str]],
        headers: Mapping[str, str],
        timeout: tuple[float, float],
    ) -> Wire:
        """A connection that speaks SPDY/3.1 from now on (RFC 9110, section 7.8). timeout: seconds
        to connect, and to answer."""
        opened: list[Any] = []
        asked = {"Connection": "Upgrade", "Upgrade": "SPDY/3.1", "Content-Length": "0", **headers}
        url = f"{path}?{urlencode(query)}"
        answer = self.send("POST", url, headers=asked, timeout=timeout, opened=opened.append)
        if answer.status != _SWITCHING:
            with reaching(self.access):
                data = answer.read()
                answer.close()
            raise refused(self.access, answer.status, data)
        return Wire(opened[-1], answer)

    def _configured(self) -> Any:
        """The client's configuration. STORE for certificates and keys that are none."""
        from kubernetes.client.configuration import Configuration

        cluster, user, source = self.access.cluster, self.access.user, self.access.source
        configuration = Configuration(host=self.access.server)
        configuration.verify_ssl = not cluster.get("insecure-skip-tls-verify")
        configuration.ssl_ca_cert = self._material.path(cluster, "certificate-authority", source)
        configuration.cert_file = self._material.path(user, "client-certificate", source)
        configuration.key_file = self._material.path(user, "client-key", source)
        if user.get("exec") and (pair := self._authorization.certificate) is not None:
            configuration.cert_file = self._material.of_bytes(pair[0].encode())
            configuration.key_file = self._material.of_bytes(pair[1].encode())
        if cluster.get("tls-server-name"):
            configuration.tls_server_name = str(cluster["tls-server-name"])
        if cluster.get("proxy-url"):
            configuration.proxy = str(cluster["proxy-url"])
        # A request that got no answer is never sent again in silence.
        configuration.retries = False
        configuration.keep_alive = True
        self._check(configuration)
        return configuration

    def _check(self, configuration: Any) -> None:
        parts = urlsplit(self.access.server)
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise ContctlError(
                ErrorCode.STORE,
                f"{self.access.source}: the server {self.access.server} is spoken to without TLS",
            )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if configuration.ssl_ca_cert:
            try:
                context.load_verify_locations(configuration.ssl_ca_cert)
            except (ssl.SSLError, OSError):
                raise unreadable(self.access, "its certificate-authority is none") from None
        if bool(configuration.cert_file) is not bool(configuration.key_file):
            raise unreadable(self.access, "a client certificate needs its key, and a key its own")
        if configuration.cert_file:
            try:
                context.load_cert_chain(configuration.cert_file, configuration.key_file, "")
            except (ssl.SSLError, OSError, ValueError):
                why = "its client certificate and key are no pair that can be read"
                raise unreadable(self.access, why) from None

    def _client(self, opened: Callable[[Any], None] | None = None) -> Any:
        from kubernetes.client.api_client import ApiClient

        client = ApiClient(self._configuration)
        if opened is not None:
            manager = client.rest_client.pool_manager
            manager.pool_classes_by_scheme = {
                scheme: _telling(pool, opened)
                for scheme, pool in manager.pool_classes_by_scheme.items()
            }
        return client


def _telling(pool: Any, opened: Callable[[Any], None]) -> Any:
    """A pool whose connections tell `opened` their sockets."""
    base = pool.ConnectionCls

    def connect(self: Any) -> None:
        base.connect(self)
        opened(self.sock)

    connection = type("TellingConnection", (base,), {"connect": connect})
    return type("TellingPool", (pool,), {"ConnectionCls": connection})
