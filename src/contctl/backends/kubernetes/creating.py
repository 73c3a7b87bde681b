"""Making workloads and pods: once, finding out what became of a lost answer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from contctl.backends.kubernetes.kinds import WORKLOADS, Kind, id_of
from contctl.backends.kubernetes.manifest import kind_of, manifest
from contctl.backends.kubernetes.selecting import refuse_selected
from contctl.core.domain.containers import REQUEST_LABEL
from contctl.core.domain.create import Created, CreateSpec
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from contctl.backends.kubernetes.client import Cluster
    from contctl.core.domain.containers import Json

_SETTLE = 0.5
"""Seconds before a lost create is looked for: a server works on when its caller is gone."""


def create(cluster: Cluster, spec: CreateSpec, request: str) -> Created:
    """Make what `spec` becomes; as `Engine.create`. CONFLICT also where something selects it."""
    body, kind = manifest(spec, request), kind_of(spec)
    name = str(body["metadata"]["name"])
    if spec.name:
        _check_unused(cluster, name)
    template = body if kind is Kind.POD else body["spec"]["template"]
    refuse_selected(cluster, spec.labels, template["metadata"]["labels"])
    try:
        made = cluster.post(kind.path(cluster.namespace), body)
    except ContctlError as error:
        if error.code is ErrorCode.CONFLICT:
            raise _in_use(name) from error
        if error.reason != "unknown-outcome":
            raise
        made = _looked_up(cluster, kind, request, error)
    return Created(id_of(str(made["metadata"]["uid"])))


def _check_unused(cluster: Cluster, name: str) -> None:
    """A cluster would let a Pod and a Job have one name; here it means one container."""
    for kind in (Kind.POD, *WORKLOADS):
        try:
            cluster.get(kind.path(cluster.namespace, name), metadata=True)
        except ContctlError as error:
            if error.code is ErrorCode.NOT_FOUND:
                continue
            raise
        raise _in_use(name)


def _in_use(name: str) -> ContctlError:
    return ContctlError(ErrorCode.CONFLICT, f"the container name {name} is already in use")


def _looked_up(cluster: Cluster, kind: Kind, request: str, error: ContctlError) -> Json:
    """Ask once for the object that carries `request`."""
    time.sleep(_SETTLE)
    query = {"labelSelector": f"{REQUEST_LABEL}={request}"}
    try:
        found = cluster.items(kind.path(cluster.namespace), query)
    except ContctlError:
        found = []
    if found:
        return found[0]
    raise ContctlError(
        ErrorCode.UNAVAILABLE,
        f"{error.message}; whether it was made is unknown",
        hint=f"look for it with 'contctl ps -a --filter label={REQUEST_LABEL}={request}'",
        details={"reason": "unknown-outcome", "request": request},
    ) from error
