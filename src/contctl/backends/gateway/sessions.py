"""The caller's session, on the gateway's side of it. Every command asks for its identity, so what
only some operations answer with is imported there."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from contctl.backends.gateway.operations import Operations
    from contctl.core.answers import Issued, SessionState
    from contctl.core.domain.accounts import User
    from contctl.core.domain.secret import Secret
    from contctl.core.domain.tokens import TokenPair


class GatewaySession:
    """Implements the inbound port `SessionAuthority` over the wire. What makes or takes a token
    shows none beside it."""

    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    def identity(self) -> str:
        """The gateway's address: what it says of itself must not choose which tokens it is sent."""
        return f"gateway {self._operations.transport.address}"

    def check_uninitialised(self) -> None:
        self._operations.ask_anonymously("session/check_uninitialised", type(None))

    def initialise(self, username: str, password: Secret) -> User:
        from contctl.core.domain.accounts import User

        return self._operations.ask_anonymously(
            "session/initialise", User, username=username, password=password
        )

    def login(self, username: str, password: Secret) -> Issued:
        from contctl.core.answers import Issued

        return self._operations.ask_anonymously(
            "session/login", Issued, username=username, password=password
        )

    def refresh(self, token: Secret) -> TokenPair:
        from contctl.core.domain.tokens import TokenPair

        return self._operations.ask_anonymously("session/refresh", TokenPair, token=token)

    def logout(self, token: Secret, *, everywhere: bool) -> User | None:
        from contctl.core.domain.accounts import User

        answer = cast("type[User | None]", User | None)
        return self._operations.ask_anonymously(
            "session/logout", answer, token=token, everywhere=everywhere
        )

    def status(self) -> SessionState:
        from contctl.core.answers import SessionState

        return self._operations.ask("session/status", SessionState)

    def note_printing(self) -> None:
        self._operations.do("session/note_printing")
