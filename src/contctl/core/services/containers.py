"""The use cases on containers: who may, on which one, recorded, done by the engine.

What only some of them need is imported there, since every command pays for the rest.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from contctl.core.domain.roles import Permission
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.services.reach import Reach
from contctl.core.services.record import Deed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from contctl.core.api import Duplex, Refs, RequestId, Stream
    from contctl.core.domain.actions import Action, Outcome
    from contctl.core.domain.containers import Container, Inspection, Json, ListQuery
    from contctl.core.domain.create import Created, CreateSpec
    from contctl.core.domain.grants import Subject
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
    from contctl.core.services.standing import Standing

T = TypeVar("T")
_CARRIES_DANGERS = f"needs {Permission.CREATE_PRIVILEGED}"


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
        caller = self._access.require(Permission.LIST)
        return self._reach(caller).containers(query)

    def inspect(self, refs: Refs) -> tuple[Inspection, ...]:
        from contctl.core.domain.containers import Inspection

        caller = self._access.require(Permission.INSPECT, " ".join(refs))
        reach = self._reach(caller)
        answers = []
        for ref, found in reach.find_each(refs):
            if isinstance(found, ContctlError):
                answers.append(Inspection(ref, error=found))
                continue
            try:
                answers.append(Inspection(ref, self._inspected(caller, reach, found)))
            except ContctlError as error:
                if error.code is ErrorCode.STORE:
                    raise
                answers.append(Inspection(ref, error=error))
        return tuple(answers)

    def act(self, action: Action, refs: Refs) -> Stream[Outcome]:
        from contctl.core.domain.actions import Outcome
        from contctl.core.services.actions import begin, known_outcome, subjects_of

        caller = self._access.require(action.permission, " ".join(refs))
        reach = self._reach(caller)
        known, jobs = [], []
        for ref, found in reach.find_each(refs):
            if isinstance(found, ContctlError):
                known.append(known_outcome(action, ref, found))
                continue
            deed = _deed(action.permission, found)
            subjects = subjects_of(action, reach.subject(found))
            refusal = reach.refusal(action.permission, *subjects)
            if refusal is not None:
                self._access.denied(caller, deed)
                known.append(Outcome(ref, found.id, refusal))
                continue
            intent = self._recorder.intent(caller, deed)
            ended = partial(self._recorder.outcome, caller, deed, intent)
            still = self._still(caller, action.permission, subjects)
            jobs.append(partial(self._attempt, action, ref, found.id, still, ended))
        return begin(action, known, jobs)

    def create(self, spec: CreateSpec, request: RequestId) -> Created:
        caller = self._access.require(Permission.CREATE, spec.name or spec.image)
        deed = Deed(Permission.CREATE, target_name=spec.name or "", detail=f"image {spec.image}")
        self._check_create(caller, spec, deed)
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
        containers = self._allowed(caller, Permission.LOGS, refs)
        for container in containers:
            self._recorder.read(caller, _deed(Permission.LOGS, container))
        opened = _open_all(containers, lambda id_: self._engine.logs(id_, options))
        return self._standing(caller, Permission.LOGS, containers).stream(opened)

    def stats(self, refs: Refs) -> Stream[Stats]:
        caller = self._access.require(Permission.STATS, " ".join(refs))
        containers = self._allowed(caller, Permission.STATS, refs)
        opened = _open_all(containers, lambda id_: self._engine.stats(id_))
        return self._standing(caller, Permission.STATS, containers).stream(opened)

    def events(self, query: EventQuery) -> Stream[Event]:
        from contctl.core.services.events import check_query, for_caller
        from contctl.core.services.standing import Standing, while_held

        caller = self._access.require(Permission.EVENTS)
        check_query(query)
        standing = Standing(self._shared.ports, caller, while_held(Permission.EVENTS))
        events = for_caller(self._engine.events(query), standing, self._engine.name)
        return standing.stream(events)

    def wait(self, refs: Refs, until: Condition) -> Stream[Exited]:
        from contctl.core.domain.streams import Exited
        from contctl.core.services.streams import Mapped

        caller = self._access.require(Permission.WAIT, " ".join(refs))
        containers = self._allowed(caller, Permission.WAIT, refs)
        opened = _open_all(
            containers, lambda id_: Mapped(self._engine.wait(id_, until), partial(Exited, id_))
        )
        return self._standing(caller, Permission.WAIT, containers).stream(opened)

    def exec(self, ref: str, spec: ExecSpec) -> Duplex:
        from contctl.core.domain.create import check_arguments

        caller = self._access.require(Permission.EXEC, ref)
        if not spec.argv:
            raise ContctlError(ErrorCode.USAGE, "a command to run is needed")
        check_arguments((*spec.argv, *spec.env))
        container = self._inside(caller, Permission.EXEC, ref)
        # The arguments may hold secrets; the program's name is enough to know what was done.
        deed = _deed(Permission.EXEC, container, f"{spec.argv[0]}, {len(spec.argv) - 1} arguments")
        standing = self._standing(caller, Permission.EXEC, [container])
        return self._duplex(standing, deed, lambda: self._engine.exec(container.id, spec))

    def attach(self, ref: str, spec: AttachSpec) -> Duplex:
        caller = self._access.require(Permission.ATTACH, ref)
        container = self._inside(caller, Permission.ATTACH, ref)
        deed = _deed(Permission.ATTACH, container)
        standing = self._standing(caller, Permission.ATTACH, [container])
        return self._duplex(standing, deed, lambda: self._engine.attach(container.id, spec))

    def get_archive(self, ref: str, path: str) -> Stream[bytes]:
        caller = self._access.require(Permission.COPY, ref)
        container = self._inside(caller, Permission.COPY, ref)
        deed = _deed(Permission.COPY, container, "from it")
        standing = self._standing(caller, Permission.COPY, [container])
        return self._stream(standing, deed, lambda: self._engine.get_archive(container.id, path))

    def put_archive(self, ref: str, path: str, tar: Iterable[bytes]) -> None:
        caller = self._access.require(Permission.COPY, ref)
        container = self._inside(caller, Permission.COPY, ref)
        standing = self._standing(caller, Permission.COPY, [container])
        deed = _deed(Permission.COPY, container, "into it")
        with self._recorder.recorded(caller, deed), standing.upload(tar) as pieces:
            self._engine.put_archive(container.id, path, pieces)

    def pull(self, image: str, auth: Secret | None) -> Stream[Progress]:
        from contctl.core.domain.create import check_image
        from contctl.core.domain.grants import reaches
        from contctl.core.services.access import lacking
        from contctl.core.services.standing import Standing

        def refusal(now: Caller) -> ContctlError | None:
            may = reaches(now.grants, Permission.IMAGE_PULL, self._engine.name)
            return None if may else lacking(now, Permission.IMAGE_PULL)

        caller = self._access.require(Permission.IMAGE_PULL, image)
        check_image(image)
        if refusal(caller) is not None:
            self._access.refuse(caller, Permission.IMAGE_PULL, image)
        deed = Deed(Permission.IMAGE_PULL, target_name=image)
        standing = Standing(self._shared.ports, caller, refusal)
        return self._stream(standing, deed, lambda: self._engine.pull(image, auth))

    def _reach(self, caller: Caller) -> Reach:
        return Reach(caller, self._engine)

    def _allowed(
        self, caller: Caller, permission: Permission, refs: Sequence[str]
    ) -> tuple[Container, ...]:
        """The containers that `refs` mean, on each of which the caller has `permission`."""
        reach = self._reach(caller)
        containers = []
        for _, found in reach.find_each(refs):
            if isinstance(found, ContctlError):
                raise found
            refusal = reach.refusal(permission, reach.subject(found))
            if refusal is not None:
                self._access.denied(caller, _deed(permission, found))
                raise refusal
            containers.append(found)
        return tuple(containers)

    def _inside(self, caller: Caller, permission: Permission, ref: str) -> Container:
        """The container that `ref` means, on which the caller has `permission`, and whose inside
        the caller may use in spite of the dangers that it carries."""
        from contctl.core.services.danger import refusal_inside

        (container,) = self._allowed(caller, permission, [ref])
        refusal = refusal_inside(self._reach(caller), container, self._shared.ports)
        if refusal is not None:
            self._access.denied(caller, _deed(permission, container, _CARRIES_DANGERS))
            raise refusal
        return container

    def _inspected(self, caller: Caller, reach: Reach, container: Container) -> Json:
        from contctl.core.domain.containers import for_display

        refusal = reach.refusal(Permission.INSPECT, reach.subject(container))
        if refusal is not None:
            self._access.denied(caller, _deed(Permission.INSPECT, container))
            raise refusal
        self._recorder.read(caller, _deed(Permission.INSPECT, container))
        with_environment = reach.may(Permission.INSPECT_ENV, container)
        data = self._engine.inspect(container.id)
        return for_display(data, with_environment=with_environment)

    def _check_create(self, caller: Caller, spec: CreateSpec, deed: Deed) -> None:
        """FORBIDDEN unless one grant covers the name, the labels, the image's own included, and the
        dangers, and no label would put the container into the scope of somebody else's grant;
        USAGE for what nobody may have. Both are recorded."""
        from contctl.core.domain.create import check_spec
        from contctl.core.services.creation import refusal_of_create
        from contctl.core.services.danger import host_of

        ports = self._shared.ports
        try:
            check_spec(spec)
            refusal = refusal_of_create(
                caller, spec, self._engine, ports.identities, host_of(ports)
            )
        except ContctlError as error:
            if error.code is ErrorCode.USAGE:
                self._recorder.denied(caller, deed, error.code)
            raise
        if refusal is not None:
            self._access.denied(caller, deed)
            raise refusal

    def _attempt(
        self,
        action: Action,
        ref: str,
        container_id: str,
        still: Callable[[], None],
        ended: Callable[[ContctlError | None], None],
    ) -> Outcome:
        from contctl.core.services.actions import attempt

        outcome = attempt(self._engine, action, ref, container_id, still)
        try:
            ended(outcome.error)
        except ContctlError as failure:
            return replace(outcome, error=failure)
        return outcome

    def _still(
        self, caller: Caller, permission: Permission, subjects: Sequence[Subject]
    ) -> Callable[[], None]:
        """Raises, when it is called, if the caller may not do this to `subjects` any more. In
        embedded mode, where nobody waits for others' jobs, it never does."""
        if self._shared.ports.supervision is None:
            return lambda: None
        from contctl.core.services.standing import Standing

        def refusal(now: Caller) -> ContctlError | None:
            return self._reach(now).refusal(permission, *subjects)

        return Standing(self._shared.ports, caller, refusal).check

    def _standing(
        self, caller: Caller, permission: Permission, containers: Sequence[Container]
    ) -> Standing:
        """What lets the caller have a stream of `containers`: `permission` on each, as they were
        when it was opened."""
        from contctl.core.services.standing import Standing

        def refusal(now: Caller) -> ContctlError | None:
            reach = self._reach(now)
            each = (reach.refusal(permission, reach.subject(found)) for found in containers)
            return next(filter(None, each), None)

        return Standing(self._shared.ports, caller, refusal)

    def _duplex(self, standing: Standing, deed: Deed, begin: Callable[[], Duplex]) -> Duplex:
        from contctl.core.services.streams import RecordedDuplex

        duplex, ended = self._begin(standing, deed, begin)
        return RecordedDuplex(standing.duplex(duplex), ended)

    def _stream(self, standing: Standing, deed: Deed, begin: Callable[[], Stream[T]]) -> Stream[T]:
        from contctl.core.services.streams import RecordedStream

        stream, ended = self._begin(standing, deed, begin)
        return RecordedStream(standing.stream(stream), ended)

    def _begin(
        self, standing: Standing, deed: Deed, begin: Callable[[], T]
    ) -> tuple[T, Callable[[ContctlError | None], None]]:
        """Record the intent and begin; what began, and the function to tell its end to."""
        caller = standing.caller
        intent = self._recorder.intent(caller, deed)

        def ended(error: ContctlError | None) -> None:
            self._recorder.outcome(caller, deed, intent, error or standing.ended_by)

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
