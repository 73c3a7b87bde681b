"""The use cases that look at one container from outside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contctl.core.domain.roles import Permission
from contctl.core.services.container_use import ContainerUse

if TYPE_CHECKING:
    from contctl.core.domain.containers import Container, Port
    from contctl.core.domain.observed import Change, Processes


class ContainerObserving(ContainerUse):
    """Processes, ports and changed files. Only refusals are recorded."""

    def top(self, ref: str, args: tuple[str, ...]) -> Processes:
        if args:
            # ps shows other users' environment variables, and what it lists as a process' number
            # can be chosen. Who may exec could run it anyway.
            caller = self._access.require(Permission.EXEC, ref)
            container = self._inside(caller, Permission.EXEC, ref)
        else:
            caller = self._access.require(Permission.TOP, ref)
            container = self._entered(caller, Permission.TOP, ref)
        return self._engine.top(container.id, args)

    def ports(self, ref: str) -> tuple[Port, ...]:
        return self._observed(Permission.PORT, ref).ports

    def changes(self, ref: str) -> tuple[Change, ...]:
        container = self._observed(Permission.DIFF, ref)
        return self._engine.changed_files(container.id)

    def _observed(self, permission: Permission, ref: str) -> Container:
        caller = self._access.require(permission, ref)
        (container,) = self._allowed(caller, permission, [ref])
        return container
