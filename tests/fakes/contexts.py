"""Contexts, contctl's own and docker's, in memory."""

from collections.abc import Callable, Mapping

from contctl.core.domain.contexts import DockerContext
from contctl.core.domain.places import DEFAULT, ENGINE_VARIABLES, Contexts, Situation

DEFAULT_ADDRESS = "unix:///var/run/docker.sock"


class FakeContextStore:
    """Implements `ContextStore`. is_there: whether this machine has a gateway's socket."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.contexts = Contexts()
        self.is_there = False

    def situation(self, option: str | None) -> Situation:
        """As the port says."""
        return Situation(
            option,
            self._environ.get("CONTCTL_CONTEXT") or None,
            tuple(name for name in ENGINE_VARIABLES if self._environ.get(name)),
            self.contexts,
            is_there=self.is_there,
            container_host=self._environ.get("CONTAINER_HOST") or None,
        )

    def change(self, change: Callable[[Contexts], Contexts]) -> None:
        """As the port says."""
        self.contexts = change(self.contexts)


class FakeDockerContexts:
    """Implements `DockerContexts`. engines: addresses by name; chosen: what docker would use."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.engines: dict[str, str | None] = {}
        self.chosen = DEFAULT

    def list(self) -> tuple[DockerContext, ...]:
        """As the port says."""
        default = self._environ.get("DOCKER_HOST") or DEFAULT_ADDRESS
        engines = {**self.engines, DEFAULT: default}
        return tuple(
            DockerContext(name, engines[name], None if engines[name] else "it names no engine")
            for name in sorted(engines)
        )

    def current(self) -> str:
        """As the port says."""
        return self._environ.get("DOCKER_CONTEXT") or self.chosen
