"""Signing keys that make room for new ones."""

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetiredKey:
    """A key that signs no more, by its id. retired_at: when it last did, in seconds since the
    epoch."""

    id: str
    retired_at: int


@dataclass(frozen=True, slots=True)
class KeyChange:
    """What a rotation did: the id of the new key, and of the older ones that verify still and that
    are gone."""

    current: str
    kept: tuple[str, ...]
    dropped: tuple[str, ...]


def still_verifies(key: RetiredKey, now: int, idle: int, in_use: Collection[str]) -> bool:
    """Whether a refresh token that `key` signed may still be good.

    The last one was signed when the key was retired, and lasts for `idle` seconds; a session whose
    tokens were signed while that was longer is among those that name their keys, `in_use`.
    """
    return now <= key.retired_at + idle or key.id in in_use
