"""A machine on which a service is installed, in memory."""

from collections.abc import Sequence

from contctl.core.domain.gateway_plan import (
    EngineSocket,
    JoinGroup,
    MakeFolder,
    MakeGroup,
    MakeUser,
    Reload,
    Step,
    SystemUser,
    WriteFile,
)
from contctl.core.errors import ContctlError, ErrorCode

PROGRAM = "/opt/contctl/bin/contctl"


class FakeServiceHost:
    """Implements `ServiceHost`. folders: mode, user and group by path.  out_of_order: why steps of
    a kind fail."""

    def __init__(self, *, systemd: bool = False) -> None:
        self.uid = 0
        self.systemd = systemd
        self.weak: str | None = None
        self.path = PROGRAM
        self.modules = {"fastapi", "uvicorn"}
        self.users = {"root": SystemUser(0, "/bin/bash")}
        self.groups = {"root": 0}
        self.members: dict[str, set[str]] = {}
        self.folders: dict[str, tuple[int, str, str]] = {}
        self.files: dict[str, str] = {}
        self.links: set[str] = set()
        self.sockets: dict[str, EngineSocket] = {}
        self.reloads = 0
        self.out_of_order: dict[type[Step], ContctlError] = {}

    def has_systemd(self) -> bool:
        return self.systemd

    def program_parts(self) -> tuple[str, ...]:
        return (self.path, "/usr/bin/python3", "/opt/contctl/lib")

    def weakness(self) -> str | None:
        return self.weak

    def has_modules(self, names: Sequence[str]) -> bool:
        return self.modules.issuperset(names)

    def user(self, name: str) -> SystemUser | None:
        return self.users.get(name)

    def group_id(self, name: str) -> int | None:
        return self.groups.get(name)

    def engine_socket(self, path: str) -> EngineSocket | None:
        return self.sockets.get(path)

    def perform(self, step: Step) -> bool:
        if type(step) in self.out_of_order:
            raise self.out_of_order[type(step)]
        match step:
            case MakeGroup(name):
                known = name in self.groups
                self.groups.setdefault(name, 900 + len(self.groups))
                return not known
            case MakeUser(name):
                known = name in self.users
                self.users.setdefault(name, SystemUser(900 + len(self.users), "/usr/sbin/nologin"))
                return not known
            case JoinGroup(user, group):
                return self._join(user, group)
            case MakeFolder():
                return self._make_folder(step)
            case WriteFile():
                return self._write(step)
            case Reload():
                if not self.systemd:
                    raise ContctlError(ErrorCode.FAILED, "systemd's units: there is no systemd")
                self.reloads += 1
                return False

    def _join(self, user: str, group: str) -> bool:
        if user not in self.users or group not in self.groups:
            raise ContctlError(ErrorCode.FAILED, f"user {user} in the group {group}: unknown")
        members = self.members.setdefault(group, set())
        known = user in members
        members.add(user)
        return not known

    def _make_folder(self, step: MakeFolder) -> bool:
        self._refuse_link(step.path)
        found = self.folders.get(step.path)
        wanted = (step.mode, step.user, step.group)
        if found and found[1] not in ("root", step.user):
            raise ContctlError(ErrorCode.CONFLICT, f"{step.path} belongs to {found[1]}")
        self.folders[step.path] = wanted
        return found != wanted

    def _write(self, step: WriteFile) -> bool:
        self._refuse_link(step.path)
        found = self.files.get(step.path)
        if found is not None and (step.keep or found == step.content):
            return False
        self.files[step.path] = step.content
        return True

    def _refuse_link(self, path: str) -> None:
        if path in self.links:
            raise ContctlError(ErrorCode.CONFLICT, f"{path} is a link")
