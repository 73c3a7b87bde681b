"""The store as a whole."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Upgraded:
    """What an upgrade did. before, after: versions of the schema. copy: the path of the file that
    holds the store as it was."""

    before: int
    after: int
    copy: str
