"""The building blocks of rules, each alone, and built when the test runs."""

from collections.abc import Callable, Iterable

import pytest

from contctl.core.domain.field_rules import (
    Host,
    Rule,
    both,
    each,
    entries,
    flag,
    if_set,
    lists,
    mapping,
    number,
    numbers,
    only,
    record,
    records,
    rule,
    shown,
    text,
    text_map,
    text_or_texts,
    texts,
)
from contctl.core.errors import ContctlError, ErrorCode

HOST = Host()
STRICT = Host(strict=True)
VALUES: tuple[object, ...] = (
    *("a", 1, 1.5, True, None),
    *([], ["a"], [1], [1.5], [[]], [{}], ["a", 1], [1, "a"], [[], "a"], [{}, 1], [True]),
    *({}, {"a": "b"}, {"a": "b", "c": 1}),
)


def dangers(judged: Rule, value: object, host: Host = HOST) -> list[str]:
    """What `judged` says of `value` in the field `Field`."""
    return list(judged("Field", value, host))


def echo(value: object, _: Host) -> Iterable[str]:
    return [f"says {value}"]


def whose(_: object, host: Host) -> Iterable[str]:
    return [host.socket]


@pytest.mark.parametrize(
    ("shape", "fitting"),
    [
        (text, ["a"]),
        (number, [1, 1.5]),
        (flag, [True]),
        (mapping, [{}, {"a": "b"}, {"a": "b", "c": 1}]),
        (texts, [[], ["a"]]),
        (text_or_texts, ["a", [], ["a"]]),
        (numbers, [[], [1], [1.5]]),
        (records, [[], [{}]]),
        (lists, [[], [[]]]),
        (text_map, [{}, {"a": "b"}]),
    ],
)
def test_shapes(shape: Callable[[object], bool], fitting: list[object]) -> None:
    found = [value for value in VALUES if shape(value)]
    assert [repr(value) for value in found] == [repr(value) for value in fitting]


def test_a_rule_judges_what_has_its_shape() -> None:
    assert dangers(rule(text, echo), "x") == ["says x"]
    assert dangers(rule(text, whose), "x", Host(socket="/run/s")) == ["/run/s"]
    assert dangers(rule(text, echo), None) == []
    assert dangers(rule(text, echo), 7) == ["Field of an unexpected type"]
    assert dangers(rule(text), "x") == []


def test_any_value_that_is_set() -> None:
    judged = rule(lambda _: True, if_set("danger"))
    empty: tuple[object, ...] = ("", 0, False, [], {})
    assert [dangers(judged, value) for value in empty] == [[]] * 5
    for value in ("x", 1, True, [0], {"": ""}):
        assert dangers(judged, value) == ["danger"]


def test_only_these_texts() -> None:
    judged = rule(text, only("", "a", danger="odd"))
    assert dangers(judged, "") == dangers(judged, "a") == []
    assert dangers(judged, "b") == ["odd b"]


def test_what_two_rules_say() -> None:
    own = Host(socket="/run/s")
    judged = both(rule(text, echo), rule(text, whose))
    assert dangers(judged, "x", own) == ["says x", "/run/s"]
    judged = both(rule(text, whose), rule(text, echo))
    assert dangers(judged, "x", own) == ["/run/s", "says x"]
    assert dangers(judged, 7) == ["Field of an unexpected type"] * 2


def test_items_of_a_list() -> None:
    judged = each(rule(text, echo))
    assert dangers(judged, ["x", 7, "y"]) == ["says x", "Field of an unexpected type", "says y"]
    assert dangers(each(rule(text, whose)), ["x"], Host(socket="/run/s")) == ["/run/s"]
    assert dangers(judged, None) == dangers(judged, []) == []
    for other in ("x", 7, {"x": "y"}):
        assert dangers(judged, other) == ["Field of an unexpected type"]


def test_entries_of_an_object() -> None:
    judged = entries(rule(text, echo), only("a", danger="key"))
    assert dangers(judged, {"a": "x", "b": 7}) == [
        *("says x", "key b", "Field of an unexpected type"),
    ]
    assert dangers(entries(rule(text, echo)), {"b": "x"}) == ["says x"]
    own = Host(socket="/run/s")
    assert dangers(entries(rule(text, whose), whose), {"a": "x"}, own) == ["/run/s", "/run/s"]
    assert dangers(judged, None) == dangers(judged, {}) == []
    for other in ("x", 7, ["a"]):
        assert dangers(judged, other) == ["Field of an unexpected type"]


def test_fields_of_a_record() -> None:
    judged = record({"B": rule(text, echo), "A": rule(text, echo)}, "Inner.")
    assert dangers(judged, {"A": "x", "B": "y"}) == ["says y", "says x"]
    assert dangers(judged, {"C": 1, "A": 7}) == [
        *("Inner.A of an unexpected type", "unknown field Inner.C"),
    ]
    assert dangers(record({}), {"C": 1}) == ["unknown field C"]
    assert dangers(judged, None) == dangers(judged, {}) == []
    assert dangers(judged, {"A": "x"}, STRICT) == ["says x"]
    assert dangers(judged, []) == ["Field of an unexpected type"]
    with pytest.raises(ContctlError) as caught:
        dangers(judged, {"C": 1, "D": 1}, STRICT)
    assert caught.value.code is ErrorCode.USAGE
    assert caught.value.message == "not a field that contctl knows: 'Inner.C'"


def test_long_text_is_cut_after_100_characters() -> None:
    assert shown("x" * 100) == "x" * 100
    assert shown("x" * 101) == "x" * 100 + "…"
