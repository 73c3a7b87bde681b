"""What every LoginThrottle does."""

import pytest

from contctl.core.domain.throttle import FORGOTTEN_AFTER, FREE_ATTEMPTS, LONGEST_DELAY
from tests.contracts.stores import NOW, Stores, StoresContract

PEER, OTHER_PEER = "uid 1000", "uid 1001"
ODD_NAMES = ("", "nul\0inside", "ünïcode", "\udcff", "x" * 1_000_000, "' OR 1=1 --", "a b", "%")


def fail(stores: Stores, account: str = "ada", peer: str = PEER, now: int = NOW) -> int:
    """Try ten times at once; how many of the attempts may be judged."""
    return sum(stores.throttle.attempt(account, peer, now) for _ in range(10))


class LoginThrottleContract(StoresContract):
    """A LoginThrottle's part of the suite."""

    def test_the_first_attempts_are_free(self, stores: Stores) -> None:
        judged = [stores.throttle.attempt("ada", PEER, NOW) for _ in range(6)]
        assert judged == [True] * FREE_ATTEMPTS + [False] * (6 - FREE_ATTEMPTS)

    def test_each_failure_doubles_the_delay(self, stores: Stores) -> None:
        fail(stores)
        now = NOW
        for delay in (2, 4, 8, 16, 32, 64, 128, 256, 512, LONGEST_DELAY, LONGEST_DELAY):
            assert fail(stores, now=now + delay - 1) == 0
            now += delay
            assert fail(stores, now=now) == 1

    def test_refused_attempts_do_not_lengthen_the_delay(self, stores: Stores) -> None:
        fail(stores)
        for _ in range(20):
            assert not stores.throttle.attempt("ada", PEER, NOW + 1)
        assert stores.throttle.attempt("ada", PEER, NOW + 2)

    def test_peers_and_accounts_are_counted_apart(self, stores: Stores) -> None:
        fail(stores)
        assert fail(stores, peer=OTHER_PEER) == FREE_ATTEMPTS
        assert fail(stores, "bob") == FREE_ATTEMPTS
        assert fail(stores) == 0

    def test_a_success_clears_one_peer(self, stores: Stores) -> None:
        fail(stores)
        fail(stores, peer=OTHER_PEER)
        fail(stores, "bob")
        stores.throttle.clear("ada", PEER)
        assert fail(stores) == FREE_ATTEMPTS
        assert fail(stores, peer=OTHER_PEER) == 0
        assert fail(stores, "bob") == 0

    def test_an_account_is_cleared_for_every_peer(self, stores: Stores) -> None:
        fail(stores)
        fail(stores, peer=OTHER_PEER)
        fail(stores, "bob")
        stores.throttle.clear_account("ada")
        assert fail(stores) == FREE_ATTEMPTS
        assert fail(stores, peer=OTHER_PEER) == FREE_ATTEMPTS
        assert fail(stores, "bob") == 0

    def test_clearing_what_is_not_there_is_no_error(self, stores: Stores) -> None:
        stores.throttle.clear("nobody", PEER)
        stores.throttle.clear_account("nobody")

    def test_a_clock_that_was_set_back_does_not_lock(self, stores: Stores) -> None:
        fail(stores)
        earlier = NOW - 365 * 86400
        assert not stores.throttle.attempt("ada", PEER, earlier)
        assert stores.throttle.attempt("ada", PEER, earlier + 2)

    def test_a_day_without_an_attempt_is_forgiven(self, stores: Stores) -> None:
        fail(stores)
        fail(stores, now=NOW + 2)
        assert fail(stores, now=NOW + 2 + FORGOTTEN_AFTER) == FREE_ATTEMPTS

    @pytest.mark.parametrize("name", ODD_NAMES, ids=range(len(ODD_NAMES)))
    def test_any_text_is_an_account_and_a_peer(self, stores: Stores, name: str) -> None:
        assert fail(stores, name, name) == FREE_ATTEMPTS
        assert fail(stores, f"{name}y", name) == FREE_ATTEMPTS
        assert fail(stores, name, f"{name}y") == FREE_ATTEMPTS
        stores.throttle.clear(name, name)
        assert fail(stores, name, name) == FREE_ATTEMPTS
        stores.throttle.clear_account(name)
        assert fail(stores, name, f"{name}y") == FREE_ATTEMPTS
        assert fail(stores, f"{name}y", name) == 0
