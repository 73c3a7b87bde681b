"""Which dangers a container carries, or a request for one (SECURITY rule 14).

Who may use such a container needs `container:create-privileged`. A danger is a few words for
people. A field that no rule knows is refused in a request, and is a danger in a container.
"""

from collections.abc import Sequence
from dataclasses import replace

from contctl.core.domain.containers import Json
from contctl.core.domain.engine_fields import CONFIG, HOST_CONFIG, NETWORKS, REQUEST, network_names
from contctl.core.domain.field_rules import Host, record
from contctl.core.domain.mount_rules import effective_mounts, volume_names
from contctl.core.domain.roles import Permission

INWARD = frozenset(
    {
        Permission.EXEC,
        Permission.ATTACH,
        Permission.COPY,
        Permission.EXPORT,
        Permission.COMMIT,
        Permission.UPDATE,
    }
)
"""What gives a hold on the inside of a container, and so on the dangers that it carries."""

_NAMED = 3


def dangers_of_container(inspected: Json, host: Host) -> tuple[str, ...]:
    """The dangers in an engine's own answer about a container; each once, none for a harmless one.

    host.volumes: must hold what the engine answers about each of `volumes_of(inspected)`.
    """
    rules = {"Config": record(CONFIG), "HostConfig": record(HOST_CONFIG)}
    found: list[str] = []
    for part, rule in rules.items():
        if not isinstance(inspected.get(part), dict):
            found.append(f"{part}, which cannot be examined")
        found += rule(part, inspected.get(part), host)
    found += effective_mounts(inspected.get("Mounts"), host)
    networks = inspected.get("NetworkSettings")
    if isinstance(networks, dict):
        found += NETWORKS("Networks", networks.get("Networks"), host)
    return tuple(dict.fromkeys(found))


def volumes_of(described: Json) -> tuple[str, ...]:
    """The names of the volumes that a container mounts, of an inspection or a request."""
    return volume_names(described.get("HostConfig"), described.get("Mounts"))


def networks_of(body: Json) -> tuple[str, ...]:
    """The names in a request of networks that the engine has to be asked about."""
    return network_names(body)


def dangers_of_request(body: Json, host: Host) -> tuple[str, ...]:
    """The dangers in the body of a request to create a container, as Docker's API has it.

    host.volumes, host.networks: must hold what the engine answers about each of
    `volumes_of(body)` and `networks_of(body)`. ContctlError USAGE for a field that no rule knows.
    The engine's defaults are no excuse for what is asked for.
    """
    strict = replace(host, strict=True, defaults=Host().defaults)
    return tuple(dict.fromkeys(record(REQUEST)("the request", body, strict)))


def in_words(dangers: Sequence[str]) -> str:
    """The first three of `dangers`, and how many more there are."""
    named = ", ".join(dangers[:_NAMED])
    more = len(dangers) - _NAMED
    return f"{named} and {more} more" if more > 0 else named
