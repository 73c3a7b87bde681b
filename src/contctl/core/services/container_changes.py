"""The use cases that change containers.

What only some of them need is imported there, since every command pays for the rest.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from contctl.core.domain.roles import Permission
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.services.caller import Deed
from contctl.core.services.container_use import ContainerUse, deed_on

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from contctl.core.api import Refs, RequestId, Stream
    from contctl.core.domain.actions import Action, Outcome, Update
    from contctl.core.domain.containers import Container
    from contctl.core.domain.create import Created, CreateSpec
    from contctl.core.domain.grants import Subject
    from contctl.core.domain.transfers import Pruned, PruneQuery
    from contctl.core.services.caller import Caller
    from contctl.core.services.reach import Reach


class ContainerChanges(ContainerUse):
    """Making containers, and acting on several."""

    def act(self, action: Action, refs: Refs) -> Stream[Outcome]:
        from contctl.core.domain.actions import Outcome, Update
        from contctl.core.services.actions import begin, known_outcome, subjects_of

        caller = self._access.require(action.permission, " ".join(refs))
        reach = self._reach(caller)
        known: list[Outcome] = []
        chosen: list[tuple[str, Container]] = []
        for ref, found in reach.find_each(refs):
            if isinstance(found, ContctlError):
                known.append(known_outcome(action, ref, found))
                continue
            subjects = subjects_of(action, reach.subject(found))
            refusal = reach.refusal(action.permission, *subjects)
            if refusal is None and isinstance(action, Update):
                refusal = self._refusal_of_update(reach, action, found)
            if refusal is not None:
                self._access.denied(caller, deed_on(action.permission, found))
                known.append(Outcome(ref, found.id, refusal))
                continue
            chosen.append((ref, found))
        return begin(action, known, self._jobs(caller, action.permission, action, chosen))

    def create(self, spec: CreateSpec, request: RequestId) -> Created:
        caller = self._access.require(Permission.CREATE, spec.name or spec.image)
        deed = Deed(Permission.CREATE, target_name=spec.name or "", detail=f"image {spec.image}")
        spec = self._checked(caller, spec, deed)
        intent = self._recorder.intent(caller, deed)
        try:
            created = self._engine.create(spec, request)
        except ContctlError as error:
            self._recorder.outcome(caller, deed, intent, error)
            raise
        made = Deed(Permission.CREATE, created.id, spec.name or "", deed.detail)
        self._recorder.outcome(caller, made, intent)
        return created

    def prune(self, query: PruneQuery) -> Pruned:
        from contctl.core.domain.actions import Remove
        from contctl.core.services.pruning import pruned, stopped

        caller = self._access.require(Permission.PRUNE)
        reach = self._reach(caller)
        containers = stopped(reach, query)
        chosen = [(container.id, container) for container in containers]
        return pruned(containers, self._jobs(caller, Permission.PRUNE, Remove(), chosen))

    def _jobs(
        self,
        caller: Caller,
        permission: Permission,
        action: Action,
        chosen: Sequence[tuple[str, Container]],
    ) -> Sequence[Callable[[], Outcome]]:
        """What does `action` to each of `chosen`, references with their containers, on which the
        caller has `permission`; the intents of all are recorded at once."""
        from contctl.core.services.actions import subjects_of

        deeds = [deed_on(permission, container) for _, container in chosen]
        intents = self._recorder.intents(caller, deeds)
        reach, jobs = self._reach(caller), []
        for (ref, container), deed, intent in zip(chosen, deeds, intents, strict=True):
            ended = partial(self._recorder.outcome, caller, deed, intent)
            subjects = subjects_of(action, reach.subject(container))
            still = self._still(caller, permission, subjects)
            jobs.append(partial(self._attempt, action, ref, container.id, still, ended))
        return jobs

    def _checked(self, caller: Caller, spec: CreateSpec, deed: Deed) -> CreateSpec:
        """`spec` with the full IDs of the containers that it names. FORBIDDEN unless one grant
        covers the name, the labels, the image's own included, and the dangers, and no label would
        put the container into the scope of somebody else's grant; USAGE for what nobody may have.
        Both are recorded. NOT_FOUND for a container that is not in scope."""
        from contctl.core.domain.create import check_spec
        from contctl.core.services.creation import refusal_of_create
        from contctl.core.services.foreign import resolved

        try:
            check_spec(spec)
            foreign = resolved(spec, self._reach(caller), self._engine.socket)
            refusal = refusal_of_create(caller, foreign, self._shared.ports)
        except ContctlError as error:
            if error.code is ErrorCode.USAGE:
                self._recorder.denied(caller, deed, error.code)
            raise
        if refusal is not None:
            self._access.denied(caller, deed)
            raise refusal
        return foreign.spec

    def _refusal_of_update(
        self, reach: Reach, update: Update, container: Container
    ) -> ContctlError | None:
        """None if the caller may have what `update` asks for, and may reach into `container` in
        spite of the dangers that it carries."""
        from contctl.core.domain.create_request import update_request
        from contctl.core.domain.risk import dangers_of_request
        from contctl.core.services.danger import host_of, refusal_inside, refusal_of_dangers

        ports = self._shared.ports
        dangers = dangers_of_request({"HostConfig": update_request(update)}, host_of(ports))
        asked = refusal_of_dangers(reach, [reach.subject(container)], dangers)
        return asked or refusal_inside(reach, container, ports)

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
