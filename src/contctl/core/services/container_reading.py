"""The use cases that look at containers.

What only some of them need is imported there, since every command pays for the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contctl.core.domain.roles import Permission
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.services.container_use import ContainerUse, deed_on, open_all
from contctl.core.services.reach import Reach

if TYPE_CHECKING:
    from contctl.core.api import Refs, Stream
    from contctl.core.domain.containers import Container, Inspection, Json, ListQuery
    from contctl.core.domain.streams import (
        Chunk,
        Condition,
        Event,
        EventQuery,
        Exited,
        LogOptions,
        Stats,
    )
    from contctl.core.services.caller import Caller


class ContainerReading(ContainerUse):
    """Lists, inspections, logs and other streams."""

    def list(self, query: ListQuery) -> tuple[Container, ...]:
        caller = self._access.require(Permission.LIST)
        return self._reach(caller).containers(query)

    def inspect(self, refs: Refs, size: bool = False) -> tuple[Inspection, ...]:
        from contctl.core.domain.containers import Inspection

        caller = self._access.require(Permission.INSPECT, " ".join(refs))
        reach = self._reach(caller)
        answers = []
        for ref, found in reach.find_each(refs):
            if isinstance(found, ContctlError):
                answers.append(Inspection(ref, error=found))
                continue
            try:
                answers.append(Inspection(ref, self._inspected(caller, reach, found, size)))
            except ContctlError as error:
                if error.code is ErrorCode.STORE:
                    raise
                answers.append(Inspection(ref, error=error))
        return tuple(answers)

    def logs(self, refs: Refs, options: LogOptions) -> Stream[Chunk]:
        caller = self._access.require(Permission.LOGS, " ".join(refs))
        containers = self._allowed(caller, Permission.LOGS, refs)
        reach = self._reach(caller)
        # What a workload's pods write is read, and that of those which come while it is followed.
        read = {
            (each.id, each.name): each
            for container in containers
            for each in (container, *reach.members(container))
        }
        deeds = [deed_on(Permission.LOGS, each) for each in read.values()]
        self._recorder.reads(caller, deeds)
        opened = open_all(containers, lambda id_: self._engine.logs(id_, options))
        return self._standing(caller, Permission.LOGS, containers).stream(opened)

    def stats(self, refs: Refs, *, stream: bool = True) -> Stream[Stats]:
        caller = self._access.require(Permission.STATS, " ".join(refs))
        containers = self._allowed(caller, Permission.STATS, refs)
        opened = open_all(containers, lambda id_: self._engine.stats(id_, stream=stream))
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
        from contctl.core.services.waits import begin_all

        caller = self._access.require(Permission.WAIT, " ".join(refs))
        reach = self._reach(caller)
        known, waited = [], []
        for ref, found in reach.find_each(refs):
            if isinstance(found, ContctlError):
                known.append(Exited(None, None, ref, found))
                continue
            refusal = reach.refusal(Permission.WAIT, reach.subject(found))
            if refusal is not None:
                self._access.denied(caller, deed_on(Permission.WAIT, found))
                known.append(Exited(found.id, None, ref, refusal))
                continue
            waited.append((ref, found))
        begun = begin_all(known, [(ref, each.id) for ref, each in waited], self._engine, until)
        return self._standing(caller, Permission.WAIT, [each for _, each in waited]).stream(begun)

    def _inspected(self, caller: Caller, reach: Reach, container: Container, size: bool) -> Json:
        from contctl.core.domain.containers import for_display

        refusal = reach.refusal(Permission.INSPECT, reach.subject(container))
        if refusal is not None:
            self._access.denied(caller, deed_on(Permission.INSPECT, container))
            raise refusal
        self._recorder.read(caller, deed_on(Permission.INSPECT, container))
        with_environment = reach.may(Permission.INSPECT_ENV, container)
        data = self._engine.inspect(container.id, size)
        return for_display(data, with_environment=with_environment)
