"""Who may use what carries dangers: only holders of `container:create-privileged` on it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from contctl.core.domain.field_rules import Host
from contctl.core.domain.mount_rules import is_below
from contctl.core.domain.risk import dangers_of_container, in_words, volumes_of
from contctl.core.domain.roles import Permission, Role
from contctl.core.errors import ContctlError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contctl.core.domain.containers import Container
    from contctl.core.domain.grants import Subject
    from contctl.core.ports import Ports
    from contctl.core.services.reach import Reach


def host_of(ports: Ports) -> Host:
    """The engine's host, as far as it is known without asking the engine. Of one that is not known
    to be this machine, nobody can say whose a path is, so none is admitted."""
    socket = ports.engine.socket

    def admits(path: str) -> bool:
        return is_below(path, ports.settings.bind_mounts) and ports.host_paths.trusted(path)

    return Host(socket=socket, admits=admits) if socket else Host()


def refusal_inside(reach: Reach, container: Container, ports: Ports) -> ContctlError | None:
    """None if the caller may use the inside of `container` as far as its dangers are concerned,
    else FORBIDDEN. The engine is asked only for callers who may not use dangerous ones.

    Whatever the engine raises for an inspection; UNAVAILABLE.
    """
    subject = reach.subject(container)
    if reach.refusal(Permission.CREATE_PRIVILEGED, subject) is None:
        return None
    return refusal_of_dangers(reach, [subject], _dangers(container.id, ports))


def refusal_of_dangers(
    reach: Reach, subjects: Sequence[Subject], dangers: Sequence[str]
) -> ContctlError | None:
    """None if there are no `dangers`, or the caller may have them on all of `subjects`; else
    FORBIDDEN, naming them and the last. Roles that have `create-privileged` have all else that is
    asked for there, so that one grant gives both."""
    refusal = reach.refusal(Permission.CREATE_PRIVILEGED, *subjects) if dangers else None
    if refusal is None:
        return None
    return ContctlError(
        refusal.code,
        f"{refusal.message}, which carries {in_words(dangers)}",
        hint=f"the role '{Role.ADMIN}' has it; an admin can grant it",
    )


def _dangers(container_id: str, ports: Ports) -> tuple[str, ...]:
    engine = ports.engine
    inspected = engine.inspect(container_id)
    volumes = {name: engine.volume(name) for name in volumes_of(inspected)}
    host = replace(host_of(ports), volumes=volumes)
    found = dangers_of_container(inspected, host)
    if not found:
        return found
    # Asked for late: the usual defaults are most engines' own.
    return dangers_of_container(inspected, replace(host, defaults=engine.defaults()))
