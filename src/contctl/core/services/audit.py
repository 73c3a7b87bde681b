"""Reading the audit log."""

from contctl.core.api import AuditQuery, Stream
from contctl.core.domain.audit import AuditRecord
from contctl.core.domain.roles import Permission
from contctl.core.services.shared import Shared
from contctl.core.services.streams import Pages

PAGE = 500


class AuditService:
    """Implements the inbound port `AuditTrail`."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    def list(self, query: AuditQuery) -> Stream[AuditRecord]:
        self._shared.access.require(Permission.AUDIT_READ)
        log = self._shared.ports.audit
        start = 0 if query.last is None else log.last(query.last)

        def fetch(last: AuditRecord | None) -> tuple[AuditRecord, ...]:
            return log.page(last.number if last else start, PAGE)

        return Pages(fetch)
