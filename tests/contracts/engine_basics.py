"""What the parts of the engine's contract share: fixtures, containers to work on, and tests of what
an engine may say that it cannot do."""

import functools
import io
import itertools
import tarfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, TypeVar, cast

import pytest

from contctl.core.api import Stream
from contctl.core.domain.actions import Update
from contctl.core.domain.containers import Container, ListQuery
from contctl.core.domain.create import CreateSpec
from contctl.core.domain.images import ImageQuery
from contctl.core.domain.resources import Resources
from contctl.core.domain.streams import (
    AttachSpec,
    Chunk,
    Condition,
    Err,
    EventQuery,
    ExecSpec,
    LogOptions,
    Out,
)
from contctl.core.domain.transfers import CommitSpec
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import Engine
from tests.bounded import closing_after, eventually

ContractTest = TypeVar("ContractTest", bound=Callable[..., None])

IMAGE = "busybox:latest"
ABSENT = "f" * 64
IDLE = ("sleep", "600")
TRAPPING = ("sh", "-c", "trap 'exit 3' TERM; echo ready; while :; do sleep 0.05; done")

_numbers = itertools.count()


def unique(prefix: str) -> str:
    """A name that no other test uses."""
    return f"{prefix}-{uuid.uuid4().hex[:8]}-{next(_numbers)}"


