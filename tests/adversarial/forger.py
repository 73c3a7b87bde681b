"""Somebody who has a store's own signing key and forges tokens for it, one fault at a time."""

import base64
import json
from typing import Any

from contctl.backends.clock import SystemClock
from contctl.backends.signing_keys import SigningKeyFile
from contctl.core.domain.tokens import TokenKind
from tests.adversarial.homes import stored
from tests.e2e.machine import Machine
from tests.tokens.forge import compact, kind_key, segment, signed


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token."""
    head, claims, _ = token.split(".")
    return _parsed(head), _parsed(claims)


def _parsed(text: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return value


class Forger:
    """Forges on the pattern of the tokens that `machine` holds now."""

    def __init__(self, machine: Machine) -> None:
        folder = machine.home / "contctl" / "keys"
        self.keys = SigningKeyFile(folder, SystemClock()).load()
        self.tokens = {kind: str(stored(machine)[kind]) for kind in TokenKind}

    def key(self, kind: TokenKind) -> bytes:
        """The key that signs tokens of `kind`."""
        return kind_key(kind, self.keys.current, self.keys)

    def header(self, kind: TokenKind, **changes: Any) -> dict[str, Any]:
        """The header of the genuine token, but for `changes`."""
        return {**parts(self.tokens[kind])[0], **changes}

    def claims(self, kind: TokenKind, **changes: Any) -> dict[str, Any]:
        """The claims of the genuine token, but for `changes`."""
        return {**parts(self.tokens[kind])[1], **changes}

    def with_header(
        self,
        kind: TokenKind,
        *,
        key: bytes | None = None,
        digest: str = "sha256",
        **changes: Any,
    ) -> str:
        """A token whose header has `changes`, signed by the right key unless another is given."""
        header, claims = self.header(kind, **changes), self.claims(kind)
        return signed(compact(header), compact(claims), key or self.key(kind), digest)

    def with_claims(self, kind: TokenKind, **changes: Any) -> str:
        """A token whose claims have `changes`, rightly signed."""
        return self.of_text(kind, compact(self.claims(kind, **changes)))

    def without(self, kind: TokenKind, name: str) -> str:
        """A token that lacks the claim `name`, rightly signed."""
        claims = self.claims(kind)
        del claims[name]
        return self.of_text(kind, compact(claims))

    def of_text(self, kind: TokenKind, claims: bytes) -> str:
        """A token with any text in the place of its claims, rightly signed."""
        return signed(compact(self.header(kind)), claims, self.key(kind))

    def unsigned(self, kind: TokenKind, **changes: Any) -> str:
        """A token whose header has `changes`, without a signature."""
        header = segment(compact(self.header(kind, **changes)))
        return f"{header}.{segment(compact(self.claims(kind)))}."
