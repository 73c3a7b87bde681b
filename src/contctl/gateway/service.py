"""What all routes of a gateway share: the way to an authority, the limits, the threads."""

from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

from contctl.core.api import Authority
from contctl.gateway.admission import Admission
from contctl.gateway.bounds import Turns
from contctl.gateway.callers import Caller, Peer, caller_of, peer_of
from contctl.gateway.calls import Workers
from contctl.gateway.limits import Limits, Rates, peer_key
from contctl.gateway.operations import Operation
from contctl.gateway.running import Running

WAITING = 8
"""Calls that may wait for each thread."""


class Service:
    """The parts of one gateway. authority: makes what one caller is offered; called on the thread
    that then uses it."""

    def __init__(self, authority: Callable[[Caller], Authority], limits: Limits) -> None:
        self.authority = authority
        self.limits = limits
        self.running = Running(limits.streams)
        self.admission = Admission(limits)
        self._calls = Workers(limits.calls, limits.calls * WAITING, "calls")
        # A password's hash takes 64 MiB of memory while it is computed.
        self._hashing = Workers(limits.logins, limits.logins * WAITING, "logins")
        # A part of the threads for each peer: the slow calls of one hold up nobody else's.
        self._turns = Turns(max(1, limits.calls // 4))
        self._hash_turns = Turns(max(1, limits.logins // 2))
        self._peers = Rates(limits.requests_per_second, limits.request_burst)
        self._logins = Rates(limits.logins_per_second, limits.login_burst)

    def admit(self, scope: Mapping[str, Any]) -> None:
        """Count a request of a peer, whatever it is for; UNAVAILABLE, reason `rate-limited`, where
        it is one too many."""
        self._peers.check(peer_key(peer_of(scope)), monotonic())

    def caller(self, scope: Mapping[str, Any], operation: Operation) -> Caller:
        """Whom a request comes from; NOT_AUTHENTICATED where it shows no token in its place.
        Logins are counted: UNAVAILABLE as `admit`."""
        if operation.hashes:
            self._logins.check(peer_key(peer_of(scope)), monotonic())
        return caller_of(scope)

    async def answer(self, operation: Operation, caller: Caller, request: Any) -> Any:
        """What the operation answers; UNAVAILABLE, reason `busy`, where too many calls wait."""

        def call() -> Any:
            authority = self.authority(caller)
            self.admission.call(authority, caller, operation.part)
            return operation.call(authority, request)

        hashes = operation.hashes
        workers, turns = (self._hashing, self._hash_turns) if hashes else (self._calls, self._turns)
        async with turns.of(peer_key(Peer(caller.uid, caller.address))):
            return await workers.run(call)

    def close(self) -> None:
        """Begin no more calls."""
        self._calls.close()
        self._hashing.close()
