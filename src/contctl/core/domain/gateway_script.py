"""The steps of an installation in words, and as a shell script."""

from shlex import join, quote

from contctl.core.domain.gateway_plan import (
    JoinGroup,
    MakeFolder,
    MakeGroup,
    MakeUser,
    Plan,
    Reload,
    Step,
    WriteFile,
)
from contctl.core.domain.gateway_units import DATA

_END = "END_OF_FILE"


def described(step: Step) -> str:
    """What a step is about, in a few words."""
    match step:
        case MakeGroup(name):
            return f"group {name}"
        case MakeUser(name):
            return f"user {name}"
        case JoinGroup(user, group):
            return f"user {user} in the group {group}"
        case MakeFolder(path):
            return f"folder {path}"
        case WriteFile(path, keep=keep):
            return f"file {path}" + (" (left alone once it is there)" if keep else "")
        case Reload():
            return "systemd's units"


def command_of(step: MakeGroup | MakeUser | JoinGroup | Reload) -> list[str]:
    """The command line that does a step (shadow-utils; systemctl(1))."""
    match step:
        case MakeGroup(name):
            return ["groupadd", "--system", name]
        case MakeUser(name, group):
            home = ["--home-dir", DATA, "--no-create-home", "--shell", "/usr/sbin/nologin"]
            return ["useradd", "--system", "--gid", group, *home, name]
        case JoinGroup(user, group):
            return ["usermod", "--append", "--groups", group, user]
        case Reload():
            return ["systemctl", "daemon-reload"]


def shell(step: Step) -> str:
    """The step in the language of sh(1); to be run as root, any number of times."""
    match step:
        case MakeGroup(name):
            return f"getent group {name} >/dev/null || {join(command_of(step))}"
        case MakeUser(name):
            return f"getent passwd {name} >/dev/null || {join(command_of(step))}"
        case MakeFolder(path, mode, user, group):
            return f"install -d -m {mode:04o} -o {user} -g {group} {quote(path)}"
        case WriteFile(path, content, keep):
            unless = f"[ -e {quote(path)} ] || " if keep else ""
            return (
                f"{unless}install -D -m 0644 /dev/stdin {quote(path)} <<'{_END}'\n{content}{_END}"
            )
        case _:
            return join(command_of(step))


def script(plan: Plan) -> str:
    """The whole of a plan as a script, without a final line end."""
    parts = [f"# {described(step)}\n{shell(step)}" for step in plan.steps]
    start = "\n".join(f"#   {line}" for line in plan.start)
    return "\n\n".join(
        [
            "#!/bin/sh\n# 'contctl gateway install --apply' does the same, and checks more.",
            "set -eu",
            *parts,
            f"# Then start the gateway:\n{start}",
        ]
    )
