"""How failed logins slow down further ones."""

from hypothesis import given
from hypothesis import strategies as st

from contctl.core.domain.throttle import (
    FORGOTTEN_AFTER,
    FREE_ATTEMPTS,
    LONGEST_DELAY,
    Failures,
    attempt,
    bounded,
    delay_after,
)

TIMES = st.integers(min_value=0, max_value=2**40)
STATES = st.builds(Failures, count=st.integers(min_value=1, max_value=10**9), last_at=TIMES)


def test_the_delays() -> None:
    assert [delay_after(count) for count in range(8)] == [0, 0, 0, 0, 2, 4, 8, 16]
    assert delay_after(12) == 512
    assert delay_after(13) == LONGEST_DELAY == 900
    assert delay_after(10**9) == LONGEST_DELAY


def test_the_first_attempt() -> None:
    assert attempt(None, 7) == (True, Failures(1, 7))


def test_each_attempt_waits_for_the_one_before_it() -> None:
    before = Failures(5, 1000)
    for now in (1000, 1003):
        assert attempt(before, now) == (False, before)
    assert attempt(before, 1004) == (True, Failures(6, 1004))
    assert attempt(Failures(3, 1000), 1000) == (True, Failures(4, 1000))


@given(STATES, TIMES)
def test_nobody_is_ever_locked_out_for_longer_than_the_longest_delay(
    before: Failures, now: int
) -> None:
    _, after = attempt(before, now)
    assert attempt(after, now + LONGEST_DELAY)[0]


@given(STATES, TIMES)
def test_a_refused_attempt_counts_for_nothing(before: Failures, now: int) -> None:
    may, after = attempt(before, now)
    if may:
        assert after.last_at == now
        assert after.count in (1, before.count + 1)
    else:
        assert after == Failures(before.count, min(before.last_at, now))
        assert before.count >= FREE_ATTEMPTS


@given(STATES)
def test_a_day_forgives(before: Failures) -> None:
    now = before.last_at + FORGOTTEN_AFTER
    assert attempt(before, now) == (True, Failures(1, now))
    assert attempt(before, now - 1) == (True, Failures(before.count + 1, now - 1))


@given(st.text(st.characters()), st.text(st.characters()))
def test_keys_are_short_and_tell_texts_apart(one: str, other: str) -> None:
    for text in (one, one * 100, other):
        assert bounded(text).isascii()
        assert 0 < len(bounded(text)) <= 71
    assert (bounded(one) == bounded(other)) == (one == other)


def test_plain_names_stay_as_they_are() -> None:
    assert bounded("ada.lovelace-1") == "ada.lovelace-1"
    assert bounded(bounded("x" * 65)) != bounded("x" * 65)


def test_a_lone_surrogate_has_a_digest_of_its_own() -> None:
    assert bounded("\ud800").startswith("sha256:")
    assert bounded("\ud800") != bounded("\ud801")
