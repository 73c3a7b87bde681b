"""Docker's own contexts, as docker/cli keeps them (`cli/context/store`); they are only read."""

from collections.abc import Mapping
from typing import Any

from contctl.backends.docker.config import config_folder, read_config, read_object
from contctl.backends.docker.endpoint import DEFAULT_ADDRESS
from contctl.core.domain.contexts import DockerContext
from contctl.core.domain.places import DEFAULT
from contctl.core.errors import ContctlError, ErrorCode


class DockersOwnContexts:
    """Implements the port `DockerContexts`."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def list(self) -> tuple[DockerContext, ...]:
        """As the port says."""
        folder = config_folder(self._environ) / "contexts" / "meta"
        default = DockerContext(DEFAULT, self._environ.get("DOCKER_HOST") or DEFAULT_ADDRESS)
        found = [default]
        try:
            entries = sorted(folder.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return (default,)
        except OSError as error:
            message = f"{folder}: {error.strerror or error}"
            raise ContctlError(ErrorCode.STORE, message) from error
        for entry in entries:
            context = _context(read_object(entry / "meta.json"))
            if context is not None:
                found.append(context)
        return tuple(sorted(found, key=lambda context: context.name))

    def current(self) -> str:
        """As the port says."""
        named = self._environ.get("DOCKER_CONTEXT")
        if named:
            return named
        current = read_config(self._environ).get("currentContext") or DEFAULT
        if not isinstance(current, str):
            path = config_folder(self._environ) / "config.json"
            raise ContctlError(ErrorCode.STORE, f"{path}: currentContext is not text")
        return current

    def engine_addresses(self) -> tuple[str, ...]:
        """The addresses of the engines that this user's docker is set up for: by `DOCKER_HOST`,
        `CONTAINER_HOST`, and the current context."""
        named = [self._environ.get(name) for name in ("DOCKER_HOST", "CONTAINER_HOST")]
        current = self.current()
        named += [context.address for context in self.list() if context.name == current]
        return tuple(dict.fromkeys(address for address in named if address))


def _context(meta: dict[str, Any] | None) -> DockerContext | None:
    """The context that `meta` describes; None where there is none, as docker has it."""
    if meta is None:
        return None
    name = meta.get("Name")
    if not isinstance(name, str) or not name:
        return None
    try:
        address = meta["Endpoints"]["docker"]["Host"]
    except (KeyError, TypeError):
        address = None
    if not isinstance(address, str):
        return DockerContext(name, None, "it names no docker engine")
    return DockerContext(name, address or DEFAULT_ADDRESS)
