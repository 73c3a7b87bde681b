"""What happens to pods, in docker's words for what happens to containers.

A cluster keeps no history of its pods. What lies before the watch is worked out of the pods that
are still there: when they were made, and when their containers began and ended.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Self

from contctl.backends.kubernetes.filters import has_label, is_image
from contctl.backends.kubernetes.kinds import Kind, id_of
from contctl.backends.kubernetes.listing import labels_of
from contctl.backends.kubernetes.owners import Owners
from contctl.backends.kubernetes.pods import main, main_status, moment, part, text
from contctl.backends.kubernetes.streams import Until
from contctl.core.domain.streams import Event
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from contctl.backends.kubernetes.client import Cluster
    from contctl.core.api import Stream
    from contctl.core.domain.containers import Json
    from contctl.core.domain.streams import EventQuery

POD_NAME = "io.kubernetes.pod.name"
"""The attribute with the pod's own name; `name` is the workload's, of which grants speak."""

_FILTERS = ("type", "event", "container", "label", "image")


def events(cluster: Cluster, query: EventQuery) -> Stream[Event]:
    """As `Engine.events`. USAGE for an unknown filter."""
    for key, value in query.filters:
        if key not in _FILTERS:
            raise ContctlError(ErrorCode.USAGE, f"invalid filter '{key}={value}'")
    now = cluster.clock.now()
    watched = PodEvents(cluster, query, now)
    if query.until is None:
        return watched
    if query.until <= now:
        watched.stop_after_the_past()
    return Until(watched, max(query.until - now, 0.0)) if query.until > now else watched


class PodEvents:
    """A Stream of events. The watch begins before it is returned."""

    def __init__(self, cluster: Cluster, query: EventQuery, now: float) -> None:
        self._cluster = cluster
        self._query = query
        self._owners = Owners(cluster)
        self._seen: dict[str, tuple[Json, str]] = {}
        self._ready: deque[Event] = deque()
        self._endless = True
        path = Kind.POD.path(cluster.namespace)
        pods, version = cluster.listed(path)
        past = [event for pod in pods for event in self._noted(pod)]
        if query.since is not None:
            since = query.since
            last = now if query.until is None else query.until
            kept = [event for event in past if since <= event.at / 1e9 <= last]
            self._ready += sorted(kept, key=lambda event: event.at)
        self._watch = cluster.watch(path, version=version)

    def stop_after_the_past(self) -> None:
        """End where nothing of the past is left."""
        self._endless = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Event:
        while True:
            while self._ready:
                event = self._ready.popleft()
                if _wanted(event, self._query.filters):
                    return event
            if not self._endless:
                self.close()
                raise StopIteration
            change, pod = next(self._watch)
            self._ready += self._gone(pod) if change == "DELETED" else self._noted(pod)

    def close(self) -> None:
        """End the iteration, also one that waits in another thread."""
        self._watch.close()

    def _noted(self, pod: Json) -> list[Event]:
        """What is new about a pod."""
        uid = text(pod, "metadata", "uid")
        before, name = self._seen.get(uid) or ({}, "")
        name = name or self._owners.name_of(pod)
        self._seen[uid] = pod, name
        found = []
        if not before:
            made = text(pod, "metadata", "creationTimestamp")
            found.append(self._event(pod, name, "create", made))
        old, new = main_status(before), main_status(pod)
        started = text(new, "state", "running", "startedAt")
        last = "lastState" if started else "state"
        ended, known = part(new, last, "terminated"), _ends(old)
        if ended and text(ended, "containerID") not in known:
            begun = text(ended, "startedAt")
            if begun != text(old, "state", "running", "startedAt"):
                found.append(self._event(pod, name, "start", begun))
            found.append(self._died(pod, name, ended))
        if started and started != text(old, "state", "running", "startedAt"):
            found.append(self._event(pod, name, "start", started))
        return found

    def _gone(self, pod: Json) -> list[Event]:
        found = self._noted(pod)
        _, name = self._seen.pop(text(pod, "metadata", "uid"))
        status = main_status(pod)
        if part(status, "state", "running"):
            # Nobody told how it ended.
            found.append(self._event(pod, name, "die", ""))
        return [*found, self._event(pod, name, "destroy", "")]

    def _died(self, pod: Json, name: str, ended: Json) -> Event:
        event = self._event(pod, name, "die", text(ended, "finishedAt"))
        event.attributes["exitCode"] = str(ended.get("exitCode"))
        return event

    def _event(self, pod: Json, name: str, action: str, at: str) -> Event:
        """at: as the pod has it; empty for now."""
        seconds = moment(at) or self._cluster.clock.now()
        own = {
            "image": text(main(pod), "image"),
            "name": name,
            POD_NAME: text(pod, "metadata", "name"),
        }
        return Event(
            at=int(seconds * 1_000_000) * 1000,
            action=action,
            container_id=id_of(text(pod, "metadata", "uid")),
            attributes=labels_of(pod) | own,
        )


def _ends(status: Json | None) -> set[str]:
    """The ends that a status tells of."""
    return {text(status, each, "terminated", "containerID") for each in ("state", "lastState")}


def _wanted(event: Event, filters: Sequence[tuple[str, str]]) -> bool:
    """Values of one key are alternatives, but all labels are needed (docker events, Filtering)."""
    for key in dict.fromkeys(key for key, _ in filters):
        values = [value for other, value in filters if other == key]
        chosen = all if key == "label" else any
        if not chosen(_matches(event, key, value) for value in values):
            return False
    return True


def _matches(event: Event, key: str, value: str) -> bool:
    attributes = event.attributes
    if key == "event":
        return event.action == value
    if key == "container":
        names = (attributes["name"], attributes[POD_NAME])
        return value in names or (len(value) >= 12 and event.container_id.startswith(value))
    if key == "label":
        return has_label(attributes, value)
    return is_image(attributes["image"], value) if key == "image" else value == "container"
