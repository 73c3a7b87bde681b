"""What a CI token does not depend on."""

import pytest

from contctl.core.domain.ci_tokens import GivenToken, token_text
from contctl.core.domain.containers import ListQuery
from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.services.embedded import EmbeddedContctl
from tests.contracts.services import refused
from tests.contracts.token_services import DAY, Jobs, JobsFixture
from tests.fakes.clock import FakeClock
from tests.fakes.ports import FakePorts

WELL_FORMED = token_text(bytes(8), bytes(32))
BROKEN = ContctlError(ErrorCode.STORE, "it is broken")


def listed_by(ports: FakePorts, text: Secret) -> None:
    ports.environment_token = GivenToken("CONTCTL_TOKEN", text)
    EmbeddedContctl(ports).containers.list(ListQuery())


class TestCiTokenAccess(JobsFixture):
    """On fakes that are broken where nothing may be asked."""

    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def ports(self, clock: FakeClock) -> FakePorts:
        return FakePorts(clock)

    def test_it_needs_no_credential_store(self, services: Jobs, ports: FakePorts) -> None:
        text = services.token(lifetime=DAY).text
        ports.stores.keyring.broken = ports.stores.file.broken = BROKEN
        listed_by(ports, text)

    def test_what_is_no_token_is_refused_without_asking_the_store(
        self, services: Jobs, ports: FakePorts
    ) -> None:
        ports.store.content.broken = BROKEN
        for cut in (4, 20, 84, 91):
            with refused(ErrorCode.NOT_AUTHENTICATED):
                listed_by(ports, Secret(WELL_FORMED.reveal()[:cut]))
        with refused(ErrorCode.STORE):
            listed_by(ports, WELL_FORMED)
        ports.store.content.broken = None
        assert services.api.ci_tokens.list(None) == ()

    def test_the_secret_decides_and_not_the_id(self, services: Jobs, ports: FakePorts) -> None:
        one, other = services.token(), services.token()
        ports.ci_tokens.digests[one.token.id] = ports.ci_tokens.digests[other.token.id]
        with refused(ErrorCode.NOT_AUTHENTICATED):
            listed_by(ports, one.text)
        listed_by(ports, other.text)


def test_without_a_store_the_hint_is_to_make_one() -> None:
    with refused(ErrorCode.NOT_AUTHENTICATED) as raised:
        listed_by(FakePorts(FakeClock()), WELL_FORMED)
    assert raised.value.hint == "run 'contctl init' first"
