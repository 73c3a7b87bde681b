"""Contexts, contctl's own and docker's, in memory."""

import threading
from collections.abc import Callable, Mapping

from contctl.core.domain.contexts import DockerContext, Kind, ListedContext
from contctl.core.domain.places import DEFAULT, ENGINE_VARIABLES, Contexts, Situation
from contctl.core.errors import ContctlError

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


class FakeContextProbe:
    """Implements `ContextProbe`. answers: by the name of a Docker context, what answers or fails;
    None for what never answers. broken: in place of them all."""

    def __init__(self) -> None:
        self.answers: dict[str, str | ContctlError | None] = {}
        self.broken: ContctlError | None = None
        self._for_ever = threading.Event()

    def others(self) -> tuple[ListedContext, ...]:
        """As the port says."""
        if self.broken:
            raise self.broken
        return tuple(
            ListedContext(name, Kind.DOCKER, f"unix:///{name}") for name in sorted(self.answers)
        )

    def ask(self, context: ListedContext) -> str:
        """As the port says."""
        answer = self.answers[context.name]
        if answer is None:
            self._for_ever.wait()
            raise AssertionError("it ended")
        if isinstance(answer, ContctlError):
            raise answer
        return answer


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
