"""What a caller still may, while something that the caller began goes on."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from contctl.core.domain import ci_tokens, sessions
from contctl.core.domain.grants import holds
from contctl.core.services.access import caller_by_token, lacking
from contctl.core.services.authority import not_authenticated
from contctl.core.services.caller import Caller

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from contctl.core.api import Duplex, Stream
    from contctl.core.domain.roles import Permission
    from contctl.core.errors import ContctlError
    from contctl.core.ports import Ports
    from contctl.core.services.supervised import Watch

T = TypeVar("T")


class Standing:
    """The rights of the caller of one stream, which end it when they end.

    caller: as the store had them the last time.
    refusal: why the caller, as they are then, may not go on; None if they may.
    Where the ports have no supervision nothing is ever ended, and streams stay as they are.
    """

    def __init__(
        self, ports: Ports, caller: Caller, refusal: Callable[[Caller], ContctlError | None]
    ) -> None:
        self.caller = caller
        self._ports = ports
        self._refusal = refusal
        self._watch: Watch | None = None

    def check(self) -> None:
        """Read the caller anew; NOT_AUTHENTICATED or FORBIDDEN if they may not go on."""
        self.caller = as_of_now(self.caller, self._ports)
        refusal = self._refusal(self.caller)
        if refusal is not None:
            raise refusal

    @property
    def ended_by(self) -> ContctlError | None:
        """Why the stream was ended; None where nobody did."""
        return self._watch.error if self._watch is not None else None

    def stream(self, stream: Stream[T]) -> Stream[T]:
        """`stream` for as long as the caller may have it."""
        watch = self._watched(stream.close)
        if watch is None:
            return stream
        from contctl.core.services.supervised import SupervisedStream

        return SupervisedStream(stream, watch)

    def duplex(self, duplex: Duplex) -> Duplex:
        """As `stream`."""
        watch = self._watched(duplex.close)
        if watch is None:
            return duplex
        from contctl.core.services.supervised import SupervisedDuplex

        return SupervisedDuplex(duplex, watch)

    @contextmanager
    def upload(self, pieces: Iterable[bytes]) -> Iterator[Iterable[bytes]]:
        """Gives `pieces`, of which none is taken any more once the caller may not go on."""
        # Who waits for the next piece waits for the caller, not for the engine: nothing to close.
        watch = self._watched(lambda: None)
        if watch is None:
            yield pieces
            return
        try:
            yield map(watch.passed, pieces)
        finally:
            watch.over()

    def _watched(self, close: Callable[[], None]) -> Watch | None:
        supervision = self._ports.supervision
        if supervision is not None:
            from contctl.core.services.supervised import Watch

            self._watch = Watch(supervision, self.check, close)
        return self._watch


def while_held(permission: Permission) -> Callable[[Caller], ContctlError | None]:
    """The rule of a stream that is about no container: `permission` on anything at all."""
    return lambda now: None if holds(now.grants, permission) else lacking(now, permission)


def as_of_now(caller: Caller, ports: Ports) -> Caller:
    """`caller` with the rights of this moment; NOT_AUTHENTICATED where the session, the CI token or
    the user is no more.

    No token is looked at. An access token lives for minutes and shows who opens a stream; a stream
    may last as long as its session: until that is revoked, or none of its tokens is good any more.
    A CI token, which nothing renews, ends its streams when it expires.
    """
    now = int(ports.clock.now())
    if caller.token_id:
        holder = ports.ci_token_lookup.find(caller.token_id)
        if holder is None or not holder.owner.enabled or not ci_tokens.is_live(holder.token, now):
            raise not_authenticated(
                "the CI token is not valid any more", "make a new one with 'contctl token create'"
            )
        return caller_by_token(holder)
    identity = ports.identities.find(caller.user.id, caller.session_id)
    if (
        identity is None
        or not identity.user.enabled
        or sessions.is_over(identity.session, now)
        # An emergency that was cut off between the keys and the sessions.
        or identity.session.key_id not in ports.keys.load().keys
    ):
        raise not_authenticated("the session has ended")
    return Caller(identity.user, identity.session.id, identity.grants)
