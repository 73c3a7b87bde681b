"""Images as a listing shows them."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Image:
    """One image of the engine.

    id: with the algorithm in front, `sha256:…`.  tags: `repository:tag`; digests:
    `repository@digest`.  created: seconds since the epoch.  size, shared_size: bytes; the part that
    other images share is None where the engine did not find it out, and so is the number of
    containers.
    """

    id: str
    tags: tuple[str, ...]
    digests: tuple[str, ...]
    created: int
    size: int
    labels: Mapping[str, str]
    shared_size: int | None = None
    containers: int | None = None


@dataclass(frozen=True, slots=True)
class ImageQuery:
    """Which images to list. all: also those that are only layers of others.  filters: docker's, as
    (key, value)."""

    all: bool = False
    filters: tuple[tuple[str, str], ...] = ()
