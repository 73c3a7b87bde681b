"""All outbound ports in memory, for the services and the commands."""

from contctl.core.domain.ci_tokens import GivenToken
from contctl.core.domain.engines import EngineChoice
from contctl.core.domain.settings import Settings
from tests.fakes.blocklist import FakeBlocklist
from tests.fakes.clock import FakeClock
from tests.fakes.contexts import FakeContextProbe
from tests.fakes.credentials import FakeCredentialStores
from tests.fakes.engine import FakeEngine
from tests.fakes.host_paths import FakeHostPaths
from tests.fakes.passwords import FakeHasher
from tests.fakes.store import FakeStore
from tests.fakes.supervision import FakeSupervision
from tests.fakes.tokens import FakeCodec


class FakeModes:
    """FileModes with the problems that a test gives it."""

    def __init__(self) -> None:
        self.found: tuple[str, ...] = ()

    def problems(self) -> tuple[str, ...]:
        """As given."""
        return self.found

    def repair(self) -> tuple[str, ...]:
        """Nothing is left to find."""
        repaired, self.found = self.found, ()
        return tuple(f"repaired: {problem}" for problem in repaired)


class FakePorts:
    """Ports; every part is there to be looked at and broken."""

    uid = 1000
    peer = "uid 1000"
    may_initialise = True
    environment_token: GivenToken | None = None
    engine_choice: EngineChoice | None = None
    recorded_engine = ""

    def __init__(self, clock: FakeClock, settings: Settings | None = None) -> None:
        self.clock = clock
        self.settings = settings or Settings()
        self.store = FakeStore(clock)
        self.users = self.store.users
        self.sessions = self.store.sessions
        self.identities = self.store.identities
        self.ci_tokens = self.store.ci_tokens
        self.ci_token_lookup = self.store.ci_token_lookup
        self.audit = self.store.audit
        self.audit_keys = self.store.audit_keys
        self.keys = self.store.keys
        self.codec = FakeCodec(clock, self.keys.load)
        self.hasher = FakeHasher()
        self.blocklist = FakeBlocklist()
        self.throttle = self.store.throttle
        self.stores = FakeCredentialStores()
        self.engine = FakeEngine()
        self.modes = FakeModes()
        self.context_probe = FakeContextProbe()
        self.host_paths = FakeHostPaths()
        self.supervision = FakeSupervision()
