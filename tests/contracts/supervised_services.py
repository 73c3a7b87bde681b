"""Streams end with the rights of those who opened them, on every implementation that supervises."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from contctl.core.answers import AuditQuery
from contctl.core.api import Contctl
from contctl.core.domain.audit import Phase
from contctl.core.domain.grants import EVERYTHING, Scope
from contctl.core.domain.roles import Role
from contctl.core.domain.streams import (
    AttachSpec,
    Condition,
    EventQuery,
    ExecSpec,
    LogOptions,
)
from contctl.core.errors import ContctlError, ErrorCode
from tests.bounded import eventually
from tests.contracts.container_services import archive, unique
from tests.contracts.services import PASSWORD, last_intent_and_outcome, refused
from tests.contracts.supervision import PassRound
from tests.contracts.token_services import DAY, Jobs, JobsFixture

BOUND = 5.0
"""Seconds within which a stream ends (SECURITY, rule 6)."""
CAT = ExecSpec(("cat",), stdin=True)
FOLLOW = LogOptions(follow=True)


class Reader:
    """Reads a stream or a duplex to its end in a thread of its own."""

    def __init__(self, name: str, stream: Any) -> None:
        self.name = name
        self.stream = stream
        self.error: ContctlError | None = None
        self.items: list[Any] = []
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        is_duplex = hasattr(self.stream, "read")
        try:
            for item in iter(self.stream.read, None) if is_duplex else self.stream:
                self.items.append(item)
        except ContctlError as error:
            self.error = error

    @property
    def goes_on(self) -> bool:
        """Whether it is still waiting for more."""
        return self._thread.is_alive()

    def code(self) -> ErrorCode | None:
        """The code of the error that ended it within the bound."""
        self._thread.join(BOUND)
        assert not self.goes_on, f"{self.name} goes on"
        return self.error.code if self.error else None


Openings = dict[str, Callable[[Contctl, str], Any]]

VIEWED: Openings = {
    "logs": lambda api, ref: api.containers.logs([ref], FOLLOW),
    "stats": lambda api, ref: api.containers.stats([ref]),
    "events": lambda api, _: api.containers.events(EventQuery()),
    "wait": lambda api, ref: api.containers.wait([ref], Condition.NOT_RUNNING),
}
MORE: Openings = {
    "exec": lambda api, ref: api.containers.exec(ref, CAT),
    "attach": lambda api, ref: api.containers.attach(ref, AttachSpec()),
    "audit": lambda api, _: api.audit.follow(AuditQuery(last=0)),
}
ALL = {**VIEWED, **MORE}


class Streams:
    """What a new admin has open and reads, on one container. Leaves nobody logged in."""

    def __init__(self, services: Jobs) -> None:
        self.services = services
        container_id = services.container()
        self.name = services.login_as(Role.ADMIN)
        api = services.api
        self.grant_id = api.users.show(None).grants[0].id
        self.session_id = api.sessions.status().session_id
        self.readers = [Reader(name, begin(api, container_id)) for name, begin in ALL.items()]
        self.tokens = services.put_aside()

    def codes(self) -> dict[str, ErrorCode | None]:
        """How each ended, by its name."""
        return {reader.name: reader.code() for reader in self.readers}

    def going_on(self) -> set[str]:
        """The names of those that go on."""
        return {reader.name for reader in self.readers if reader.goes_on}

    def close(self) -> None:
        """Close all."""
        for reader in self.readers:
            reader.stream.close()


def _log_out_everywhere(streams: Streams) -> None:
    streams.services.login(streams.name)
    streams.services.api.sessions.logout(everywhere=True)


Change = Callable[[Streams], object]

ENDS: dict[str, Change] = {
    "disabled": lambda s: s.services.api.users.set_enabled(s.name, enabled=False),
    "deleted": lambda s: s.services.api.users.remove(s.name),
    "session revoked": lambda s: s.services.api.logins.revoke([s.session_id]),
    "password changed": lambda s: s.services.api.users.set_password(s.name, PASSWORD),
    "logged out elsewhere": _log_out_everywhere,
    "emergency": lambda s: s.services.api.keys.rotate(emergency=True),
    "emergency cut off": lambda s: s.services.ports.keys.rotate(lambda _: False),
    "too late to renew": lambda s: s.services.clock.advance(
        s.services.ports.settings.lifetimes.idle
    ),
}
HARMLESS: dict[str, Change] = {
    "another login": lambda s: s.services.login(s.name),
    "another grant": lambda s: s.services.api.users.grant(s.name, Role.VIEWER, EVERYTHING),
    "keys rotated": lambda s: s.services.api.keys.rotate(emergency=False),
    "access token expired": lambda s: s.services.clock.advance(3600),
}


class SupervisedServiceContract(JobsFixture):
    """A subclass gives `pass_round`: wait until every stream was checked once more."""

    @pytest.fixture
    def opened(self, services: Jobs) -> Iterator[Streams]:
        streams = Streams(services)
        services.login()
        yield streams
        streams.close()

    @pytest.mark.parametrize("change", ENDS)
    def test_every_stream_ends_with_the_session(
        self, opened: Streams, pass_round: PassRound, change: str
    ) -> None:
        ENDS[change](opened)
        pass_round()
        assert opened.codes() == dict.fromkeys(ALL, ErrorCode.NOT_AUTHENTICATED)
        assert {str(reader.error) for reader in opened.readers} == {"the session has ended"}
        for action in ("container:exec", "container:attach"):
            _, outcome = last_intent_and_outcome(opened.services, action)
            assert (outcome.user, outcome.result) == (opened.name, "not-authenticated")

    def test_every_stream_ends_with_the_grant(self, opened: Streams, pass_round: PassRound) -> None:
        opened.services.api.users.revoke(opened.name, opened.grant_id)
        pass_round()
        assert opened.codes() == dict.fromkeys(ALL, ErrorCode.FORBIDDEN)
        for action in ("container:exec", "container:attach"):
            _, outcome = last_intent_and_outcome(opened.services, action)
            assert (outcome.user, outcome.result) == (opened.name, "forbidden")

    @pytest.mark.parametrize("change", HARMLESS)
    def test_what_takes_no_right_ends_nothing(
        self, opened: Streams, pass_round: PassRound, change: str
    ) -> None:
        HARMLESS[change](opened)
        pass_round()
        assert opened.going_on() == set(ALL)

    def test_a_renewed_session_keeps_its_streams(
        self, opened: Streams, pass_round: PassRound
    ) -> None:
        services = opened.services
        services.clock.advance(services.ports.settings.lifetimes.idle - 60)
        services.put_back(opened.tokens)
        services.api.sessions.refresh(None)
        services.clock.advance(3600)
        pass_round()
        assert opened.going_on() == set(ALL)

    def test_a_demotion_ends_what_the_new_role_lacks(
        self, opened: Streams, pass_round: PassRound
    ) -> None:
        users = opened.services.api.users
        users.grant(opened.name, Role.VIEWER, EVERYTHING)
        users.revoke(opened.name, opened.grant_id)
        pass_round()
        ended = [reader for reader in opened.readers if reader.name in MORE]
        assert {reader.code() for reader in ended} == {ErrorCode.FORBIDDEN}
        assert opened.going_on() == set(VIEWED)

    def test_what_left_the_scope_ends_and_the_rest_goes_on(
        self, services: Jobs, pass_round: PassRound
    ) -> None:
        kept, lost = services.container(name=unique("web")), services.container(name=unique("db"))
        name = services.add("bob", None).user.name
        services.api.users.grant(name, Role.DEVELOPER, Scope(names=("web-*",)))
        grant = services.api.users.grant(name, Role.DEVELOPER, Scope(names=("db-*",)))
        services.login(name)
        containers = services.api.containers
        one = Reader("one", containers.logs([kept], FOLLOW))
        both = Reader("both", containers.logs([kept, lost], FOLLOW))
        process = Reader("process", containers.exec(lost, CAT))
        events = Reader("events", containers.events(EventQuery()))
        services.put_aside()
        services.login()
        services.api.users.revoke(name, grant.id)
        pass_round()
        assert (both.code(), process.code()) == (ErrorCode.FORBIDDEN, ErrorCode.FORBIDDEN)
        # Nothing of the process's own end may be seen either, only the stop of the other one.
        events.items.clear()
        services.ports.engine.stop(lost, 0, None)
        services.ports.engine.stop(kept, 0, None)
        assert one.code() is None
        pass_round()
        eventually(lambda: kept in {event.container_id for event in events.items}, "it is told")
        assert {event.container_id for event in events.items} == {kept}
        assert events.goes_on
        events.stream.close()

    def test_what_nobody_reads_is_recorded_when_it_is_closed(
        self, services: Jobs, pass_round: PassRound
    ) -> None:
        container_id = services.container()
        name = services.login_as(Role.DEVELOPER)
        containers = services.api.containers
        containers.put_archive(container_id, "/", [archive("file", b"content")])
        process = containers.exec(container_id, CAT)
        tar = containers.get_archive(container_id, "/file")
        services.put_aside()
        services.login()
        services.api.users.set_enabled(name, enabled=False)
        pass_round()
        process.write(b"too late")
        process.close()
        process.close()
        tar.close()
        for action in ("container:exec", "container:copy"):
            _, outcome = last_intent_and_outcome(services, action)
            assert outcome.result == "not-authenticated"

    def test_archives_stop_halfway(self, services: Jobs, pass_round: PassRound) -> None:
        container_id = services.container()
        name = services.login_as(Role.DEVELOPER)
        containers = services.api.containers
        whole = archive("file", b"content")
        containers.put_archive(container_id, "/", [whole])
        tar = containers.get_archive(container_id, "/file")
        services.put_aside()

        def pieces() -> Iterator[bytes]:
            yield whole[:512]
            services.login()
            services.api.users.set_enabled(name, enabled=False)
            pass_round()
            yield whole[512:]

        with refused(ErrorCode.NOT_AUTHENTICATED):
            containers.put_archive(container_id, "/", pieces())
        with refused(ErrorCode.NOT_AUTHENTICATED):
            next(tar)
        results = [
            entry.result
            for entry in services.entries()
            if entry.action == "container:copy" and entry.phase is Phase.OUTCOME
        ]
        assert results == ["ok", "not-authenticated", "not-authenticated"]


class SupervisedTokenContract(JobsFixture):
    """The same for CI tokens."""

    @pytest.mark.parametrize("change", ["revoked", "expired", "owner disabled", "owner demoted"])
    def test_streams_end_with_the_token(
        self, services: Jobs, pass_round: PassRound, change: str
    ) -> None:
        container_id = services.container()
        name = services.login_as(Role.DEVELOPER)
        made, other = services.token(lifetime=DAY), services.token()
        readers = []
        for token in (made, other):
            with services.by(token.text):
                stream = services.api.containers.logs([container_id], FOLLOW)
                readers.append(Reader(token.token.id, stream))
        services.login()
        users = services.api.users
        match change:
            case "revoked":
                assert services.api.ci_tokens.revoke([made.token.id]) == (None,)
            case "expired":
                services.clock.advance(DAY)
            case "owner disabled":
                users.set_enabled(name, enabled=False)
            case "owner demoted":
                users.revoke(name, users.show(name).grants[0].id)
        pass_round()
        forbidden = change == "owner demoted"
        code = ErrorCode.FORBIDDEN if forbidden else ErrorCode.NOT_AUTHENTICATED
        assert readers[0].code() is code
        if change.startswith("owner"):
            assert readers[1].code() is code
        else:
            assert readers[1].goes_on
        readers[1].stream.close()
