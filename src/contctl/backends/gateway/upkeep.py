"""A gateway's audit log and keys."""

from contctl.backends.gateway.operations import Operations
from contctl.core.answers import AuditQuery, KeysRotated
from contctl.core.api import Stream
from contctl.core.domain.audit import AuditFilter, AuditRecord, ChainedRecord
from contctl.core.domain.audit_chain import Anchor, Segment
from contctl.core.domain.audit_check import Verification


class GatewayAudit:
    """Implements the inbound port `AuditTrail` over the wire."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def list(self, query: AuditQuery) -> Stream[AuditRecord]:
        return self._operations.stream("audit/list", AuditRecord, query=query)

    def follow(self, query: AuditQuery) -> Stream[AuditRecord]:
        return self._operations.stream("audit/follow", AuditRecord, query=query)

    def export(self, wanted: AuditFilter | None) -> Stream[ChainedRecord]:
        return self._operations.stream("audit/export", ChainedRecord, wanted=wanted)

    def verify(self, anchor: Anchor | None) -> Verification:
        return self._operations.ask("audit/verify", Verification, anchor=anchor)

    def head(self) -> Anchor:
        return self._operations.ask("audit/head", Anchor)

    def rotate(self) -> Segment:
        return self._operations.ask("audit/rotate", Segment)


class GatewayKeys:
    """Implements the inbound port `Keys` over the wire."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def rotate(self, *, emergency: bool) -> KeysRotated:
        return self._operations.ask("keys/rotate", KeysRotated, emergency=emergency)
