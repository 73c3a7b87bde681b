"""Containers as a listing shows them, and how a reference finds one of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from contctl.core.errors import ContctlError, ErrorCode

Json = dict[str, Any]

RESERVED_LABELS = "contctl."
"""Labels that begin so are contctl's own."""

REQUEST_LABEL = "contctl.request"
"""Carries the request id of the create that made the container."""


@dataclass(frozen=True, slots=True)
class Port:
    """A port of a container; host_ip and host_port where it is published. last_host_port: in a
    request, the last of a range that begins with host_port, of which the engine chooses one."""

    container_port: int
    protocol: str
    host_ip: str | None = None
    host_port: int | None = None
    last_host_port: int | None = None


@dataclass(frozen=True, slots=True)
class Container:
    """One row of a listing, as the engine answers it.

    id: the full ID.  names: without the leading slash, the container's own first, then links.
    command: as one line.  created: seconds since the epoch.  state: `running`, `exited` and so on;
    status: the engine's words.  mounts: name of the volume or source path.
    size, virtual_size: bytes, only where the query asked for sizes.
    workload: the name of what made it and keeps it running, on an engine that has such; grants then
    speak of that name.
    """

    id: str
    names: tuple[str, ...]
    image: str
    image_id: str
    command: str
    created: int
    state: str
    status: str
    ports: tuple[Port, ...]
    labels: Mapping[str, str]
    mounts: tuple[str, ...]
    local_volumes: int
    networks: tuple[str, ...]
    size: int | None = None
    virtual_size: int | None = None
    workload: str = ""

    @property
    def name(self) -> str:
        """The container's own name."""
        return self.names[0] if self.names else ""


@dataclass(frozen=True, slots=True)
class ListQuery:
    """Which containers to list. filters: docker's, as (key, value). last: the newest so many.
    workloads: also what can be named instead of the containers that it keeps running."""

    all: bool = False
    filters: tuple[tuple[str, str], ...] = ()
    last: int | None = None
    size: bool = False
    workloads: bool = False


@dataclass(frozen=True, slots=True)
class Inspection:
    """What an inspect answers for one reference: the engine's own fields, or the error."""

    ref: str
    data: Json | None = None
    error: ContctlError | None = None


def public_labels(labels: Mapping[str, str]) -> dict[str, str]:
    """`labels` without contctl's own."""
    return {key: value for key, value in labels.items() if not key.startswith(RESERVED_LABELS)}


def resolve(ref: str, containers: Iterable[Container]) -> Container:
    """The one of `containers` that `ref` means, in docker's order: full ID, name, unique ID prefix.

    ContctlError NOT_FOUND where it means none, CONFLICT where a prefix means several.
    """
    candidates = tuple(containers)
    name = ref.removeprefix("/")
    for container in candidates:
        if container.id == ref:
            return container
    for container in candidates:
        if name and name in container.names:
            return container
    found = [container for container in candidates if ref and container.id.startswith(ref)]
    if len(found) == 1:
        return found[0]
    if found:
        raise ContctlError(
            ErrorCode.CONFLICT,
            f"the ID prefix {ref} means {len(found)} containers",
            hint="give more of the ID, or the name",
        )
    raise no_such_container(ref)


def no_such_container(ref: str) -> ContctlError:
    """The answer for a reference that means no container of the caller's."""
    return ContctlError(ErrorCode.NOT_FOUND, f"no such container: {ref}")


def for_display(inspected: Json, *, with_environment: bool) -> Json:
    """What an inspect answers to a caller: contctl's own labels left out, and without
    `container:inspect-env` the values of environment variables replaced by `***`."""
    config = dict(inspected.get("Config") or {})
    if config.get("Labels"):
        config["Labels"] = public_labels(config["Labels"])
    if not with_environment and config.get("Env"):
        config["Env"] = [f"{entry.partition('=')[0]}=***" for entry in config["Env"]]
    return {**inspected, "Config": config}
