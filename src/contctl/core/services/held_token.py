"""The access token that this machine's user holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from contctl.core.domain.secret import Secret
    from contctl.core.ports import CredentialStores


class HeldToken:
    """Reads it once. authority: gives what it is kept under, and may raise."""

    def __init__(self, stores: Callable[[], CredentialStores], authority: Callable[[], str]):
        self._stores = stores
        self._authority = authority
        self._token: Secret | None = None

    def __call__(self) -> Secret | None:
        """The token, unchecked; None where none is kept. STORE as the store's `read`."""
        if self._token is None:
            authority = self._authority()
            credential = self._stores().choose(None, authority).read(authority)
            self._token = credential.access if credential else None
        return self._token

    def hold(self, token: Secret) -> None:
        """It is `token`, as was just read."""
        self._token = token

    def forget(self) -> None:
        """Read it anew the next time: the stored one has changed."""
        self._token = None
