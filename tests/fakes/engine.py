"""An engine in memory that keeps the whole `Engine` contract, for tests of what stands on it."""

import io
import tarfile
import threading
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType

from contctl.core.api import RequestId
from contctl.core.domain.actions import Update
from contctl.core.domain.containers import (
    REQUEST_LABEL,
    RESERVED_LABELS,
    Container,
    Json,
    ListQuery,
    no_such_container,
)
from contctl.core.domain.create import Created, CreateSpec
from contctl.core.domain.create_request import update_request
from contctl.core.domain.engines import EngineInfo
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
    Exit,
    Frame,
    LogOptions,
    Progress,
    Stats,
)
from contctl.core.domain.transfers import CommitSpec, PathStat, PullOptions, PutOptions
from contctl.core.errors import ContctlError, ErrorCode
from tests.fakes import engine_observed
from tests.fakes.engine_containers import FakeContainer
from tests.fakes.engine_images import images_of
from tests.fakes.engine_queries import followed_log, listed, past_or_coming
from tests.fakes.engine_rules import check_changes, check_name, conflict, signal_name
from tests.fakes.engine_stats import reading_of
from tests.fakes.engine_streams import FakeDuplex, FakeStream, NotYet


class FakeEngine:
    """Implements `Engine`. images: those it has; `latest` is the tag of one without.
    name: under which grants know it.  socket: None for an engine elsewhere.
    warnings: of every create and update.

    changes: every call that would change something, as it came: the operation's name, the
    container's ID or the image, then the rest. pullable: images that a registry has.
    credentials: what each pull was given.  volumes, networks: what it answers about each, by name.
    """

    unsupported: Mapping[str, str] = MappingProxyType({})
    remarks: Mapping[str, str] = MappingProxyType({})

    def __init__(self, *images: str, name: str = "memory:") -> None:
        self.name = name
        self.socket: str | None = "/run/memory/engine.sock"
        self.changes: list[tuple[str, ...]] = []
        self.images = {_tagged(image) for image in images or ("busybox",)}
        self.labels_of_images: dict[str, dict[str, str]] = {}
        self.pullable: set[str] = set()
        self.credentials: list[Secret | None] = []
        self.put_options: list[PutOptions | None] = []
        self.pull_options: list[PullOptions | None] = []
        self.volumes: dict[str, Json] = {}
        self.warnings: tuple[str, ...] = ()
        self.networks: dict[str, Json] = {}
        self.own_defaults = EngineDefaults()
        self.changed = threading.Condition(threading.RLock())
        self._containers: dict[str, FakeContainer] = {}
        self._events: list[Event] = []
        self._failures: dict[str, deque[ContctlError]] = defaultdict(deque)

    def fail_next(self, operation: str, error: ContctlError) -> None:
        """Let the next call of the method `operation` raise `error`; several queue up."""
        self._failures[operation].append(error)

    def info(self) -> EngineInfo:
        self._enter("info")
        return EngineInfo("Fake", "1.0", "memory:", "a test")

    def list(self, query: ListQuery) -> tuple[Container, ...]:
        self._enter("list")
        with self.changed:
            return listed(self._containers.values(), query)

    def members(self, container: Container) -> tuple[Container, ...]:
        return (container,)

    def inspect(self, container_id: str, size: bool = False) -> Json:
        self._enter("inspect")
        with self.changed:
            sizes = {"SizeRw": 0, "SizeRootFs": 1024} if size else {}
            return {**self._find(container_id).inspected(), **sizes}

    def volume(self, name: str) -> Json | None:
        self._enter("volume")
        return self.volumes.get(name)

    def network(self, name: str) -> Json | None:
        self._enter("network")
        return self.networks.get(name)

    def defaults(self) -> EngineDefaults:
        self._enter("defaults")
        return self.own_defaults

    def add_volume(self, name: str, options: dict[str, str]) -> None:
        """Let a volume of the local driver be there."""
        self.volumes[name] = {"Name": name, "Driver": "local", "Options": options or None}

    def set_host_config(self, container_id: str, host_config: Json) -> None:
        """Let the container have been made with this, which `create` does not offer."""
        with self.changed:
            self._find(container_id).host_config = host_config

    def put_files(self, name: str, files: dict[str, bytes]) -> None:
        """Let these files, by their paths, be in the container of that name."""
        with self.changed:
            container = next(each for each in self._containers.values() if each.name == name)
            container.files.update(files)

    def start(self, container_id: str) -> None:
        self._enter("start", container_id)
        with self.changed:
            self._find(container_id).start()

    def stop(self, container_id: str, grace: int | None, signal: str | None) -> None:
        self._enter("stop", container_id)
        with self.changed:
            self._find(container_id).stop(grace, signal)

    def restart(self, container_id: str, grace: int | None, signal: str | None) -> None:
        self._enter("restart", container_id)
        with self.changed:
            container = self._find(container_id)
            container.stop(grace, signal)
            container.start()

    def kill(self, container_id: str, signal: str) -> None:
        self._enter("kill", container_id, signal)
        with self.changed:
            container = self._find(container_id)
            name = signal_name(signal)
            container.require_running()
            container.record("kill", signal=name)
            container.signal(name)

    def pause(self, container_id: str) -> None:
        self._enter("pause", container_id)
        with self.changed:
            self._find(container_id).pause()

    def unpause(self, container_id: str) -> None:
        self._enter("unpause", container_id)
        with self.changed:
            self._find(container_id).unpause()

    def remove(self, container_id: str, *, force: bool, volumes: bool) -> None:
        self._enter("remove", container_id, *["force"] * force, *["volumes"] * volumes)
        with self.changed:
            container = self._find(container_id)
            if container.running and not force:
                raise conflict(f"You cannot remove a running container {container_id}")
            container.stop(0, "KILL")
            self._forget(container)

    def update(self, container_id: str, update: Update) -> tuple[str, ...]:
        self._enter("update", container_id)
        with self.changed:
            container = self._find(container_id)
            container.host_config |= update_request(update)
            container.record("update")
        return self.warnings

    def rename(self, container_id: str, name: str) -> None:
        self._enter("rename", container_id, name)
        with self.changed:
            container = self._find(container_id)
            self._check_free(name.removeprefix("/"))
            container.name = name.removeprefix("/")
            container.record("rename")

    def create(self, spec: CreateSpec, request: RequestId) -> Created:
        self._enter("create", spec.image)
        with self.changed:
            if _tagged(spec.image) not in self.images:
                raise _no_image(f"No such image: {_tagged(spec.image)}")
            if spec.name is not None:
                self._check_free(spec.name)
            labels = {**spec.labels, REQUEST_LABEL: request}
            container = FakeContainer(self.changed, spec, labels, self._record, self._forget)
            self._containers[container.id] = container
            container.record("create")
        return Created(container.id, self.warnings)

    def image_labels(self, image: str) -> dict[str, str]:
        self._enter("image_labels")
        if _tagged(image) not in self.images:
            raise _no_image(f"No such image: {_tagged(image)}")
        return dict(self.labels_of_images.get(_tagged(image), {}))

    def list_images(self, query: ImageQuery) -> tuple[Image, ...]:
        self._enter("list_images")
        return images_of(self.images, self.labels_of_images, query)

    def logs(self, container_id: str, options: LogOptions) -> FakeStream[Chunk]:
        self._enter("logs")
        with self.changed:
            take = followed_log(self._find(container_id), options)
        return FakeStream(self.changed, take)

    def stats(self, container_id: str, *, stream: bool = True) -> FakeStream[Stats]:
        self._enter("stats")
        with self.changed:
            self._find(container_id)
        due, count = time.monotonic(), 0 if stream else 1

        def take() -> Stats:
            nonlocal due, count
            if container_id not in self._containers or (count > 1 and not stream):
                raise StopIteration
            if time.monotonic() < due:
                raise NotYet
            due, count = time.monotonic() + 0.1, count + 1
            return Stats(container_id, reading_of(self._find(container_id), count))

        return FakeStream(self.changed, take)

    def events(self, query: EventQuery) -> FakeStream[Event]:
        self._enter("events")
        with self.changed:
            return FakeStream(self.changed, past_or_coming(self._events, query))

    def wait(self, container_id: str, until: Condition) -> FakeStream[int]:
        self._enter("wait")
        with self.changed:
            return FakeStream(self.changed, _once(self._find(container_id).exit_code(until)))

    def top(self, container_id: str, args: Sequence[str]) -> Processes:
        self._enter("top")
        with self.changed:
            return engine_observed.processes(self._find(container_id), args)

    def changed_files(self, container_id: str) -> tuple[Change, ...]:
        self._enter("changed_files")
        with self.changed:
            return engine_observed.changed_files(self._find(container_id))

    def exec(self, container_id: str, spec: ExecSpec) -> FakeDuplex:
        self._enter("exec", container_id, *spec.argv)
        with self.changed:
            container = self._find(container_id)
            container.require_running()
            if container.paused:
                raise conflict(f"Container {container_id} is paused, unpause it first")
            take, stdin = container.execute(spec)
        if spec.detach:
            return FakeDuplex(FakeStream(self.changed, lambda: Exit(0)), None)
        return FakeDuplex(FakeStream(self.changed, take), stdin)

    def attach(self, container_id: str, spec: AttachSpec) -> FakeDuplex:
        self._enter("attach", container_id)
        with self.changed:
            container = self._find(container_id)
            if spec.until is Condition.NOT_RUNNING:
                container.require_attachable()
            code = container.exit_code(spec.until)
            output = container.joined(spec)

        def take() -> Frame:
            try:
                return output()
            except StopIteration:
                return Exit(code())

        return FakeDuplex(FakeStream(self.changed, take), container.stdin if spec.stdin else None)

    def stat(self, container_id: str, path: str) -> PathStat:
        self._enter("stat")
        with self.changed:
            return self._find(container_id).stat(path)

    def get_archive(self, container_id: str, path: str) -> FakeStream[bytes]:
        self._enter("get_archive")
        with self.changed:
            pieces = iter([self._find(container_id).packed(path)])
        return FakeStream(self.changed, lambda: next(pieces))

    def put_archive(
        self,
        container_id: str,
        path: str,
        tar: Iterable[bytes],
        options: PutOptions | None = None,
    ) -> None:
        self._enter("put_archive", container_id, path)
        self.put_options.append(options)
        with self.changed:
            self._find(container_id).check_folder(path)
        content = io.BytesIO(b"".join(tar))
        with tarfile.open(fileobj=content) as archive, self.changed:
            self._find(container_id).unpack(path, archive)

    def export(self, container_id: str) -> FakeStream[bytes]:
        self._enter("export")
        with self.changed:
            pieces = iter([self._find(container_id).packed("/")])
        return FakeStream(self.changed, lambda: next(pieces))

    def commit(self, container_id: str, spec: CommitSpec) -> str:
        self._enter("commit", container_id, spec.reference, *spec.changes)
        check_changes(spec)
        with self.changed:
            labels = self._find(container_id).labels
            image = _tagged(spec.reference) if spec.reference else f"sha256:{uuid.uuid4().hex * 2}"
            self.images.add(image)
            blank = {key: "" for key in labels if key.startswith(RESERVED_LABELS)}
            self.labels_of_images[image] = {**labels, **blank}
        return "sha256:" + "1" * 64

    def pull(
        self, image: str, auth: Secret | None, options: PullOptions | None = None
    ) -> FakeStream[Progress]:
        self._enter("pull", image)
        self.pull_options.append(options)
        self.credentials.append(auth)
        if _tagged(image) not in {_tagged(known) for known in self.pullable}:
            raise _no_image(f"manifest for {image} not found: manifest unknown")
        lines = iter(
            [
                Progress("latest", f"Pulling from {image}"),
                Progress("0123456789ab", "Downloading", 512, 1024),
                Progress("0123456789ab", "Pull complete"),
                Progress("", f"Status: Downloaded newer image for {_tagged(image)}"),
            ]
        )
        self.images.add(_tagged(image))
        return FakeStream(self.changed, lambda: next(lines))

    def _enter(self, operation: str, *change: str) -> None:
        with self.changed:
            if change:
                self.changes.append((operation, *change))
            if self._failures[operation]:
                raise self._failures[operation].popleft()

    def _find(self, container_id: str) -> FakeContainer:
        if container_id not in self._containers:
            raise no_such_container(container_id)
        return self._containers[container_id]

    def _forget(self, container: FakeContainer) -> None:
        if self._containers.pop(container.id, None) is not None:
            container.removed = True
            container.record("destroy")

    def _check_free(self, name: str) -> None:
        check_name(name)
        if any(container.name == name for container in self._containers.values()):
            raise conflict(f"the container name {name} is already in use")

    def _record(self, event: Event) -> None:
        self._events.append(event)
        self.changed.notify_all()


def _tagged(image: str) -> str:
    return image if ":" in image.rpartition("/")[2] else f"{image}:latest"


def _no_image(message: str) -> ContctlError:
    return ContctlError(ErrorCode.NOT_FOUND, message, details={"reason": "no-image"})


def _once(code: Callable[[], int]) -> Callable[[], int]:
    given = False

    def take() -> int:
        nonlocal given
        if given:
            raise StopIteration
        value = code()
        given = True
        return value

    return take
