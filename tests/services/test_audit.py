"""The audit trail's services on fakes and on a real database."""

from tests.contracts.audit_services import AuditServiceContract
from tests.services.test_services_for_real import ForReal
from tests.services.test_services_in_memory import InMemory


class TestInMemory(InMemory, AuditServiceContract):
    """On fakes."""


class TestForReal(ForReal, AuditServiceContract):
    """On SQLite and files."""
