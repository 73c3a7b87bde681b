"""Many wrong logins at once."""

from collections import Counter
from pathlib import Path

from contctl.core.domain.secret import Secret
from contctl.core.domain.throttle import FREE_ATTEMPTS
from contctl.core.errors import ContctlError
from contctl.core.services.embedded import EmbeddedContctl
from tests.contracts.services import ADMIN, PASSWORD
from tests.fakes.clock import FakeClock
from tests.services.cheap import CheapPorts
from tests.sqlite.processes import run_at_once

AT_ONCE = 50


def test_of_many_wrong_logins_at_once_only_the_free_ones_are_judged(tmp_path: Path) -> None:
    def login(password: Secret) -> str:
        try:
            EmbeddedContctl(CheapPorts(home, clock)).sessions.login(ADMIN, password, None)
        except ContctlError as error:
            return f"{error.code}: {error.message}, {error.hint}"
        return "logged in"

    home, clock = tmp_path / "home", FakeClock()
    ports = CheapPorts(home, clock)
    EmbeddedContctl(ports).sessions.initialise(ADMIN, PASSWORD)
    said = set(run_at_once(AT_ONCE, lambda _: login(Secret("a wrong long password"))))
    assert len(said) == 1
    entries = [record.entry for record in ports.audit.page(0, 1000)]
    outcomes = [entry for entry in entries if entry.action == "session:login" and entry.result]
    throttled = AT_ONCE - FREE_ATTEMPTS
    assert Counter(outcome.detail for outcome in outcomes) == {"": 4, "throttled": throttled}
    assert {login(PASSWORD)} == said
    clock.advance(2)
    assert login(PASSWORD) == "logged in"
