"""Token buckets: who asks too often waits, the others do not, and the table stays small."""

import threading

import pytest

from contctl.core.errors import ContctlError, ErrorCode
from contctl.gateway.callers import Peer
from contctl.gateway.limits import Rates, peer_key


def allowed(rates: Rates, key: str, now: float, times: int) -> int:
    """How many of `times` requests pass."""
    passed = 0
    for _ in range(times):
        try:
            rates.check(key, now)
        except ContctlError:
            continue
        passed += 1
    return passed


def test_what_one_too_many_is_told() -> None:
    rates = Rates(per_second=2, burst=1)
    rates.check("a", 0.0)
    with pytest.raises(ContctlError) as caught:
        rates.check("a", 0.0)
    error = caught.value
    assert (error.code, error.reason) == (ErrorCode.UNAVAILABLE, "rate-limited")
    assert error.hint == "the gateway takes 2 a second of each; wait a little"


def test_a_burst_and_then_a_rate() -> None:
    rates = Rates(per_second=2, burst=5)
    assert allowed(rates, "a", 100.0, 50) == 5
    assert allowed(rates, "a", 100.4, 50) == 0
    assert allowed(rates, "a", 100.5, 50) == 1
    assert allowed(rates, "a", 103.0, 50) == 5
    assert allowed(rates, "a", 900.0, 50) == 5


def test_a_refused_request_costs_nothing() -> None:
    rates = Rates(per_second=1, burst=1)
    assert allowed(rates, "a", 0.0, 1) == 1
    assert allowed(rates, "a", 0.9, 1000) == 0
    assert allowed(rates, "a", 1.0, 1) == 1


def test_keys_do_not_hinder_each_other() -> None:
    rates = Rates(per_second=1, burst=2)
    assert allowed(rates, "a", 0.0, 9) == 2
    assert allowed(rates, "b", 0.0, 9) == 2


def test_the_table_is_bounded_and_forgets_who_asked_longest_ago() -> None:
    rates = Rates(per_second=1, burst=1, most=3)
    for key in "abc":
        assert allowed(rates, key, 0.0, 2) == 1
    assert allowed(rates, "a", 0.0, 1) == 0
    assert allowed(rates, "d", 0.0, 1) == 1
    assert allowed(rates, "a", 0.0, 1) == 0
    assert allowed(rates, "b", 0.0, 1) == 1


def test_threads_get_no_more_than_one() -> None:
    rates = Rates(per_second=1, burst=100)
    counts: list[int] = []
    threads = [
        threading.Thread(target=lambda: counts.append(allowed(rates, "a", 0.0, 50)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sum(counts) == 100


@pytest.mark.parametrize(
    ("peer", "key"),
    [
        (Peer(1000, ""), "uid 1000"),
        (Peer(0, ""), "uid 0"),
        (Peer(-1, "192.0.2.7"), "192.0.2.7"),
        (Peer(-1, "::ffff:192.0.2.7"), "192.0.2.7"),
        (Peer(-1, "2001:db8:1:2:aaaa::1"), "2001:db8:1:2::/64"),
        (Peer(-1, "2001:db8:1:2:bbbb::2"), "2001:db8:1:2::/64"),
        (Peer(-1, ""), ""),
    ],
)
def test_how_limits_know_a_peer(peer: Peer, key: str) -> None:
    assert peer_key(peer) == key
