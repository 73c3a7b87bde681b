"""The docker SDK on connections of contctl's own; imports requests."""

from typing import Any

from docker.transport.basehttpadapter import BaseHTTPAdapter
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

from contctl.backends.docker.transport import Transport

_HOST = "docker"


class DialledAdapter(BaseHTTPAdapter):
    """Sends the SDK's requests where `http` sends its own."""

    def __init__(self, http: Transport) -> None:
        super().__init__()
        self._pool = _Pool(http)

    def get_connection(self, url: Any, proxies: Any = None) -> HTTPConnectionPool:  # noqa: ARG002
        """As requests' own; one pool for all there is."""
        return self._pool

    def close(self) -> None:
        """As requests' own."""
        self._pool.close()
        super().close()


class _Pool(HTTPConnectionPool):
    def __init__(self, http: Transport) -> None:
        super().__init__(_HOST, timeout=http.deadlines.change)
        self._http = http

    def _new_conn(self) -> HTTPConnection:
        return _Connection(self._http)


class _Connection(HTTPConnection):
    def __init__(self, http: Transport) -> None:
        super().__init__(_HOST, timeout=http.deadlines.change)
        self._http = http

    def connect(self) -> None:
        connection: Any = self._http.connect()
        connection.limit(self._http.deadlines.change)
        self.sock = connection
