"""What belongs to the caller's own machine, beside the inbound port."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from contctl.core.errors import ContctlError

if TYPE_CHECKING:
    from contctl.core.api import Contexts, GatewayInstaller
    from contctl.core.domain.secret import Secret
    from contctl.core.ports import (
        Clock,
    )


from contctl.bootstrap.ports import places_of


class LocalClient:
    """Implements what commands need of the caller's own machine."""

    def __init__(self, environ: Mapping[str, str], clock: Clock) -> None:
        self._environ = environ
        self._clock = clock

    def registry_auth(self, image: str) -> Secret | None:
        """The caller's credentials for the image's registry, as docker's JSON."""
        from contctl.backends.docker.registry import DockerRegistryCredentials

        return DockerRegistryCredentials(self._environ).find(image)

    @property
    def contexts(self) -> Contexts:
        """The places that commands can go to."""
        from contctl.backends.docker.contexts import DockersOwnContexts
        from contctl.core.services.contexts import ContextService

        return ContextService(places_of(self._environ), DockersOwnContexts(self._environ))

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._clock.now()

    def default_username(self) -> str:
        """The name of the operating system's user, where it may be a user name here too."""
        import pwd

        from contctl.core.domain.accounts import check_username

        try:
            return check_username(pwd.getpwuid(os.getuid()).pw_name)
        except (KeyError, ContctlError):
            return "admin"

    def gateway_installer(self) -> GatewayInstaller:
        """What installs the gateway on this machine."""
        from contctl.backends.service_host import LocalServiceHost
        from contctl.core.services.gateway_install import GatewayInstallService

        return GatewayInstallService(LocalServiceHost())

    def serve_gateway(self, config: Path | None) -> int:
        """Be a gateway until a signal ends it."""
        from contctl.bootstrap.gateway import gateway_app
        from contctl.bootstrap.serving import serve

        return serve(config, lambda settings: gateway_app(settings, self._environ, self._clock))
