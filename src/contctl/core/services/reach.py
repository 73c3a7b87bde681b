"""Which containers a caller's grants reach on an engine, and what may be done to each."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from contctl.core.domain.containers import ListQuery, resolve
from contctl.core.domain.grants import Subject, allows, describe, sees, strongest
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contctl.core.domain.containers import Container
    from contctl.core.domain.roles import Permission
    from contctl.core.ports import Engine
    from contctl.core.services.caller import Caller

_REFERENCES = ("before", "since")
"""Filters whose values are containers."""


class Reach:
    """One caller on one engine. What is out of scope answers as if it were not there."""

    def __init__(self, caller: Caller, engine: Engine) -> None:
        self._caller = caller
        self._engine = engine
        self._grants = caller.grants
        self._whole = any(grant.scope.is_everything for grant in caller.grants)

    def containers(self, query: ListQuery) -> tuple[Container, ...]:
        """The containers in scope that `query` asks for; it counts after scoping."""
        filters = self._in_scope(query.filters)
        if self._whole:
            return self._engine.list(replace(query, filters=filters))
        # To an engine, fewer than none are all.
        last = query.last if query.last is not None and query.last >= 0 else None
        asked = replace(
            query,
            all=query.all or last is not None,
            last=None,
            filters=filters,
        )
        listed = self._engine.list(asked)
        seen = tuple(each for each in listed if sees(self._grants, self.subject(each)))
        return seen[:last]

    def find(self, ref: str) -> Container:
        """The container in scope that `ref` means; NOT_FOUND or CONFLICT."""
        return resolve(ref, self._all())

    def find_each(self, refs: Sequence[str]) -> Iterator[tuple[str, Container | ContctlError]]:
        """Each of `refs` with the container in scope that it means, or the error."""
        visible = self._all()
        for ref in refs:
            try:
                yield ref, resolve(ref, visible)
            except ContctlError as error:
                yield ref, error

    def members(self, container: Container) -> tuple[Container, ...]:
        """What `container` stands for, as `Engine.members`, by the name of `container`."""
        members = self._engine.members(container)
        return tuple(replace(each, names=container.names) for each in members)

    def entered(self, container: Container) -> Container:
        """What is entered of `container`: of a workload the first of its members that runs, the
        workload itself where none does."""
        members = self.members(container)
        return next((each for each in members if each.state == "running"), container)

    def subject(self, container: Container) -> Subject:
        """What a decision about `container` looks at."""
        name = container.workload or container.name
        return Subject(name, container.labels, self._engine.name)

    def may(self, permission: Permission, container: Container) -> bool:
        """Whether the caller may do this to `container`."""
        return allows(self._grants, permission, self.subject(container))

    def refusal(self, permission: Permission, *subjects: Subject) -> ContctlError | None:
        """None if one grant allows `permission` on all of `subjects`; otherwise FORBIDDEN, with the
        grant that comes closest."""
        if allows(self._grants, permission, *subjects):
            return None
        nearest = strongest(self._grants, subjects[0])
        hint = (
            f"the grant that comes closest is '{nearest.role}' on {describe(nearest.scope)}"
            if nearest
            else "none of your grants covers a container of this name and these labels"
        )
        return ContctlError(
            ErrorCode.FORBIDDEN,
            f"you are not allowed to do this: {self._caller.title} lacks {permission}"
            f" on {subjects[-1].name or 'a container without a name'}",
            hint=hint,
        )

    def _all(self) -> tuple[Container, ...]:
        return self.containers(ListQuery(all=True, workloads=True))

    def _in_scope(self, filters: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        if not any(key in _REFERENCES for key, _ in filters):
            return filters
        visible = self._all()
        return tuple(
            (key, resolve(value, visible).id) if key in _REFERENCES else (key, value)
            for key, value in filters
        )
