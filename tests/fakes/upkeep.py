"""Upgrading, examining and copying a store in memory."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from contctl.core.answers import Check, Level
from contctl.core.domain.store import Upgraded
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from tests.fakes.store import Content


class FakeUpkeep:
    """A Store's part beside its identity and its creation.

    backups: the paths that it was copied to.
    """

    def __init__(self, content: Content) -> None:
        self._content = content
        self.backups: list[Path] = []

    def upgrade(self) -> Upgraded | None:
        """Make it one of this version."""
        if not self._content.older:
            return None
        if self._content.unwritable is not None:
            raise self._content.unwritable
        self._content.older = False
        return Upgraded(1, 2, "the copy")

    def examine(self) -> tuple[Check, ...]:
        """One check: whether it can be read."""
        try:
            with self._content.reading():
                return (Check("integrity", Level.OK, "sound"),)
        except ContctlError as error:
            return (Check("integrity", Level.FAILED, error.message, error.hint),)

    def back_up(self, path: Path) -> None:
        """Note the path; CONFLICT the second time."""
        with self._content.reading():
            if path in self.backups:
                raise ContctlError(ErrorCode.CONFLICT, f"there is a file {path} already")
            self.backups.append(path)
