"""Key rotation, as every implementation of the inbound port owes it."""

from contctl.core.domain.audit import Phase
from contctl.core.domain.roles import Role
from contctl.core.errors import ErrorCode
from tests.contracts.services import (
    PASSWORD,
    Services,
    ServicesFixture,
    last_intent_and_outcome,
    refused,
)

WEEK = 7 * 86400


class KeyServiceContract(ServicesFixture):
    """key rotate."""

    def test_it_needs_the_permission(self, services: Services) -> None:
        services.login_as(Role.DEVELOPER)
        before = services.ports.keys.load()
        for emergency in (False, True):
            with refused(ErrorCode.FORBIDDEN) as raised:
                services.api.keys.rotate(emergency=emergency)
            assert "key:manage" in raised.value.message
        assert services.ports.keys.load() == before
        assert [entry.action for entry in services.entries() if entry.phase is Phase.DENIED] == [
            "key:manage",
            "key:manage",
        ]

    def test_sessions_go_on_under_a_new_key(self, services: Services) -> None:
        services.login()
        first = services.ports.keys.load().current
        rotated = services.api.keys.rotate(emergency=False)
        assert (rotated.kept, rotated.dropped, rotated.ended) == (1, 0, 0)
        assert services.ports.keys.load().current == rotated.key_id != first
        session_id = services.api.sessions.status().session_id
        services.api.sessions.refresh(None)
        assert services.api.sessions.status().session_id == session_id
        session = services.ports.sessions.get(session_id)
        assert session is not None
        assert session.key_id == rotated.key_id
        intent, outcome = last_intent_and_outcome(services, "key:rotate")
        assert (intent.detail, outcome.result) == ("", "ok")

    def test_a_lost_answer_is_delivered_again_after_a_rotation(self, services: Services) -> None:
        services.login()
        first = services.put_aside()
        services.login()
        services.api.keys.rotate(emergency=False)
        services.put_back(first)
        services.api.sessions.refresh(None)
        second = services.credential
        services.put_back(first)
        services.api.sessions.refresh(None)
        assert services.credential == second

    def test_a_key_is_dropped_once_nothing_it_signed_is_good(self, services: Services) -> None:
        services.login()
        first = services.ports.keys.load().current
        services.api.keys.rotate(emergency=False)
        services.clock.advance(WEEK - 60)
        services.api.sessions.refresh(None)
        assert services.api.keys.rotate(emergency=False).dropped == 0
        assert first in services.ports.keys.load().keys
        services.clock.advance(61)
        services.login()
        assert services.api.keys.rotate(emergency=False).dropped == 1
        assert first not in services.ports.keys.load().keys
        services.api.sessions.status()

    def test_a_key_stays_while_a_live_session_names_it(self, services: Services) -> None:
        services.login()
        first = services.ports.keys.load().current
        services.put_aside()
        services.api.sessions.login("ada", PASSWORD, None)
        services.api.keys.rotate(emergency=False)
        services.clock.advance(2 * WEEK)
        services.login()
        services.api.keys.rotate(emergency=False)
        assert first in services.ports.keys.load().keys
        services.clock.advance(3 * WEEK)
        services.login()
        services.api.keys.rotate(emergency=False)
        assert first not in services.ports.keys.load().keys

    def test_an_emergency_that_is_cut_off_has_ended_the_tokens(self, services: Services) -> None:
        services.login()
        services.ports.keys.rotate(lambda _: False)
        for question in (
            services.api.sessions.status,
            lambda: services.api.sessions.refresh(None),
            lambda: services.api.keys.rotate(emergency=True),
        ):
            with refused(ErrorCode.NOT_AUTHENTICATED):
                question()
        services.login()
        assert services.api.keys.rotate(emergency=True).ended == 2

    def test_in_an_emergency_the_audit_log_goes_on_under_a_new_key(
        self, services: Services
    ) -> None:
        services.login()
        services.api.keys.rotate(emergency=True)
        services.login()
        sealed, current = services.ports.audit.chain().segments
        assert sealed.seal is not None
        assert current.seal is None
        assert current.key_id == services.ports.audit_keys.load().current != sealed.key_id
        assert services.api.audit.verify(None).problem is None

    def test_in_an_emergency_everything_signed_is_worth_nothing(self, services: Services) -> None:
        services.login_as(Role.VIEWER)
        viewers = services.put_aside()
        services.login()
        admins = services.credential
        assert admins is not None
        rotated = services.api.keys.rotate(emergency=True)
        assert (rotated.kept, rotated.dropped, rotated.ended) == (0, 1, 2)
        assert list(services.ports.keys.load().keys) == [rotated.key_id]
        for credential in (admins, viewers):
            services.put_back(credential)
            for question in (
                services.api.sessions.status,
                lambda: services.api.sessions.refresh(None),
            ):
                with refused(ErrorCode.NOT_AUTHENTICATED) as raised:
                    question()
                assert raised.value.hint == "run 'contctl login'"
        intent, outcome = last_intent_and_outcome(services, "key:rotate")
        assert (intent.detail, outcome.result) == ("emergency", "ok")
        services.login()
        services.api.sessions.status()
