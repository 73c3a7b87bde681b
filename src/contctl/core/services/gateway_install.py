"""Installing the gateway: look at the machine, plan, and do what is planned step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contctl.core.domain.gateway_plan import (
    Host,
    Installed,
    InstallOptions,
    Plan,
    Step,
    plan_of,
)
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contctl.core.ports import ServiceHost

_NEEDED = ("fastapi", "uvicorn")
"""Modules that the extra `gateway` brings."""


class GatewayInstallService:
    """Implements the inbound port `GatewayInstaller`."""

    def __init__(self, host: ServiceHost) -> None:
        self._host = host

    def plan(self, options: InstallOptions) -> Plan:
        return plan_of(options, self._look(options))

    def apply(self, options: InstallOptions) -> Steps:
        plan = self.plan(options)
        if self._host.uid != 0:
            raise ContctlError(
                ErrorCode.FORBIDDEN,
                "only root may install the gateway",
                hint="without --apply it is printed what would be done",
            )
        for problem in plan.problems:
            raise problem
        return Steps(self._host, plan.steps)

    def _look(self, options: InstallOptions) -> Host:
        host = self._host
        return Host(
            systemd=host.has_systemd(),
            parts=host.program_parts(),
            weakness=host.weakness(),
            complete=host.has_modules(_NEEDED),
            user=host.user(options.user),
            group_id=host.group_id(options.group),
            engine=host.engine_socket(options.engine),
        )


class Steps:
    """A stream of steps that are done as they are asked for; it ends after one that failed."""

    def __init__(self, host: ServiceHost, steps: tuple[Step, ...]) -> None:
        self._host = host
        self._left: Iterator[Step] = iter(steps)

    def __iter__(self) -> Steps:
        return self

    def __next__(self) -> Installed:
        step = next(self._left)
        try:
            return Installed(step, self._host.perform(step), None)
        except ContctlError as error:
            self.close()
            return Installed(step, False, error)

    def close(self) -> None:
        self._left = iter(())
