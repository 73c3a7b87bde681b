"""What a client keeps between two commands: one item per authority."""

import json
from dataclasses import dataclass
from enum import StrEnum

from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode

MAX_CHARACTERS = 1200
"""Windows' credential store holds 1,280 characters in one item."""


class StoreKind(StrEnum):
    """Where credentials are kept."""

    KEYRING = "keyring"
    FILE = "file"


@dataclass(frozen=True, slots=True)
class Credential:
    """The tokens of one generation, kept as one value so that no pair is torn."""

    access: Secret
    refresh: Secret
    generation: int

    def to_json(self) -> str:
        """The value to store; ContctlError STORE where it would be too long for some keyring."""
        text = json.dumps(
            {
                "access": self.access.reveal(),
                "refresh": self.refresh.reveal(),
                "gen": self.generation,
            },
            separators=(",", ":"),
        )
        if len(text) > MAX_CHARACTERS:
            raise ContctlError(ErrorCode.STORE, "the tokens are too long for a keyring item")
        return text

    @classmethod
    def from_json(cls, text: str) -> "Credential":
        """The stored value read back; ContctlError STORE where it is not one of contctl's."""
        try:
            value = json.loads(text)
            access, refresh, generation = value["access"], value["refresh"], value["gen"]
        except (ValueError, KeyError, TypeError, RecursionError):
            access = refresh = generation = None
        if (
            not isinstance(access, str)
            or not isinstance(refresh, str)
            or type(generation) is not int
        ):
            raise ContctlError(
                ErrorCode.STORE,
                "the stored credentials are damaged",
                hint="run 'contctl login' to replace them",
            )
        return cls(Secret(access), Secret(refresh), generation)
