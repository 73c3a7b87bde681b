"""Waiting, within bounds, for what a cluster does after a change; and why it does not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from contctl.backends.kubernetes.kinds import Kind
from contctl.backends.kubernetes.pods import is_leaving, is_over, main_status, part, parts, text
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from contctl.backends.kubernetes.client import Cluster
    from contctl.core.domain.containers import Json

SECONDS = 120.0
"""For pods to come up: an image may have to be fetched."""

_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 1.0
_NEVER_STARTS = (
    "ErrImagePull",
    "ImagePullBackOff",
    "InvalidImageName",
    "ErrImageNeverPull",
    "CreateContainerConfigError",
    "CreateContainerError",
    "RunContainerError",
    "StartError",
    "ContainerCannotRun",
)
_REASONS = {
    "executable file not found": "command-not-found",
    "no such file or directory": "command-not-found",
    "permission denied": "command-not-executable",
    "is a directory": "command-not-executable",
}


def settle(is_done: Callable[[], bool], seconds: float, what: str) -> None:
    """Ask until `is_done`; UNAVAILABLE, which says `what` it waited for, after `seconds`."""
    end = time.monotonic() + seconds
    pause = _FIRST_PAUSE
    while not is_done():
        if time.monotonic() >= end:
            raise ContctlError(
                ErrorCode.UNAVAILABLE,
                f"the cluster did not get done in {seconds:.0f} s: {what}",
                hint="'contctl inspect' shows how far it is; it goes on by itself",
            )
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)


def raise_if_broken(pods: Iterable[Json]) -> None:
    """FAILED where the main container of one of `pods` can never start, with the reason of
    `Engine.start` where it is that of its command."""
    for pod in pods:
        status = main_status(pod)
        for state in (part(status, "state"), part(status, "lastState")):
            told = part(state, "waiting") or part(state, "terminated")
            if text(told, "reason") in _NEVER_STARTS:
                raise failure(pod, told)


def failure(pod: Json, told: Json) -> ContctlError:
    """FAILED, in the cluster's words."""
    message = " ".join(text(told, "message").split()) or text(told, "reason")
    reason = command_trouble(message)
    return ContctlError(
        ErrorCode.FAILED,
        f"the pod {text(pod, 'metadata', 'name')} cannot start: {message}",
        details={"reason": reason} if reason else None,
    )


def command_trouble(message: str) -> str | None:
    """`command-not-found` or `command-not-executable` where a runtime's message says so."""
    if "exec" not in message and "OCI runtime" not in message:
        return None
    return next((reason for words, reason in _REASONS.items() if words in message), None)


def end(cluster: Cluster, pods: Iterable[Json], grace: int | None) -> None:
    """Delete `pods`, whose workload has just been told to have none, before it does so itself: a
    kubelet older than 1.22 keeps to the first time that it hears. grace: seconds; None leaves them
    to their workload, and their own time."""
    for pod in pods if grace is not None else ():
        with suppress(ContctlError):
            # Zero would forget the pod before its processes are gone.
            delete(cluster, pod_path(pod), text(pod, "metadata", "uid"), max(grace or 0, 1), None)


def shorten(cluster: Cluster, pods: Iterable[Json], grace: int | None, done: set[str]) -> None:
    """Give those of `pods` that are leaving no more than `grace` seconds, each once. done: the UIDs
    of those that were told; it is added to. None leaves them their own time."""
    leaving = {text(pod, "metadata", "uid"): pod for pod in pods if is_leaving(pod)}
    end(cluster, [pod for uid, pod in leaving.items() if uid not in done], grace)
    done |= leaving.keys()


def runs(pod: Json) -> bool:
    """Whether anything in a pod runs, or is still to. A kubelet takes seconds to forget a pod whose
    processes have ended."""
    if is_over(pod):
        return False
    statuses = parts(pod, "status", "containerStatuses")
    if not statuses:
        return not is_leaving(pod)
    return not is_leaving(pod) or any("running" in part(each, "state") for each in statuses)


def pod_path(pod: Json) -> str:
    """Its path in the API."""
    return Kind.POD.path(text(pod, "metadata", "namespace"), text(pod, "metadata", "name"))


def delete(
    cluster: Cluster, path: str, uid: str, grace: int | None, propagation: str | None
) -> None:
    """Delete the object of that UID. grace: seconds; None for its own."""
    options: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "DeleteOptions",
        "preconditions": {"uid": uid},
        "gracePeriodSeconds": grace,
        "propagationPolicy": propagation,
    }
    body = {name: value for name, value in options.items() if value is not None}
    cluster.delete(path, body)
