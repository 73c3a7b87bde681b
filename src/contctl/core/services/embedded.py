"""Embedded mode: an authority and its client in one process."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from contctl.core.services.held_token import HeldToken
from contctl.core.services.served import ServedAuthority

if TYPE_CHECKING:
    from contctl.core.ports import EmbeddedPorts
    from contctl.core.services.doctor import DoctorService
    from contctl.core.services.recovery import RecoveryService
    from contctl.core.services.sessions import SessionService
    from contctl.core.services.shared import Shared
    from contctl.core.services.store import StoreService


class EmbeddedContctl(ServedAuthority):
    """Implements the inbound port for whoever is logged in on this machine."""

    def __init__(self, ports: EmbeddedPorts) -> None:
        self._ports = ports
        self._held = HeldToken(lambda: ports.stores, lambda: self._shared.authority.issuer)
        super().__init__(ports, self._held)

    @cached_property
    def _accounts(self) -> Shared:
        """Account commands bring an older store to this version, where everyday commands refuse
        it."""
        from contctl.core.services.store import upgrade_store

        upgrade_store(self._shared)
        return self._shared

    @cached_property
    def sessions(self) -> SessionService:
        """The caller's own session."""
        from contctl.core.services.sessions import SessionService

        ports = self._ports
        # Loading the repository takes longer than all that is done under the lock.
        return SessionService(
            self.session,
            ports.stores,
            self._held,
            lambda: ports.environment_token,
            lambda: ports.sessions,
        )

    @cached_property
    def recovery(self) -> RecoveryService:
        """Getting in again."""
        from contctl.core.services.recovery import RecoveryService

        return RecoveryService(self._accounts)

    @cached_property
    def doctor(self) -> DoctorService:
        """A diagnosis."""
        from contctl.core.services.doctor import DoctorService

        return DoctorService(self._shared, self._ports)

    @cached_property
    def maintenance(self) -> StoreService:
        """The store as a whole."""
        from contctl.core.services.store import StoreService

        return StoreService(self._shared, self._ports)
