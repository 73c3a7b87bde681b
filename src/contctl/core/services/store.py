"""The use cases on the store as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contctl.core.services.caller import Deed

if TYPE_CHECKING:
    from pathlib import Path

    from contctl.core.answers import Check
    from contctl.core.domain.store import Upgraded
    from contctl.core.ports import EmbeddedPorts
    from contctl.core.services.shared import Shared

_LONGEST = 200


def upgrade_store(shared: Shared) -> Upgraded | None:
    """Bring an older store to this version, and record it; None where it is none."""
    upgraded = shared.ports.store.upgrade()
    if upgraded is not None:
        deed = Deed("store:migrate", detail=f"version {upgraded.before} to {upgraded.after}")
        shared.recorder.outcome(None, deed, shared.recorder.intent(None, deed))
    return upgraded


class StoreService:
    """Implements the inbound port `Maintenance`."""

    def __init__(self, shared: Shared, ports: EmbeddedPorts) -> None:
        self._shared = shared
        self._ports = ports

    def examine(self) -> tuple[Check, ...]:
        from contctl.core.services.doctor import check

        return (
            *self._ports.store.examine(),
            check("keys", self._keys),
            check("files", self._files),
        )

    def upgrade(self) -> Upgraded | None:
        return upgrade_store(self._shared)

    def back_up(self, path: Path) -> None:
        from contctl.core.domain.roles import Permission

        asked = str(path)[:_LONGEST]
        caller = self._shared.access.require(Permission.STORE_MANAGE, asked)
        with self._shared.recorder.recorded(caller, Deed("store:backup", target_name=asked)):
            self._ports.store.back_up(path)

    def _keys(self) -> str:
        older = len(self._ports.keys.load().keys) - 1
        return f"one that signs, {older} older that verify still"

    def _files(self) -> str:
        from contctl.core.services.doctor import private_files

        return private_files(self._ports.modes)
