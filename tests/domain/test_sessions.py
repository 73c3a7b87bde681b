"""The rule by which refresh tokens rotate."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from contctl.core.domain.sessions import (
    Lifetimes,
    Session,
    Verdict,
    begin,
    is_live,
    is_over,
    judge_refresh,
    revoked,
    rotated,
    used,
)
from contctl.core.domain.tokens import Claims, TokenKind

TTL = Lifetimes(access=600, idle=1000, absolute=5000)
START = 1_000_000


def session(generation: int = 1, *, was_used: bool = False) -> Session:
    fresh = begin("sid", "uid", "key", START, TTL)
    return replace(fresh, generation=generation, generation_used=was_used)


def claims(generation: int, user_id: str = "uid") -> Claims:
    return Claims(TokenKind.REFRESH, "iss", user_id, "sid", generation, START, START + 1000)


@given(st.integers(1, 50), st.integers(1, 50), st.booleans())
def test_verdicts(current: int, presented: int, was_used: bool) -> None:
    verdict = judge_refresh(session(current, was_used=was_used), claims(presented), START)
    if presented > current:
        assert verdict is Verdict.DENY
    elif presented == current:
        assert verdict is Verdict.ROTATE
    elif presented == current - 1 and not was_used:
        assert verdict is Verdict.REDELIVER
    else:
        assert verdict is Verdict.REVOKE


def test_verdicts_near_the_current_generation() -> None:
    for was_used, expected in (
        (False, (Verdict.REVOKE, Verdict.REDELIVER, Verdict.ROTATE, Verdict.DENY)),
        (True, (Verdict.REVOKE, Verdict.REVOKE, Verdict.ROTATE, Verdict.DENY)),
    ):
        now = session(7, was_used=was_used)
        assert tuple(judge_refresh(now, claims(each), START) for each in (5, 6, 7, 8)) == expected


@given(st.integers(1, 50), st.integers(1, 50))
def test_nothing_is_given_for_a_session_that_is_over(current: int, presented: int) -> None:
    alive = session(current)
    assert judge_refresh(revoked(alive, START), claims(presented), START) is Verdict.DENY
    assert judge_refresh(alive, claims(presented), alive.ends_at) is Verdict.DENY
    assert judge_refresh(alive, claims(presented, "another"), START) is Verdict.DENY


@given(st.lists(st.integers(0, 999), min_size=1, max_size=20))
def test_rotating_never_moves_the_end(waits: list[int]) -> None:
    current, now = session(), START
    for wait in waits:
        now += wait
        if now >= current.ends_at:
            break
        following = rotated(used(current), "key-2", now, TTL)
        assert following.generation == current.generation + 1
        assert following.generation_used is False
        assert following.ends_at == current.ends_at
        assert following.access_expires_at == min(now + 600, current.ends_at)
        assert following.refresh_expires_at == min(now + 1000, current.ends_at)
        assert (following.key_id, following.issued_at) == ("key-2", now)
        current = following


def test_a_session_begins_at_its_first_generation() -> None:
    assert begin("sid", "uid", "key", START, TTL) == Session(
        id="sid",
        user_id="uid",
        created_at=START,
        ends_at=START + 5000,
        generation=1,
        generation_used=False,
        key_id="key",
        issued_at=START,
        access_expires_at=START + 600,
        refresh_expires_at=START + 1000,
    )


def test_no_token_outlives_its_session() -> None:
    short = begin("sid", "uid", "key", START, Lifetimes(access=600, idle=1000, absolute=60))
    assert (short.access_expires_at, short.refresh_expires_at) == (START + 60, START + 60)


def test_a_generation_that_was_used_stays_the_current_one() -> None:
    assert used(session(3)) == session(3, was_used=True)


def test_a_session_is_live_until_the_second_it_ends() -> None:
    alive = session(2)
    assert is_live(alive, claims(1), alive.ends_at - 1)
    assert not is_live(alive, claims(1), alive.ends_at)
    assert not is_live(alive, claims(3), START)


def test_a_session_is_over_when_nothing_of_it_can_be_renewed() -> None:
    alive = session(2)
    assert not is_over(alive, alive.refresh_expires_at - 1)
    assert is_over(alive, alive.refresh_expires_at)
    assert is_over(revoked(alive, START), START)
    short = replace(alive, ends_at=START + 10)
    assert not is_over(short, START + 9)
    assert is_over(short, START + 10)


def test_a_session_is_revoked_once() -> None:
    ended = revoked(session(), START + 5)
    assert ended.revoked_at == START + 5
    assert revoked(ended, START + 9) == ended


def test_tokens_of_a_session_have_ids_of_their_own() -> None:
    access = replace(claims(1), kind=TokenKind.ACCESS)
    ids = {access.token_id, claims(1).token_id, claims(2).token_id}
    assert len(ids) == 3
