"""Calls of a gateway's operations for one caller."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

from contctl.backends.gateway.transport import Transport

if TYPE_CHECKING:
    from contctl.core.api import Duplex, Stream
    from contctl.core.domain.secret import Secret

T = TypeVar("T")


class Operations(NamedTuple):
    """The operations of one gateway. operation: `part/method`.

    proof: gives the token that the caller shows, None for none; it may raise.
    arguments: by the names that the method of the API gives them.
    """

    transport: Transport
    proof: "Callable[[], Secret | None]"

    def ask(self, operation: str, type_: type[T], **arguments: object) -> T:
        """The answer, a value of `type_`."""
        return cast("T", self.transport.ask(operation, arguments, self.proof(), type_))

    def ask_anonymously(self, operation: str, type_: type[T], **arguments: object) -> T:
        """The same for an operation that takes no session."""
        return cast("T", self.transport.ask(operation, arguments, None, type_))

    def do(self, operation: str, **arguments: object) -> None:
        """Call an operation that answers with nothing."""
        self.ask(operation, type(None), **arguments)

    def stream(self, operation: str, type_: type[T], **arguments: object) -> "Stream[T]":
        """A stream of values of `type_`."""
        from contctl.backends.gateway.streams import FrameStream

        answer = self.transport.open(operation, arguments, self.proof())
        return FrameStream(self.transport.gateway, answer, type_)

    def converse(self, operation: str, **arguments: object) -> "Duplex":
        """A process to talk with."""
        from contctl.backends.gateway.duplex import open_duplex

        return open_duplex(self.transport, operation, arguments, self.proof())

    def upload(self, operation: str, content: Iterable[bytes], **arguments: object) -> None:
        """Send `content` with the call."""
        self.transport.upload(operation, arguments, self.proof(), content)
