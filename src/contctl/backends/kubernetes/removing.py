"""Removing workloads and pods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contctl.backends.kubernetes.kinds import Found, Kind
from contctl.backends.kubernetes.pods import text
from contctl.backends.kubernetes.retries import current
from contctl.backends.kubernetes.scaling import SCALED, await_end, longest_grace, lower
from contctl.backends.kubernetes.settling import delete, end, runs, settle, shorten
from contctl.core.domain.containers import no_such_container
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from contctl.backends.kubernetes.client import Cluster

_AT_ONCE = 1
"""Seconds: a pod deleted with 0 is forgotten before its processes are gone."""
_MARGIN = 60.0


def remove(cluster: Cluster, found: Found, *, force: bool, volumes: bool) -> None:  # noqa: ARG001
    """As `Engine.remove`; the empty folders of a pod always go with it."""
    read = current(cluster, found)
    pods = cluster.pods(found)
    are_running = any(runs(pod) for pod in pods)
    if are_running and not force:
        raise ContctlError(
            ErrorCode.CONFLICT,
            f"cannot remove {found.name}: it is running",
            hint="stop it first, or remove it by force (-f)",
        )
    grace = _AT_ONCE if force else None
    if are_running and found.kind in SCALED:
        # What is still to have pods would make new ones meanwhile.
        lower(cluster, found, grace)
        await_end(cluster, found, longest_grace(pods), grace)
        are_running = False
    _delete(cluster, found, text(read, "metadata", "uid"), grace, wait_for_pods=are_running)
    end(cluster, pods, grace)
    told: set[str] = set()

    def is_gone() -> bool:
        try:
            shorten(cluster, cluster.pods(found), grace, told)
            current(cluster, found)
        except ContctlError as error:
            if error.code is ErrorCode.NOT_FOUND:
                return True
            raise
        return False

    settle(is_gone, longest_grace(pods) + _MARGIN, f"the end of {found.name}")


def _delete(
    cluster: Cluster, found: Found, uid: str, grace: int | None, *, wait_for_pods: bool
) -> None:
    try:
        if found.kind is Kind.POD:
            delete(cluster, found.path, uid, grace, None)
        else:
            delete(cluster, found.path, uid, None, "Foreground" if wait_for_pods else "Background")
    except ContctlError as error:
        if error.code in (ErrorCode.NOT_FOUND, ErrorCode.CONFLICT):
            raise no_such_container(found.id) from error
        raise
