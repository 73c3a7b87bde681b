"""Installing the gateway: what stands in its way on a machine, and the steps."""

import re
from dataclasses import dataclass

from contctl.core.domain.gateway_units import (
    DATA,
    RUN,
    first_configuration,
    service_unit,
    socket_unit,
    sysusers_entry,
    tmpfiles_entry,
)
from contctl.core.errors import ContctlError, ErrorCode

UNITS = "/etc/systemd/system"
CONFIGURATION = "/etc/contctl/gateway.toml"
_NAME = re.compile(r"[a-z_][a-z0-9_-]{0,31}")
_PLAIN_PATH = re.compile(r"(/[A-Za-z0-9._+-]+)+")
_HIDDEN = ("/home/", "/root/", "/run/user/", "/tmp/", "/var/tmp/", "/dev/")  # noqa: S108
"""What ProtectHome=, PrivateTmp= and PrivateDevices= keep from the gateway (systemd.exec(5))."""
_FIRST_PERSON = 1000
"""The lowest user ID of a person (SYS_UID_MAX in login.defs(5), and systemd's, is 999)."""


@dataclass(frozen=True, slots=True)
class InstallOptions:
    """user: the system user that the gateway runs as.  group: of those who may call it.
    engine: the Unix socket of the engine, an absolute path."""

    user: str = "contctl"
    group: str = "contctl"
    engine: str = "/var/run/docker.sock"


@dataclass(frozen=True, slots=True)
class MakeGroup:
    """A system group, unless there is one of that name."""

    name: str


@dataclass(frozen=True, slots=True)
class MakeUser:
    """A system user without a login, unless there is one of that name. group: its own."""

    name: str
    group: str


@dataclass(frozen=True, slots=True)
class JoinGroup:
    """A user as a member of one more group."""

    user: str
    group: str


@dataclass(frozen=True, slots=True)
class MakeFolder:
    """A folder of this mode and owner, whether it was there or not."""

    path: str
    mode: int
    user: str
    group: str


@dataclass(frozen=True, slots=True)
class WriteFile:
    """A file of root's, 0644, with this content. keep: leave one that is there as it is."""

    path: str
    content: str
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Reload:
    """Let systemd read its units anew."""


Step = MakeGroup | MakeUser | JoinGroup | MakeFolder | WriteFile | Reload


@dataclass(frozen=True, slots=True)
class SystemUser:
    """A user of the operating system."""

    uid: int
    shell: str


@dataclass(frozen=True, slots=True)
class EngineSocket:
    """Who may open the engine's socket: a group's name and ID. writable: whether it may."""

    group: str
    gid: int
    writable: bool


@dataclass(frozen=True, slots=True)
class Host:
    """What a machine is like before the gateway is installed.

    user, group_id, engine: those that the options name; None where there is none.
    parts: the absolute paths of this contctl's command, then of its interpreter and its modules.
    weakness: what lets others than root change them, or keeps others from using them, or None.
    complete: whether the extra `gateway` is installed.
    """

    systemd: bool
    parts: tuple[str, ...]
    weakness: str | None
    complete: bool
    user: SystemUser | None
    group_id: int | None
    engine: EngineSocket | None

    @property
    def program(self) -> str:
        """The absolute path of this contctl's command."""
        return self.parts[0]


@dataclass(frozen=True, slots=True)
class Plan:
    """How to install the gateway. problems: what is in the way.  start: the command lines that
    start it afterwards, as root."""

    steps: tuple[Step, ...]
    problems: tuple[ContctlError, ...]
    start: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Installed:
    """How a step went. changed: False where nothing had to be done."""

    step: Step
    changed: bool
    error: ContctlError | None


def plan_of(options: InstallOptions, host: Host) -> Plan:
    """The plan for `host`; ContctlError USAGE for options that are impossible anywhere."""
    _check(options)
    return Plan(_steps(options, host), tuple(_problems(options, host)), _start(options, host))


def _check(options: InstallOptions) -> None:
    for kind, name in (("user", options.user), ("group", options.group)):
        if not _NAME.fullmatch(name):
            raise ContctlError(
                ErrorCode.USAGE,
                f"--{kind}: not a name of a {kind}: {name!r}",
                hint="a-z, 0-9, _ and -, at most 32, and no digit or - in front",
            )
        if name == "root":
            raise ContctlError(ErrorCode.USAGE, f"--{kind}: the gateway may not be root's")
    if not _PLAIN_PATH.fullmatch(options.engine) or ".." in options.engine.split("/"):
        raise ContctlError(
            ErrorCode.USAGE,
            f"--engine: not the address of a Unix socket: {options.engine!r}",
            hint="write it as unix:///var/run/docker.sock",
        )


