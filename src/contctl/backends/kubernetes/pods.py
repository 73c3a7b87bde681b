"""What the manifest and the status of one pod say.

Source: Kubernetes API reference, PodSpec, PodStatus, ContainerState; docker's own states and words
for them (moby, `daemon/container/state.go`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from contctl.backends.kubernetes.phrases import duration

if TYPE_CHECKING:
    from contctl.core.domain.containers import Json

DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container"
"""The annotation that names the main one of several containers, as kubectl obeys it."""

_RESTARTING = ("CrashLoopBackOff",)


class State(NamedTuple):
    """name: docker's word for it.  status: docker's phrase.  started, finished: RFC 3339, empty
    where there is none.  reason: Kubernetes' word, where something is wrong."""

    name: str
    status: str
    exit_code: int
    started: str
    finished: str
    reason: str = ""


def part(item: Any, *keys: str) -> Json:
    """The object at the end of `keys`; an empty one where there is none."""
    for key in keys:
        item = item.get(key) if isinstance(item, dict) else None
    return item if isinstance(item, dict) else {}


def parts(item: Any, *keys: str) -> list[Json]:
    """The objects of the list at the end of `keys`."""
    found = part(item, *keys[:-1]).get(keys[-1])
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def text(item: Any, *keys: str) -> str:
    """The text at the end of `keys`; empty where there is none."""
    found = part(item, *keys[:-1]).get(keys[-1])
    return found if isinstance(found, str) else ""


def moment(value: str) -> float:
    """Seconds since the epoch of an RFC 3339 time; 0 for none."""
    try:
        return datetime.fromisoformat(value).timestamp() if value else 0.0
    except ValueError:
        return 0.0


def written(seconds: float) -> str:
    """RFC 3339 in UTC, to the second."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def main(pod: Json) -> Json:
    """The manifest of the main container: the one that is named so, else the first."""
    containers = parts(pod, "spec", "containers")
    named = text(pod, "metadata", "annotations", DEFAULT_CONTAINER)
    chosen = [each for each in containers if named and each.get("name") == named]
    return (chosen or containers or [{}])[0]


def main_name(pod: Json) -> str:
    """The name of the main container."""
    return text(main(pod), "name")


def main_status(pod: Json) -> Json | None:
    """The status of the main container; None where there is none yet."""
    name = main_name(pod)
    statuses = parts(pod, "status", "containerStatuses")
    return next((each for each in statuses if each.get("name") == name), None)


def is_running(pod: Json) -> bool:
    """Whether the main container runs."""
    status = main_status(pod)
    return status is not None and "running" in part(status, "state")


def is_ready(pod: Json) -> bool:
    """Whether the pod is ready, and not being deleted."""
    conditions = parts(pod, "status", "conditions")
    ready = any(each.get("type") == "Ready" and each.get("status") == "True" for each in conditions)
    return ready and not is_leaving(pod)


def is_leaving(pod: Json) -> bool:
    """Whether the pod is being deleted."""
    return bool(text(pod, "metadata", "deletionTimestamp"))


def is_over(pod: Json) -> bool:
    """Whether it has ended for good."""
    return text(pod, "status", "phase") in ("Succeeded", "Failed")


def exit_code(pod: Json) -> int | None:
    """The code with which the main container ended; None where it has not, or that is lost."""
    code = part(main_status(pod), "state", "terminated").get("exitCode")
    return code if isinstance(code, int) else None


def state(pod: Json, now: float) -> State:
    """The state of the main container, in docker's words. now: seconds since the epoch."""
    status = main_status(pod)
    running = part(status, "state", "running")
    if running or is_running(pod):
        return _running(pod, text(running, "startedAt"), now)
    ended = part(status, "state", "terminated")
    if ended:
        return _ended("exited", "Exited", ended, now)
    waiting = text(status, "state", "waiting", "reason") or text(pod, "status", "reason")
    before = part(status, "lastState", "terminated")
    if before or waiting in _RESTARTING:
        return _ended("restarting", "Restarting", before, now, waiting)
    if is_over(pod):
        failed = text(pod, "status", "phase") == "Failed"
        said = text(pod, "status", "reason")
        shown = f"Exited ({int(failed)}){f' ({said})' if said else ''}"
        return State("exited", shown, int(failed), "", "", said)
    waiting = waiting or _unscheduled(pod)
    return State("created", f"Created{f' ({waiting})' if waiting else ''}", 0, "", "", waiting)


def _running(pod: Json, started: str, now: float) -> State:
    words = f"Up {duration(now - moment(started))}" if started else "Up"
    if is_leaving(pod):
        words += " (Terminating)"
    elif any("readinessProbe" in each for each in parts(pod, "spec", "containers")):
        words += " (healthy)" if is_ready(pod) else " (unhealthy)"
    return State("running", words, 0, started, "")


def _ended(name: str, word: str, ended: Json, now: float, reason: str = "") -> State:
    code = ended.get("exitCode")
    code = code if isinstance(code, int) else 0
    finished = text(ended, "finishedAt")
    ago = f" {duration(now - moment(finished))} ago" if moment(finished) else ""
    reason = reason or text(ended, "reason")
    shown = f" ({reason})" if reason not in ("", "Completed", "Error") else ""
    return State(
        name, f"{word} ({code}){ago}{shown}", code, text(ended, "startedAt"), finished, reason
    )


def _unscheduled(pod: Json) -> str:
    """Why it has no node."""
    for each in parts(pod, "status", "conditions"):
        if each.get("type") == "PodScheduled" and each.get("status") == "False":
            return text(each, "reason")
    return ""
