"""The Docker engine behind contctl's `Engine` port.

What only some methods need is imported there: a listing takes less time than importing all of it.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.parse import quote

from contctl.backends.docker.endpoint import Deadlines
from contctl.backends.docker.errors import (
    asking_again,
    of_command,
    of_container,
    of_image,
    of_name,
    understanding,
)
from contctl.backends.docker.listing import inspect, to_container
from contctl.backends.docker.transport import Transport, container_path, filters
from contctl.core.domain.engines import EngineInfo
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from contctl.backends.docker.endpoint import Endpoint
    from contctl.core.api import Duplex, RequestId, Stream
    from contctl.core.domain.actions import Update
    from contctl.core.domain.containers import Container, Json, ListQuery
    from contctl.core.domain.create import Created, CreateSpec
    from contctl.core.domain.field_rules import EngineDefaults
    from contctl.core.domain.images import Image, ImageQuery
    from contctl.core.domain.observed import Change, Processes
    from contctl.core.domain.secret import Secret
    from contctl.core.domain.streams import (
        AttachSpec,
        Chunk,
        Condition,
        Event,
        EventQuery,
        ExecSpec,
        LogOptions,
        Progress,
        Stats,
    )
    from contctl.core.domain.transfers import CommitSpec, PathStat, PullOptions, PutOptions
    from contctl.core.ports import Clock

_SIGNAL_API = (1, 42)
"""The first API version in which stop and restart take a signal; older ones ignore it in silence
(Docker Engine API, version history)."""


_KILL_UNHEARD = "tried to kill container, but did not receive an exit event"
"""The end of what docker says where a kill was sent and nothing more is known (moby,
`daemon/kill.go`)."""


def _ended_meanwhile(container_id: str) -> str:
    """What docker says of a stop then (moby, `daemon/stop.go` and `daemon/kill.go`)."""
    return f"cannot stop container: {container_id}: Container {container_id} is not running"


class DockerEngine:
    """Implements `Engine`; the methods' docstrings there are the specification.

    Building one does no I/O, and each call opens a connection of its own, so calls may come from
    several threads. clock: tells from when on events are new.  name: under which the authority
    knows it, its address if None.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        clock: Clock,
        deadlines: Deadlines | None = None,
        name: str | None = None,
    ) -> None:
        self._name = name
        self._http = self._transport(endpoint, deadlines or Deadlines())
        self._clock = clock

    @property
    def name(self) -> str:
        """By default the address: an alias could be chosen by whoever is to be kept to a scope."""
        return self._name or self._http.endpoint.address

    _transport = Transport
    unsupported: Mapping[str, str] = MappingProxyType({})
    remarks: Mapping[str, str] = MappingProxyType({})

    @property
    def socket(self) -> str | None:
        """The path of its socket; None for one elsewhere."""
        return self._http.endpoint.path

    def info(self) -> EngineInfo:
        """Which engine answers."""
        endpoint = self._http.endpoint
        answer = self._http.ask("/version")
        with understanding(endpoint):
            names = [component["Name"] for component in answer.get("Components") or ()]
            product = "Docker" if "Engine" in names or not names else str(names[0])
            return EngineInfo(product, str(answer["Version"]), endpoint.address, endpoint.reason)

    def list(self, query: ListQuery) -> tuple[Container, ...]:
        """Containers in one call to the engine, the newest first."""
        asked = {
            "all": int(query.all),
            "limit": query.last,
            "size": 1 if query.size else None,
            "filters": filters(query.filters),
        }
        # Sizes are found by walking each container's files.
        within = self._http.deadlines.change if query.size else None
        answer = self._http.ask("/containers/json", asked, within=within)
        with understanding(self._http.endpoint):
            return tuple(to_container(row, sized=query.size) for row in answer)

    def members(self, container: Container) -> tuple[Container, ...]:
        """Itself."""
        return (container,)

    def inspect(self, container_id: str, size: bool = False) -> Json:
        """The engine's own answer."""
        return inspect(self._http, container_id, size)

    def volume(self, name: str) -> Json | None:
        """The engine's own answer about a volume."""
        from contctl.backends.docker.surroundings import volume

        return volume(self._http, name)

    def network(self, name: str) -> Json | None:
        """The engine's own answer about a network."""
        from contctl.backends.docker.surroundings import network

        return network(self._http, name)

    def defaults(self) -> EngineDefaults:
        """What it gives to containers that ask for nothing else."""
        from contctl.backends.docker.surroundings import defaults

        return defaults(self._http)

    def start(self, container_id: str) -> None:
        """Running afterwards, also if it was."""
        path, refuse = container_path(container_id, "start"), of_command(container_id)
        asking_again(lambda: self._http.change("POST", path, refuse=refuse))

    def stop(self, container_id: str, grace: int | None, signal: str | None) -> None:
        """Stopped afterwards, also if it was."""
        try:
            self._stop("stop", container_id, grace, signal)
        except ContctlError as error:
            # It ended after the engine had looked: by itself, or by somebody else's stop.
            if error.message != _ended_meanwhile(container_id):
                raise

    def restart(self, container_id: str, grace: int | None, signal: str | None) -> None:
        """Running afterwards, with a new process."""
        asking_again(lambda: self._stop("restart", container_id, grace, signal))

    def kill(self, container_id: str, signal: str) -> None:
        """Send a signal."""
        self._change(container_id, "kill", {"signal": signal})

    def pause(self, container_id: str) -> None:
        """Paused afterwards."""
        self._change(container_id, "pause")

    def unpause(self, container_id: str) -> None:
        """Running afterwards."""
        self._change(container_id, "unpause")

    def update(self, container_id: str, update: Update) -> tuple[str, ...]:
        """With these resources and this restart policy afterwards."""
        from contctl.core.domain.create_request import update_request

        path, refuse = container_path(container_id, "update"), of_container(container_id)
        answer = self._http.change("POST", path, body=update_request(update), refuse=refuse)
        with understanding(self._http.endpoint):
            return tuple(str(warning) for warning in (answer or {}).get("Warnings") or ())

    def remove(self, container_id: str, *, force: bool, volumes: bool) -> None:
        """Gone afterwards."""
        query = {"force": int(force), "v": int(volumes)}
        path = container_path(container_id)
        self._http.change("DELETE", path, query, refuse=of_container(container_id))

    def rename(self, container_id: str, name: str) -> None:
        """Named so afterwards."""
        path = container_path(container_id, "rename")
        refuse = of_name(name, of_container(container_id))
        self._http.change("POST", path, {"name": name}, refuse=refuse)

    def create(self, spec: CreateSpec, request: RequestId) -> Created:
        """Make a container, labelled with `request`."""
        from contctl.backends.docker.create import create

        return create(self._http, spec, request)

    def image_labels(self, image: str) -> Mapping[str, str]:
        """The labels that a container of `image` gets from it."""
        answer = self._http.ask(f"/images/{quote(image, errors='replace')}/json", refuse=of_image)
        with understanding(self._http.endpoint):
            labels = (answer.get("Config") or {}).get("Labels") or {}
            return {str(key): str(value) for key, value in labels.items()}

    def list_images(self, query: ImageQuery) -> tuple[Image, ...]:
        """Its images, the newest first."""
        from contctl.backends.docker.images import images

        return images(self._http, query)

    def logs(self, container_id: str, options: LogOptions) -> Stream[Chunk]:
        """What it wrote."""
        from contctl.backends.docker import reading

        return reading.logs(self._http, container_id, options)

    def stats(self, container_id: str, *, stream: bool = True) -> Stream[Stats]:
        """Readings, about one a second, until closed; without `stream` a single one."""
        from contctl.backends.docker import reading

        return reading.stats(self._http, container_id, stream=stream)

    def events(self, query: EventQuery) -> Stream[Event]:
        """Events of containers, until closed or `query.until`."""
        from contctl.backends.docker import reading

        return reading.events(self._http, query, self._clock.now())

    def wait(self, container_id: str, until: Condition) -> Stream[int]:
        """One exit code."""
        from contctl.backends.docker import processes

        return processes.wait(self._http, container_id, until)

    def top(self, container_id: str, args: Sequence[str]) -> Processes:
        """Its processes."""
        from contctl.backends.docker import observing

        return observing.top(self._http, container_id, args)

    def changed_files(self, container_id: str) -> tuple[Change, ...]:
        """What differs from its image."""
        from contctl.backends.docker import observing

        return observing.changed_files(self._http, container_id)

    def exec(self, container_id: str, spec: ExecSpec) -> Duplex:
        """Start a process in it."""
        from contctl.backends.docker import processes

        return processes.run(self._http, container_id, spec)

    def attach(self, container_id: str, spec: AttachSpec) -> Duplex:
        """Join its main process."""
        from contctl.backends.docker import processes

        return processes.attach(self._http, container_id, spec)

    def stat(self, container_id: str, path: str) -> PathStat:
        """What is at `path`."""
        from contctl.backends.docker import transfers

        return transfers.path_stat(self._http, container_id, path)

    def get_archive(self, container_id: str, path: str) -> Stream[bytes]:
        """A tar stream of `path`."""
        from contctl.backends.docker import transfers

        return transfers.archive(self._http, container_id, path)

    def put_archive(
        self,
        container_id: str,
        path: str,
        tar: Iterable[bytes],
        options: PutOptions | None = None,
    ) -> None:
        """Unpack `tar` into the folder `path`."""
        from contctl.backends.docker import transfers
        from contctl.core.domain.transfers import PutOptions

        transfers.put(self._http, container_id, path, tar, options or PutOptions())

    def export(self, container_id: str) -> Stream[bytes]:
        """A tar stream of all its files."""
        from contctl.backends.docker import transfers

        return transfers.export(self._http, container_id)

    def commit(self, container_id: str, spec: CommitSpec) -> str:
        """Make an image of it."""
        from contctl.backends.docker import transfers

        return transfers.commit(self._http, container_id, spec)

    def pull(
        self, image: str, auth: Secret | None, options: PullOptions | None = None
    ) -> Stream[Progress]:
        """Fetch an image."""
        from contctl.backends.docker.pull import pull
        from contctl.core.domain.transfers import PullOptions

        return pull(self._http, image, auth, options or PullOptions())

    def _change(
        self,
        container_id: str,
        verb: str,
        query: dict[str, str | int | None] | None = None,
        extra: float | None = 0.0,
    ) -> None:
        path = container_path(container_id, verb)
        refuse = of_container(container_id)
        self._http.change("POST", path, query, refuse=refuse, extra=extra)

    def _stop(self, verb: str, container_id: str, grace: int | None, signal: str | None) -> None:
        if signal is not None:
            self._require_signals(verb)
        seconds = self._own_grace(container_id) if grace is None else grace
        extra = None if seconds < 0 else float(seconds)
        asked = self._asked_grace(grace, seconds)
        query: dict[str, str | int | None] = {"t": asked, "signal": signal}
        try:
            self._change(container_id, verb, query, extra)
        except ContctlError as error:
            if not error.message.endswith(_KILL_UNHEARD):
                raise
            # It was killed, and a busy engine did not hear of its end in time: ask once more.
            self._change(container_id, verb, query, extra)

    def _asked_grace(self, grace: int | None, _seconds: int) -> int | None:
        """How a `grace`, which means so many seconds, is told to the engine."""
        return grace

    def _own_grace(self, container_id: str) -> int:
        """How long the engine waits for this container by itself; only its deadline needs it."""
        config = self.inspect(container_id).get("Config") or {}
        own = config.get("StopTimeout")
        return own if isinstance(own, int) else 10

    def _require_signals(self, verb: str) -> None:
        version = self._http.api_version()
        with understanding(self._http.endpoint):
            major, minor = version.split(".")
            supported = (int(major), int(minor)) >= _SIGNAL_API
        if not supported:
            raise ContctlError(
                ErrorCode.UNSUPPORTED,
                f"this engine cannot {verb} with a signal of choice (its API is older than 1.42)",
                hint="send the signal with 'contctl kill --signal'",
            )
