"""Records of the audit trail: which values make one, and which ones a filter finds."""

from dataclasses import astuple, replace
from typing import Any

import pytest

from contctl.core.domain.audit import AuditEntry, AuditFilter, AuditRecord, Phase, entry_of
from tests.contracts.audit_log import FILTERS, LOGGED

ENTRY = AuditEntry(
    at=1000,
    phase=Phase.OUTCOME,
    action="container:stop",
    uid=7,
    user_id="u",
    user="alice",
    session_id="s",
    target="0123456789ab" + "c" * 52,
    target_name="web",
    intent=3,
    result="ok",
    detail="x",
    token_id="t",
)
VALUES: tuple[Any, ...] = astuple(ENTRY)
LAST_DAY = 253_402_214_400_000  # 9999-12-31T00:00:00Z


def test_an_entry_is_read_back_from_its_values() -> None:
    assert entry_of(VALUES) == ENTRY
    assert isinstance(entry_of((VALUES[0], "outcome", *VALUES[2:])).phase, Phase)
    assert entry_of(astuple(replace(ENTRY, intent=None))).intent is None


def test_what_came_of_an_intent_without_an_outcome_is_unknown() -> None:
    assert AuditRecord(1, ENTRY).result == "ok"
    assert AuditRecord(1, ENTRY, unfinished=True).result == "unknown"


@pytest.mark.parametrize("at", [0, 1, LAST_DAY])
def test_times(at: int) -> None:
    assert entry_of((at, *VALUES[1:])).at == at


@pytest.mark.parametrize("at", [-1, LAST_DAY + 1, 2**63])
def test_impossible_times(at: int) -> None:
    with pytest.raises(ValueError, match=r"^a time out of range$"):
        entry_of((at, *VALUES[1:]))


@pytest.mark.parametrize(
    ("column", "name", "value"),
    [
        (0, "at", "1000"),
        (0, "at", None),
        (1, "phase", 1),
        (2, "action", None),
        (3, "uid", "7"),
        (3, "uid", None),
        (5, "user", b"alice"),
        (9, "intent", "3"),
        (12, "token_id", None),
    ],
)
def test_a_value_of_another_type_makes_no_entry(column: int, name: str, value: object) -> None:
    with pytest.raises(ValueError, match=rf"^{name} has a value of another type$"):
        entry_of((*VALUES[:column], value, *VALUES[column + 1 :]))


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ((), "shorter"),
        (VALUES[:-1], "shorter"),
        ((*VALUES, ""), "longer"),
        ((VALUES[0], "later", *VALUES[2:]), "'later' is not a valid Phase"),
    ],
)
def test_other_values_make_no_entry(values: tuple[object, ...], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        entry_of(values)


@pytest.mark.parametrize(("wanted", "numbers"), FILTERS)
def test_what_a_filter_finds(wanted: AuditFilter, numbers: list[int]) -> None:
    found = [number for number, entry in enumerate(LOGGED, 1) if wanted.matches(entry)]
    assert found == numbers


@pytest.mark.parametrize(
    "wanted",
    [
        AuditFilter(user="bob", action="container:stop", container="web", since=0, until=2000),
        AuditFilter(user="alice", action="user:", container="web", since=0, until=2000),
        AuditFilter(user="alice", action="container:", container="db", since=0, until=2000),
        AuditFilter(user="alice", action="container:", container="web", since=1001, until=2000),
        AuditFilter(user="alice", action="container:", container="web", since=0, until=1000),
    ],
)
def test_one_part_that_does_not_match_is_enough(wanted: AuditFilter) -> None:
    assert AuditFilter("alice", "container:", "web", 1000, 1001).matches(ENTRY)
    assert not wanted.matches(ENTRY)