class Workshop:
    """Makes containers of busybox and clears them away."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._made: list[str] = []

    def create(
        self,
        *command: str,
        name: str | None = None,
        stdin: bool = False,
        auto_remove: bool = False,
        labels: dict[str, str] | None = None,
        request: str = "",
    ) -> str:
        """The ID of a container that was made and not started."""
        spec = CreateSpec(
            IMAGE,
            command,
            name=name or unique("contract"),
            labels=labels or {},
            network="none",
            stdin=stdin,
            auto_remove=auto_remove,
        )
        return self.keep(self._engine.create(spec, request or uuid.uuid4().hex).id)

    def run(self, *command: str, stdin: bool = False, auto_remove: bool = False) -> str:
        """The ID of a container that was started."""
        made = self.create(*command, stdin=stdin, auto_remove=auto_remove)
        self._engine.start(made)
        return made

    def finished(self, *command: str) -> str:
        """The ID of a container that was started and has ended."""
        made = self.run(*command)
        self.exit_code(made)
        return made

    def exit_code(self, container_id: str) -> int:
        """Wait for its end."""
        with closing_after(self._engine.wait(container_id, Condition.NOT_RUNNING)) as codes:
            return next(codes)

    def keep(self, container_id: str) -> str:
        """Clear this one away, too."""
        self._made.append(container_id)
        return container_id

    def clear(self) -> None:
        for container_id in self._made:
            with suppress(ContctlError):
                self._engine.remove(container_id, force=True, volumes=True)


def listed(engine: Engine, container_id: str) -> Container | None:
    query = ListQuery(all=True, filters=(("id", container_id),), workloads=True)
    found = engine.list(query)
    return next((container for container in found if container.id == container_id), None)


def state(engine: Engine, container_id: str) -> str:
    container = listed(engine, container_id)
    return container.state if container else "gone"


def output(stream: Stream[Chunk]) -> tuple[bytes, bytes]:
    with closing_after(stream):
        outputs = [chunk.output for chunk in stream]
    out = b"".join(piece.data for piece in outputs if isinstance(piece, Out))
    return out, b"".join(piece.data for piece in outputs if isinstance(piece, Err))


def tar_of(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


CALLS: dict[str, Callable[[Engine], object]] = {
    "volume": lambda engine: engine.volume("absent"),
    "network": lambda engine: engine.network("absent"),
    "defaults": lambda engine: engine.defaults(),
    "start": lambda engine: engine.start(ABSENT),
    "stop": lambda engine: engine.stop(ABSENT, None, None),
    "restart": lambda engine: engine.restart(ABSENT, 0, None),
    "kill": lambda engine: engine.kill(ABSENT, "KILL"),
    "pause": lambda engine: engine.pause(ABSENT),
    "unpause": lambda engine: engine.unpause(ABSENT),
    "update": lambda engine: engine.update(ABSENT, Update(Resources(memory=64 << 20))),
    "remove": lambda engine: engine.remove(ABSENT, force=False, volumes=False),
    "rename": lambda engine: engine.rename(ABSENT, unique("new")),
    "create": lambda engine: engine.create(CreateSpec(IMAGE, ("true",)), uuid.uuid4().hex),
    "image_labels": lambda engine: engine.image_labels(IMAGE),
    "list_images": lambda engine: engine.list_images(ImageQuery()),
    "logs": lambda engine: engine.logs(ABSENT, LogOptions()),
    "stats": lambda engine: engine.stats(ABSENT),
    "events": lambda engine: engine.events(EventQuery()),
    "wait": lambda engine: engine.wait(ABSENT, Condition.NOT_RUNNING),
    "top": lambda engine: engine.top(ABSENT, ()),
    "changed_files": lambda engine: engine.changed_files(ABSENT),
    "exec": lambda engine: engine.exec(ABSENT, ExecSpec(("true",))),
    "attach": lambda engine: engine.attach(ABSENT, AttachSpec()),
    "stat": lambda engine: engine.stat(ABSENT, "/tmp"),
    "get_archive": lambda engine: engine.get_archive(ABSENT, "/tmp"),
    "put_archive": lambda engine: engine.put_archive(ABSENT, "/tmp", iter([tar_of()])),
    "export": lambda engine: engine.export(ABSENT),
    "commit": lambda engine: engine.commit(ABSENT, CommitSpec()),
    "pull": lambda engine: engine.pull(IMAGE, None),
}
"""A call of each method that an engine may be unable to do."""


def assert_refused(engine: Engine, method: str) -> None:
    """`method` answers at once, whatever it is asked about, with the reason that was declared."""
    with pytest.raises(ContctlError) as caught:
        CALLS[method](engine)
    assert caught.value.code is ErrorCode.UNSUPPORTED, caught.value
    assert engine.unsupported[method] in caught.value.message


def needs(*methods: str) -> Callable[[ContractTest], ContractTest]:
    """For a test that needs these methods of its `engine`. On an engine that declares that it has
    not got one of them, the test is instead that a call of it is refused with the reason declared.
    """
    assert set(methods) <= set(CALLS)

    def decorate(test: ContractTest) -> ContractTest:
        @functools.wraps(test)
        def judged(self: object, **given: Any) -> None:
            engine = given["engine"]
            missing = [method for method in methods if method in engine.unsupported]
            for method in missing:
                assert_refused(engine, method)
            if not missing:
                test(self, **given)

        return cast("ContractTest", judged)

    return decorate


class EngineBasics:
    """The fixtures that an implementation provides, and those made of them."""

    @pytest.fixture
    def engine(self) -> Engine:
        """An engine that has the image `busybox:latest`."""
        raise NotImplementedError

    @pytest.fixture
    def pullable_image(self) -> str:
        """An image that a registry has and the engine has not."""
        raise NotImplementedError

    @pytest.fixture
    def absent_image(self) -> str:
        """An image that its registry does not have."""
        raise NotImplementedError

    @pytest.fixture
    def workshop(self, engine: Engine) -> Iterator[Workshop]:
        workshop = Workshop(engine)
        yield workshop
        workshop.clear()


def await_log(engine: Engine, container_id: str, text: bytes) -> None:
    def written() -> bool:
        return text in output(engine.logs(container_id, LogOptions()))[0]

    eventually(written, f"{text!r} in the log")


def conflict(attempt: Callable[[], object]) -> ContctlError:
    with pytest.raises(ContctlError) as caught:
        attempt()
    assert caught.value.code is ErrorCode.CONFLICT
    return caught.value
