"""Who may make which container."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from contctl.core.domain.containers import ListQuery
from contctl.core.domain.create import check_image_labels
from contctl.core.domain.create_request import create_request
from contctl.core.domain.grants import Subject, foreign_label
from contctl.core.domain.risk import dangers_of_request, networks_of, volumes_of
from contctl.core.domain.roles import Permission
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.services.danger import host_of, refusal_of_dangers
from contctl.core.services.reach import Reach

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contctl.core.domain.containers import Json
    from contctl.core.domain.field_rules import Host
    from contctl.core.ports import Engine, Ports
    from contctl.core.services.caller import Caller
    from contctl.core.services.foreign import Foreign


def refusal_of_create(caller: Caller, foreign: Foreign, ports: Ports) -> ContctlError | None:
    """None if `caller` may make a container of `foreign.spec`, else FORBIDDEN.

    NOT_FOUND with the reason `no-image` where the image is not there; USAGE for one whose labels,
    which become the container's, are not to be had.
    """
    spec, engine = foreign.spec, ports.engine
    given = engine.image_labels(spec.image)
    check_image_labels(spec.image, given)
    used = ports.identities.scope_label_keys()
    labels = {**given, **spec.labels}
    subject = Subject(spec.name or "", labels, engine.name)
    reach = Reach(caller, engine)
    refusal = (
        reach.refusal(Permission.CREATE, subject)
        or _refusal_of_dangers(reach, subject, foreign, ports)
        or _refusal_of_links(reach, foreign)
    )
    if refusal is not None:
        return refusal
    key = foreign_label(caller.grants, Permission.CREATE, labels, used)
    if key is None:
        return None
    return ContctlError(
        ErrorCode.FORBIDDEN,
        f"you are not allowed to do this: {caller.title} may not set the label {key}",
        hint="grants speak of this label, and only who holds one of them may set it",
    )


def examined(body: Json, ports: Ports) -> Host:
    """The engine's host, with what the engine answers about the volumes and networks of a request.
    Nothing is asked where it names none."""
    engine = ports.engine
    return replace(
        host_of(ports),
        volumes={name: engine.volume(name) for name in volumes_of(body)},
        networks={name: engine.network(name) for name in networks_of(body)},
    )


def _refusal_of_dangers(
    reach: Reach, subject: Subject, foreign: Foreign, ports: Ports
) -> ContctlError | None:
    """The engine is asked only for callers who may not have dangers."""
    entered = [reach.subject(container) for container in foreign.entered]
    if reach.refusal(Permission.CREATE_PRIVILEGED, *entered, subject) is None:
        return None
    body = create_request(foreign.spec)
    dangers = dangers_of_request(body, examined(body, ports))
    dangers += _volumes_of_others(reach, volumes_of(body), ports.engine)
    return refusal_of_dangers(reach, [*entered, subject], dangers)


def _volumes_of_others(reach: Reach, names: Sequence[str], engine: Engine) -> tuple[str, ...]:
    """Those of the volumes `names` that a container uses whose files the caller may not copy."""
    if not names:
        return ()
    kept = [
        name
        for container in engine.list(ListQuery(all=True))
        if not reach.may(Permission.COPY, container)
        for name in container.mounts
    ]
    return tuple(f"the volume {name} of another container" for name in names if name in kept)


def _refusal_of_links(reach: Reach, foreign: Foreign) -> ContctlError | None:
    """A link gives the environment of the other container to the new one (docker docs, "Legacy
    container links")."""
    linked = [reach.subject(container) for container in foreign.linked]
    refusals = (reach.refusal(Permission.INSPECT_ENV, each) for each in linked)
    return next(filter(None, refusals), None)