def _steps(options: InstallOptions, host: Host) -> tuple[Step, ...]:
    user, group = options.user, options.group
    engine_group = host.engine.group if host.engine else "docker"
    engine = f"unix://{options.engine}"
    steps: tuple[Step, ...] = (
        MakeGroup(group),
        MakeUser(user, group),
        JoinGroup(user, engine_group),
        MakeFolder("/etc/contctl", 0o755, "root", "root"),
        WriteFile(CONFIGURATION, first_configuration(group, engine), keep=True),
        MakeFolder(DATA, 0o700, user, group),
        MakeFolder(RUN, 0o755, user, group),
    )
    if not host.systemd:
        return steps
    name = "contctl-gateway"
    return (
        *steps,
        WriteFile(f"/etc/sysusers.d/{name}.conf", sysusers_entry(user, group, engine_group)),
        WriteFile(f"/etc/tmpfiles.d/{name}.conf", tmpfiles_entry(user, group)),
        WriteFile(f"{UNITS}/{name}.socket", socket_unit(user, group)),
        WriteFile(f"{UNITS}/{name}.service", service_unit(user, group, host.program)),
        Reload(),
    )


def _start(options: InstallOptions, host: Host) -> tuple[str, ...]:
    if host.systemd:
        return ("systemctl enable --now contctl-gateway.socket contctl-gateway.service",)
    user, group = options.user, options.group
    return (
        f"install -d -m 0755 -o {user} -g {group} {RUN}",
        f"setpriv --reuid {user} --regid {group} --init-groups --no-new-privs"
        f" {host.program} gateway serve",
    )


def _problems(options: InstallOptions, host: Host) -> list[ContctlError]:
    found = [
        _program_problem(host),
        _user_problem(options, host),
        _engine_problem(options, host),
        _place_problem(options, host),
        _group_problem(options, host),
    ]
    return [problem for problem in found if problem]


def _program_problem(host: Host) -> ContctlError | None:
    elsewhere = "install it as root, with a Python of the system's, into /opt/contctl"
    hidden = [part for part in host.parts if part.startswith(_HIDDEN)]
    if not _PLAIN_PATH.fullmatch(host.program):
        message = f"the path of this contctl has unusual characters: {host.program!r}"
    elif hidden:
        message = f"{hidden[0]} lies in a folder that the gateway may not look into"
    elif host.weakness:
        message = f"this contctl cannot be the gateway's: {host.weakness}"
    elif not host.complete:
        return ContctlError(
            ErrorCode.UNSUPPORTED,
            "the gateway needs contctl's extra 'gateway'",
            hint="pip install 'contctl[gateway]'",
        )
    else:
        return None
    return ContctlError(ErrorCode.STORE, message, hint=elsewhere)


def _user_problem(options: InstallOptions, host: Host) -> ContctlError | None:
    user = host.user
    if user is None:
        return None
    if 0 < user.uid < _FIRST_PERSON and user.shell.endswith(("/nologin", "/false")):
        return None
    return ContctlError(
        ErrorCode.CONFLICT,
        f"the user {options.user} is there, and is no system user without a login"
        f" (uid {user.uid}, shell {user.shell})",
        hint="name another with --user: whoever is that user holds the engine and the keys",
    )


def _engine_problem(options: InstallOptions, host: Host) -> ContctlError | None:
    engine = host.engine
    if engine is None:
        return ContctlError(
            ErrorCode.UNAVAILABLE,
            f"there is no engine's socket at {options.engine}",
            hint="start the engine, or name its socket with --engine unix:///path",
        )
    if engine.gid == 0 or not engine.writable:
        return ContctlError(
            ErrorCode.CONFLICT,
            f"no group but root may open the engine's socket {options.engine}",
            hint='let it belong to a group of its own: "group": "docker" in docker\'s daemon.json',
        )
    return None


def _place_problem(options: InstallOptions, host: Host) -> ContctlError | None:
    if not (host.systemd and options.engine.startswith(_HIDDEN)):
        return None
    return ContctlError(
        ErrorCode.CONFLICT,
        f"{options.engine} lies in a folder that the gateway may not look into",
        hint="let the engine listen below /run; one of a user's own is no matter of a gateway",
    )


def _group_problem(options: InstallOptions, host: Host) -> ContctlError | None:
    engine = host.engine
    engines = engine is not None and options.group == engine.group
    if options.group == "docker" or engines or host.group_id == 0:
        return ContctlError(
            ErrorCode.CONFLICT,
            f"members of the group {options.group} could open the engine's socket themselves",
            hint="name another with --group: roles bind nobody who has the socket",
        )
    return None
