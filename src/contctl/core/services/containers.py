"""The use cases on containers: who may, on which one, recorded, done by the engine.

What only some of them need is imported there, since every command pays for the rest.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from contctl.core.domain.accounts import allows
from contctl.core.domain.containers import ListQuery, resolve
from contctl.core.domain.roles import Permission
from contctl.core.errors import ContctlError
from contctl.core.services.record import Deed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from contctl.core.api import Duplex, Refs, RequestId, Stream
    from contctl.core.domain.actions import Action, Outcome
    from contctl.core.domain.containers import Container, Inspection
    from contctl.core.domain.create import Created, CreateSpec
    from contctl.core.domain.secret import Secret
    from contctl.core.domain.streams import (
        AttachSpec,
        Chunk,
        Condition,
        Event,
        EventQuery,
        ExecSpec,
        Exited,
        LogOptions,
        Progress,
        Stats,
    )
    from contctl.core.ports import Engine
    from contctl.core.services.record import Caller, Recorder
    from contctl.core.services.shared import Shared

T = TypeVar("T")


class ContainerService:
    """Implements the inbound port `Containers` on one engine."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._access = shared.access

    @property
    def _engine(self) -> Engine:
        return self._shared.ports.engine

    @property
    def _recorder(self) -> Recorder:
        return self._shared.recorder

    def list(self, query: ListQuery) -> tuple[Container, ...]:
        self._access.require(Permission.LIST)
        return self._engine.list(query)

    def inspect(self, refs: Refs) -> tuple[Inspection, ...]:
        from contctl.core.domain.containers import Inspection, for_display

        caller = self._access.require(Permission.INSPECT, " ".join(refs))
        with_environment = allows(caller.grants, Permission.INSPECT_ENV)
        answers = []
        for ref, found in self._resolve_each(refs):
            if isinstance(found, ContctlError):
                answers.append(Inspection(ref, error=found))
                continue
            self._recorder.read(caller, _deed(Permission.INSPECT, found))
            try:
                data = self._engine.inspect(found.id)
            except ContctlError as error:
                answers.append(Inspection(ref, error=error))
            else:
                answers.append(
                    Inspection(ref, for_display(data, with_environment=with_environment))
                )
        return tuple(answers)

    def act(self, action: Action, refs: Refs) -> Stream[Outcome]:
        from contctl.core.services.actions import begin, known_outcome

        caller = self._access.require(action.permission, " ".join(refs))
        known, jobs = [], []
        for ref, found in self._resolve_each(refs):
            if isinstance(found, ContctlError):
                known.append(known_outcome(action, ref, found))
                continue
            deed = _deed(action.permission, found)
            intent = self._recorder.intent(caller, deed)
            jobs.append(partial(self._attempt, caller, action, ref, found, deed, intent))
        return begin(action, known, jobs)

    def create(self, spec: CreateSpec, request: RequestId) -> Created:
        from contctl.core.domain.create import check_spec

        caller = self._access.require(Permission.CREATE, spec.name or spec.image)
        check_spec(spec)
        deed = Deed(Permission.CREATE, target_name=spec.name or "", detail=f"image {spec.image}")
        intent = self._recorder.intent(caller, deed)
        try:
            created = self._engine.create(spec, request)
        except ContctlError as error:
            self._recorder.outcome(caller, deed, intent, error)
            raise
        made = Deed(Permission.CREATE, created.id, spec.name or "", deed.detail)
        self._recorder.outcome(caller, made, intent)
        return created

    def logs(self, refs: Refs, options: LogOptions) -> Stream[Chunk]:
        caller = self._access.require(Permission.LOGS, " ".join(refs))
        containers = self._resolve_all(refs)
        for container in containers:
            self._recorder.read(caller, _deed(Permission.LOGS, container))
        return _open_all(containers, lambda id_: self._engine.logs(id_, options))

    def stats(self, refs: Refs) -> Stream[Stats]:
        self._access.require(Permission.STATS, " ".join(refs))
        return _open_all(self._resolve_all(refs), lambda id_: self._engine.stats(id_))

    def events(self, query: EventQuery) -> Stream[Event]:
        self._access.require(Permission.EVENTS)
        return self._engine.events(query)

    def wait(self, refs: Refs, until: Condition) -> Stream[Exited]:
        from contctl.core.domain.streams import Exited
        from contctl.core.services.streams import Mapped

        self._access.require(Permission.WAIT, " ".join(refs))
        return _open_all(
            self._resolve_all(refs),
            lambda id_: Mapped(self._engine.wait(id_, until), partial(Exited, id_)),
        )

    def exec(self, ref: str, spec: ExecSpec) -> Duplex:
        caller = self._access.require(Permission.EXEC, ref)
        container = self._resolve_one(ref)
        # The arguments may hold secrets; the program's name is enough to know what was done.
        deed = _deed(Permission.EXEC, container, f"{spec.argv[0]}, {len(spec.argv) - 1} arguments")
        return self._duplex(caller, deed, lambda: self._engine.exec(container.id, spec))

    def attach(self, ref: str, spec: AttachSpec) -> Duplex:
        caller = self._access.require(Permission.ATTACH, ref)
        container = self._resolve_one(ref)
        deed = _deed(Permission.ATTACH, container)
        return self._duplex(caller, deed, lambda: self._engine.attach(container.id, spec))

    def get_archive(self, ref: str, path: str) -> Stream[bytes]:
        caller = self._access.require(Permission.COPY, ref)
        container = self._resolve_one(ref)
        deed = _deed(Permission.COPY, container, "from it")
        return self._stream(caller, deed, lambda: self._engine.get_archive(container.id, path))

    def put_archive(self, ref: str, path: str, tar: Iterable[bytes]) -> None:
        caller = self._access.require(Permission.COPY, ref)
        container = self._resolve_one(ref)
        with self._recorder.recorded(caller, _deed(Permission.COPY, container, "into it")):
            self._engine.put_archive(container.id, path, tar)

    def pull(self, image: str, auth: Secret | None) -> Stream[Progress]:
        caller = self._access.require(Permission.IMAGE_PULL, image)
        deed = Deed(Permission.IMAGE_PULL, target_name=image)
        return self._stream(caller, deed, lambda: self._engine.pull(image, auth))

    def _resolve_each(self, refs: Sequence[str]) -> Iterable[tuple[str, Container | ContctlError]]:
        visible = self._engine.list(ListQuery(all=True))
        for ref in refs:
            try:
                yield ref, resolve(ref, visible)
            except ContctlError as error:
                yield ref, error

    def _resolve_one(self, ref: str) -> Container:
        return resolve(ref, self._engine.list(ListQuery(all=True)))

    def _resolve_all(self, refs: Sequence[str]) -> tuple[Container, ...]:
        visible = self._engine.list(ListQuery(all=True))
        return tuple(resolve(ref, visible) for ref in refs)

    def _attempt(
        self,
        caller: Caller,
        action: Action,
        ref: str,
        container: Container,
        deed: Deed,
        intent: int,
    ) -> Outcome:
        from contctl.core.services.actions import attempt

        outcome = attempt(self._engine, action, ref, container.id)
        return self._recorded(outcome, caller, deed, intent)

    def _recorded(self, outcome: Outcome, caller: Caller, deed: Deed, intent: int) -> Outcome:
        try:
            self._recorder.outcome(caller, deed, intent, outcome.error)
        except ContctlError as failure:
            return replace(outcome, error=failure)
        return outcome

    def _duplex(self, caller: Caller, deed: Deed, begin: Callable[[], Duplex]) -> Duplex:
        from contctl.core.services.streams import RecordedDuplex

        return RecordedDuplex(*self._begin(caller, deed, begin))

    def _stream(self, caller: Caller, deed: Deed, begin: Callable[[], Stream[T]]) -> Stream[T]:
        from contctl.core.services.streams import RecordedStream

        return RecordedStream(*self._begin(caller, deed, begin))

    def _begin(
        self, caller: Caller, deed: Deed, begin: Callable[[], T]
    ) -> tuple[T, Callable[[ContctlError | None], None]]:
        """Record the intent and begin; what began, and the function to tell its end to."""
        intent = self._recorder.intent(caller, deed)
        ended = partial(self._recorder.outcome, caller, deed, intent)
        try:
            return begin(), ended
        except ContctlError as error:
            ended(error)
            raise


def _deed(permission: Permission, container: Container, detail: str = "") -> Deed:
    return Deed(permission, container.id, container.name, detail)


def _open_all(containers: Sequence[Container], begin: Callable[[str], Stream[T]]) -> Stream[T]:
    from contctl.core.services.streams import merged

    streams: list[Stream[T]] = []
    try:
        for container in containers:
            streams.append(begin(container.id))
    except ContctlError:
        for stream in streams:
            stream.close()
        raise
    return merged(streams)
