"""Changes of objects that others change too.

Source: Kubernetes API conventions, "Concurrency Control and Consistency": on 409 read again, apply
again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from contctl.backends.kubernetes.kinds import Found, id_of
from contctl.core.domain.containers import no_such_container
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from contctl.backends.kubernetes.client import Cluster
    from contctl.core.domain.containers import Json

ATTEMPTS = 5
_PAUSE = 0.05


def current(cluster: Cluster, found: Found) -> Json:
    """The object; NOT_FOUND, as of a container, where it is gone or its name is another's now."""
    try:
        read = cluster.get(found.path)
    except ContctlError as error:
        if error.code is ErrorCode.NOT_FOUND:
            raise no_such_container(found.id) from error
        raise
    if id_of(str((read.get("metadata") or {}).get("uid") or "")) != found.id:
        raise no_such_container(found.id)
    return read


def changed(cluster: Cluster, found: Found, change: Callable[[Json], Json | None]) -> Json:
    """The object after a change of it. change: given the object, a JSON merge patch (RFC 7386), or
    None for nothing to do. CONFLICT where others were quicker ATTEMPTS times."""
    for attempt in range(ATTEMPTS):
        read = current(cluster, found)
        patch = change(read)
        if patch is None:
            return read
        metadata = {**(patch.get("metadata") or {})}
        metadata["resourceVersion"] = read["metadata"]["resourceVersion"]
        try:
            return cluster.patch(found.path, {**patch, "metadata": metadata}, "merge")
        except ContctlError as error:
            if error.code is ErrorCode.NOT_FOUND:
                raise no_such_container(found.id) from error
            if error.code is not ErrorCode.CONFLICT or attempt == ATTEMPTS - 1:
                raise
            time.sleep(_PAUSE * (attempt + 1))
    raise AssertionError("the last attempt returns or raises")
