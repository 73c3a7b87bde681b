"""What every implementation of the inbound port's AuditTrail owes its callers."""

import threading
from dataclasses import replace

import pytest

from contctl.core.answers import AuditQuery
from contctl.core.domain.audit import AuditFilter, Phase
from contctl.core.domain.audit_check import Verification
from contctl.core.domain.roles import Role
from contctl.core.errors import ErrorCode
from tests.contracts.services import (
    Services,
    ServicesFixture,
    last_intent_and_outcome,
    refused,
)


class AuditServiceContract(ServicesFixture):
    """list, follow, export, verify, head and rotate."""

    @pytest.mark.parametrize("role", [Role.VIEWER, Role.DEVELOPER])
    def test_it_is_for_admins_only(self, services: Services, role: Role) -> None:
        services.login_as(role)
        for use in (
            lambda: services.api.audit.list(AuditQuery()),
            lambda: services.api.audit.follow(AuditQuery()),
            lambda: services.api.audit.export(None),
            lambda: services.api.audit.verify(None),
            lambda: services.api.audit.head(),
            lambda: services.api.audit.rotate(),
        ):
            before = len(services.entries())
            with refused(ErrorCode.FORBIDDEN):
                use()
            assert services.entries()[-1].phase is Phase.DENIED
            assert len(services.entries()) == before + 1

    def test_it_needs_a_session(self, services: Services) -> None:
        with refused(ErrorCode.NOT_AUTHENTICATED):
            services.api.audit.list(AuditQuery())

    def test_a_filtered_list(self, services: Services) -> None:
        services.add("bob", Role.VIEWER)
        services.login("bob")
        services.login()
        wanted = AuditFilter(action="session:login", user="bob")
        (record,) = services.api.audit.list(AuditQuery(wanted=wanted))
        assert record.entry.phase is Phase.OUTCOME
        assert list(services.api.audit.list(AuditQuery(last=0))) == []
        everything = list(services.api.audit.list(AuditQuery()))
        assert list(services.api.audit.list(AuditQuery(last=3))) == everything[-3:]

    def test_a_fresh_log_is_in_order(self, services: Services) -> None:
        services.login()
        count = len(services.entries())
        assert services.api.audit.verify(None) == Verification(count, 1, 0)

    def test_an_anchor_holds_while_the_log_grows(self, services: Services) -> None:
        services.login()
        anchor = services.api.audit.head()
        assert anchor.authority == services.ports.store.identity()
        assert (anchor.segment, anchor.record) == (1, len(services.entries()))
        services.api.audit.rotate()
        assert services.api.audit.verify(anchor).problem is None
        assert services.api.audit.head().segment == 2
        wrong = replace(anchor, mac=bytes(32))
        assert services.api.audit.verify(wrong).record == anchor.record
        ahead = replace(anchor, record=anchor.record + 100)
        assert "cut" in str(services.api.audit.verify(ahead).problem)

    def test_an_anchor_of_another_store_is_refused(self, services: Services) -> None:
        services.login()
        anchor = services.api.audit.head()
        with refused(ErrorCode.USAGE):
            services.api.audit.verify(replace(anchor, authority="another"))

    def test_rotating_is_recorded_on_both_sides(self, services: Services) -> None:
        services.login()
        before = len(services.entries())
        sealed = services.api.audit.rotate()
        assert (sealed.number, sealed.first, sealed.last) == (1, 1, before + 1)
        intent, outcome = last_intent_and_outcome(services, "audit:rotate")
        assert (intent.user, outcome.result) == ("ada", "ok")
        assert services.api.audit.rotate().number == 2
        assert services.api.audit.verify(None) == Verification(before + 4, 3, 0)

    def test_an_export_holds_all_with_its_place_in_the_chain(self, services: Services) -> None:
        services.login()
        services.api.audit.rotate()
        exported = list(services.api.audit.export(None))
        listed = list(services.api.audit.list(AuditQuery()))
        assert [(each.record.number, each.record.entry) for each in exported] == [
            (record.number, record.entry) for record in listed
        ]
        assert [each.segment for each in exported] == [1] * (len(listed) - 1) + [2]
        head = services.api.audit.head()
        assert exported[-1].mac == head.mac
        first = exported[0].record.entry.at
        assert list(services.api.audit.export(AuditFilter(until=first))) == []

    def test_following_goes_on_with_what_is_added(self, services: Services) -> None:
        services.login()
        wanted = AuditFilter(action="audit:")
        stream = services.api.audit.follow(AuditQuery(last=1, wanted=wanted))
        services.api.audit.rotate()
        assert [next(stream).entry.phase for _ in range(2)] == [Phase.INTENT, Phase.OUTCOME]
        services.api.sessions.refresh(None)
        services.api.audit.rotate()
        assert next(stream).entry.phase is Phase.INTENT
        assert next(stream).number == len(services.entries())
        stream.close()
        assert list(stream) == []

    def test_closing_wakes_who_waits(self, services: Services) -> None:
        services.login()
        stream = services.api.audit.follow(AuditQuery(last=0))
        threading.Timer(0.05, stream.close).start()
        assert list(stream) == []

    def test_no_page_is_missed(self, services: Services) -> None:
        services.login()
        for entry in services.entries()[:1] * 510:
            services.ports.audit.append(entry)
        numbers = [record.number for record in services.api.audit.list(AuditQuery())]
        assert numbers == list(range(1, len(services.entries()) + 1))
        assert [each.record.number for each in services.api.audit.export(None)] == numbers
