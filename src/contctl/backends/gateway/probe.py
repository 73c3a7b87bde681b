"""Asking a gateway what it is."""

from typing import TYPE_CHECKING

from contctl.backends.gateway.transport import MAX_ERROR, Transport
from contctl.wire import codec

if TYPE_CHECKING:
    from contctl.core.domain.host_access import GatewayInfo


class ProbingTransport(Transport):
    """Implements the port `GatewayProbe` beside the requests of callers."""

    def info(self) -> "GatewayInfo":
        """As the port says; what a newer gateway says beside it is left."""
        from contctl.core.domain.host_access import GatewayInfo

        answer = self._exchange(self._head("GET", "info", None, {"Connection": "close"}))
        self._check(answer, codec.CONTENT_TYPE)
        with self.gateway.understanding(answer.version):
            found = codec.loads(answer.body.read_all(MAX_ERROR))
        fields = found if isinstance(found, dict) else {}
        version, api = fields.get("version"), fields.get("api")
        if not isinstance(version, str) or type(api) is not int:
            raise self.gateway.garbage()
        return GatewayInfo(version, api)

    def certificate_ends(self) -> float | None:
        """As the port says."""
        if self.address.path is not None:
            return None
        from contctl.backends.gateway.certificate import certificate_ends

        with self.gateway.reaching():
            return certificate_ends(self.address, self.deadlines.connect)
