"""The use cases that reach inside a container.

What only some of them need is imported there, since every command pays for the rest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contctl.core.domain.roles import Permission
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.services.container_use import NEEDS_PRIVILEGES, ContainerUse, deed_on

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contctl.core.api import Duplex, Stream
    from contctl.core.domain.containers import Container
    from contctl.core.domain.streams import AttachSpec, ExecSpec
    from contctl.core.domain.transfers import CommitSpec, PathStat, PutOptions
    from contctl.core.services.caller import Caller


_PRIVILEGED = ", privileged"


class ContainerInside(ContainerUse):
    """Processes and files."""

    def exec(self, ref: str, spec: ExecSpec) -> Duplex:
        from contctl.core.domain.create import check_arguments

        caller = self._access.require(Permission.EXEC, ref)
        if not spec.argv:
            raise ContctlError(ErrorCode.USAGE, "a command to run is needed")
        check_arguments((*spec.argv, *spec.env))
        container = self._inside(caller, Permission.EXEC, ref)
        if spec.privileged:
            self._require_privileged(caller, container)
        # The arguments may hold secrets; the program's name is enough to know what was done.
        what = f"{spec.argv[0]}, {len(spec.argv) - 1} arguments{_PRIVILEGED * spec.privileged}"
        deed = deed_on(Permission.EXEC, container, what)
        # Roles that have create-privileged have exec too.
        needed = Permission.CREATE_PRIVILEGED if spec.privileged else Permission.EXEC
        standing = self._standing(caller, needed, [container])
        return self._duplex(standing, deed, lambda: self._engine.exec(container.id, spec))

    def _require_privileged(self, caller: Caller, container: Container) -> None:
        """FORBIDDEN, recorded, where the caller may have no privileged process in `container`."""
        reach = self._reach(caller)
        refusal = reach.refusal(Permission.CREATE_PRIVILEGED, reach.subject(container))
        if refusal is not None:
            self._access.denied(caller, deed_on(Permission.EXEC, container, NEEDS_PRIVILEGES))
            raise refusal

    def attach(self, ref: str, spec: AttachSpec) -> Duplex:
        caller = self._access.require(Permission.ATTACH, ref)
        container = self._inside(caller, Permission.ATTACH, ref)
        deed = deed_on(Permission.ATTACH, container)
        standing = self._standing(caller, Permission.ATTACH, [container])
        return self._duplex(standing, deed, lambda: self._engine.attach(container.id, spec))

    def stat(self, ref: str, path: str) -> PathStat:
        caller = self._access.require(Permission.COPY, ref)
        container = self._inside(caller, Permission.COPY, ref)
        self._recorder.read(caller, deed_on(Permission.COPY, container, f"look at {path}"))
        return self._engine.stat(container.id, path)

    def get_archive(self, ref: str, path: str) -> Stream[bytes]:
        caller = self._access.require(Permission.COPY, ref)
        container = self._inside(caller, Permission.COPY, ref)
        deed = deed_on(Permission.COPY, container, f"out of {path}")
        standing = self._standing(caller, Permission.COPY, [container])
        return self._stream(standing, deed, lambda: self._engine.get_archive(container.id, path))

    def put_archive(
        self, ref: str, path: str, tar: Iterable[bytes], options: PutOptions | None = None
    ) -> None:
        caller = self._access.require(Permission.COPY, ref)
        container = self._inside(caller, Permission.COPY, ref)
        standing = self._standing(caller, Permission.COPY, [container])
        deed = deed_on(Permission.COPY, container, f"into {path}")
        with self._recorder.recorded(caller, deed), standing.upload(tar) as pieces:
            self._engine.put_archive(container.id, path, pieces, options)

    def export(self, ref: str) -> Stream[bytes]:
        caller = self._access.require(Permission.EXPORT, ref)
        container = self._inside(caller, Permission.EXPORT, ref)
        deed = deed_on(Permission.EXPORT, container)
        standing = self._standing(caller, Permission.EXPORT, [container])
        return self._stream(standing, deed, lambda: self._engine.export(container.id))

    def commit(self, ref: str, spec: CommitSpec) -> str:
        from contctl.core.domain.image_names import parse_image_name
        from contctl.core.domain.transfers import check_changes

        caller = self._access.require(Permission.COMMIT, ref)
        if spec.reference and parse_image_name(spec.reference).digest:
            raise ContctlError(ErrorCode.USAGE, "refusing to create a tag with a digest reference")
        check_changes(spec.changes)
        container = self._inside(caller, Permission.COMMIT, ref)
        deed = deed_on(Permission.COMMIT, container, spec.reference)
        with self._recorder.recorded(caller, deed):
            return self._engine.commit(container.id, spec)
