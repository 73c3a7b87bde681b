"""Many clients at once on a real gateway and a real engine; `make bench` has more, for longer."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from contctl.core.domain.audit import AuditEntry, AuditRecord, Phase
from devtools.engine import PrivateEngine
from devtools.gateway import PrivateGateway
from devtools.load import Crowd, Load, crowd, missing
from devtools.load_client import Report
from tests.real_docker import IMAGE

CLIENTS = 40
SECONDS = 10
KILLS = 2


@pytest.fixture(scope="module")
def many(docker_engine: PrivateEngine) -> Iterator[Crowd]:
    """Half of them hold an open stream beside their calls."""
    with (
        PrivateGateway(docker_engine.host) as gateway,
        crowd(gateway, docker_engine.host, IMAGE, CLIENTS) as found,
    ):
        yield found


@pytest.mark.docker
def test_many_clients_at_once(many: Crowd) -> None:
    load = many.run(SECONDS)
    assert many.faults(load) == [], load.lines()
    assert load.report.acknowledged


@pytest.mark.docker
def test_no_acknowledged_change_is_lost_by_kill_9(many: Crowd) -> None:
    load = many.run(SECONDS, KILLS)
    assert many.faults(load) == [], load.lines()
    assert load.report.acknowledged
    assert any("no-answer" in errors for errors in load.report.errors.values())
    assert many.gateway.starts == 1 + KILLS


def _record(number: int, phase: Phase, at: int, **more: Any) -> AuditRecord:
    given = {"token_id": "t", "target": "c", **more}
    return AuditRecord(number, AuditEntry(at, phase, "container:stop", 0, **given))


_INTENT = _record(1, Phase.INTENT, 1000)
_OUTCOME = _record(2, Phase.OUTCOME, 1005, intent=1, result="ok")


@pytest.mark.parametrize(
    "records",
    [
        [],
        [_INTENT],
        [_OUTCOME],
        [_INTENT, _record(2, Phase.OUTCOME, 1005, intent=1, result="failed")],
        [_INTENT, _record(2, Phase.OUTCOME, 1005, intent=1, result="ok", target="d")],
        [_INTENT, _record(2, Phase.OUTCOME, 1011, intent=1, result="ok")],
        [_record(1, Phase.INTENT, 989), _OUTCOME],
    ],
)
def test_what_counts_as_lost(records: list[AuditRecord]) -> None:
    acknowledged = [("t container:stop c", 990, 1010)]
    assert missing(acknowledged, [_INTENT, _OUTCOME]) == []
    assert missing(acknowledged, records) == ["t container:stop c"]
    overlapping = [("t container:stop c", 1002, 1020), ("t container:stop c", 990, 1030)]
    later = [_record(3, Phase.INTENT, 1003), _record(4, Phase.OUTCOME, 1004, intent=3, result="ok")]
    assert missing(overlapping, [_INTENT, *later, _OUTCOME]) == []
    assert missing(acknowledged * 2, [_INTENT, _OUTCOME]) == ["t container:stop c"]


def test_what_counts_as_an_error() -> None:
    errors = {"ps": Counter({"busy": 3, "rate-limited": 2, "no-answer": 1, "store: locked": 4})}
    report = Report(errors=errors)
    assert Load(3, report, [1, 1, 1]).unexplained == {"no-answer": 1, "store: locked": 4}
    assert Load(3, report, [1, 1, 1], kills=1).unexplained == {"store: locked": 4}


def test_what_counts_as_growth() -> None:
    assert Load(6, Report(), [1, 9, 10, 10, 11, 20]).growth == 2
    assert Load(6, Report(), [1, 10, 10, 50, 10, 10]).growth == 1
