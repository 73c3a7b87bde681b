"""CI tokens in memory."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from contctl.core.domain.ci_tokens import CiToken, TokenHolder, is_live

if TYPE_CHECKING:
    from tests.fakes.store import Content


class FakeCiTokens:
    """CiTokenRepository and CiTokenLookup onto the content of a FakeStore. A deleted user's tokens
    are as if deleted, for a user's id is never used again.

    digests: of the tokens' texts, by id.
    """

    def __init__(self, content: Content) -> None:
        self._content = content
        self._tokens: dict[str, CiToken] = {}
        self.digests: dict[str, str] = {}

    def add(self, token: CiToken, digest: str) -> None:
        """NOT_FOUND for an unknown user."""
        with self._content.writing():
            self._content.existing(token.user_id)
            self._tokens[token.id] = token
            self.digests[token.id] = digest

    def get(self, token_id: str) -> CiToken | None:
        """The token of that id."""
        with self._content.reading():
            token = self._tokens.get(token_id)
            return token if token and token.user_id in self._content.users else None

    def live(self, user_id: str, now: int) -> tuple[CiToken, ...]:
        """The user's tokens that are good, the oldest first."""
        with self._content.reading():
            found = [each for each in self._tokens.values() if self._is_live_of(each, user_id, now)]
            return tuple(sorted(found, key=lambda token: (token.created_at, token.id)))

    def revoke(self, token_id: str, now: int) -> None:
        """One that was revoked keeps its time."""
        with self._content.writing():
            token = self._tokens.get(token_id)
            if token is not None and token.revoked_at is None:
                self._tokens[token_id] = replace(token, revoked_at=now)

    def find(self, token_id: str) -> TokenHolder | None:
        """Token, owner and grants."""
        with self._content.reading():
            token = self.get(token_id)
            if token is None:
                return None
            owner = self._content.users[token.user_id]
            return TokenHolder(owner, token, self.digests[token_id], self._content.grants[owner.id])

    def _is_live_of(self, token: CiToken, user_id: str, now: int) -> bool:
        return token.user_id == user_id and user_id in self._content.users and is_live(token, now)
