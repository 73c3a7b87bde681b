"""How much each account may ask of a gateway, whichever of its tokens it shows."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from contctl.core.api import Authority
from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError
from contctl.gateway.bounds import Bound
from contctl.gateway.callers import Caller
from contctl.gateway.limits import Limits, Rates

_REMEMBERED = 10_000
_WITHOUT_ACCOUNT = ("session", "password_rules")


class Admission:
    """Counts what accounts ask for; a token's account is asked for once and then remembered, for it
    never changes. Used from the threads that call, since it may ask the authority."""

    def __init__(self, limits: Limits) -> None:
        self._rates = Rates(limits.requests_per_second, limits.request_burst)
        self._streams = Bound(limits.streams_per_account, "streams of one account")
        self._known: OrderedDict[bytes, str] = OrderedDict()
        self._lock = threading.Lock()

    def call(self, authority: Authority, caller: Caller, part: str) -> str:
        """Count one request; the caller's account, empty where it has none. UNAVAILABLE, reason
        `rate-limited`, where it is one too many."""
        if caller.token is None or part in _WITHOUT_ACCOUNT:
            return ""
        account = self._account(authority, caller.token)
        if account:
            self._rates.check(account, monotonic())
        return account

    @contextmanager
    def stream(self, authority: Authority, caller: Caller, part: str, width: int) -> Iterator[None]:
        """A context in which `width` more streams are open; UNAVAILABLE, reason `busy`, for one too
        many of an account."""
        account = self.call(authority, caller, part)
        if not account:
            yield
            return
        self._streams.enter(account, width)
        try:
            yield
        finally:
            self._streams.leave(account, width)

    def _account(self, authority: Authority, token: Secret) -> str:
        digest = hashlib.sha256(token.reveal().encode("ascii")).digest()
        with self._lock:
            known = self._known.get(digest)
        if known is not None:
            return known
        try:
            account = authority.users.show(None).user.id
        except ContctlError:
            return ""  # the call itself says what is wrong with the token
        with self._lock:
            self._known[digest] = account
            if len(self._known) > _REMEMBERED:
                self._known.popitem(last=False)
        return account
