"""How often each may ask: token buckets, in a table of bounded size."""

import threading
from collections import OrderedDict
from ipaddress import IPv6Address, ip_address

from contctl.core.domain.gateway_settings import Limits
from contctl.core.errors import ContctlError, ErrorCode
from contctl.gateway.callers import UNKNOWN_UID, Peer

__all__ = ["Limits", "Rates", "peer_key"]

_MOST_KEYS = 10_000


class Rates:
    """A rate for each of many keys; threads may share it.

    per_second: requests in the long run. burst: requests at once after a rest. most: keys that are
    remembered; of more, the one that asked longest ago is forgotten.
    """

    def __init__(self, per_second: float, burst: int, most: int = _MOST_KEYS) -> None:
        self._per_second = per_second
        self._burst = float(burst)
        self._most = most
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def check(self, key: str, now: float) -> None:
        """Count a request of `key` at `now`, seconds of a clock that never goes back. ContctlError
        UNAVAILABLE, reason `rate-limited`, where it is one too many; it is not counted then."""
        with self._lock:
            tokens, since = self._buckets.pop(key, (self._burst, now))
            tokens = min(self._burst, tokens + (now - since) * self._per_second)
            allowed = tokens >= 1
            self._buckets[key] = (tokens - 1 if allowed else tokens, now)
            if len(self._buckets) > self._most:
                self._buckets.popitem(last=False)
        if not allowed:
            raise ContctlError(
                ErrorCode.UNAVAILABLE,
                "too many requests at once",
                hint=f"the gateway takes {self._per_second:g} a second of each; wait a little",
                details={"reason": "rate-limited"},
            )


def peer_key(peer: Peer) -> str:
    """Under which limits know a peer: its user; over a network its address, or its IPv6 network,
    for one host may use all addresses of a /64 (RFC 4291, section 2.5.4)."""
    if peer.uid != UNKNOWN_UID:
        return f"uid {peer.uid}"
    try:
        address = ip_address(peer.address)
    except ValueError:
        return peer.address
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return f"{IPv6Address(int(address) >> 64 << 64)}/64"
