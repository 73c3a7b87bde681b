"""Installing a service on this machine, with the system's own programs."""

import grp
import importlib.util
import os
import pwd
import stat
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import contctl
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
from contctl.core.domain.gateway_script import command_of, described
from contctl.core.errors import ContctlError, ErrorCode

_SECONDS = 60.0
"""How long a program may take; useradd waits for the lock of another one for 15."""

_ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}


class LocalServiceHost:
    """Implements the port `ServiceHost`."""

    @property
    def uid(self) -> int:
        return os.geteuid()

    def has_systemd(self) -> bool:
        return os.path.isdir("/run/systemd/system")

    def program_parts(self) -> tuple[str, ...]:
        parts = (sys.argv[0], sys.executable, os.path.dirname(contctl.__file__))
        return tuple(os.path.realpath(part) for part in parts)

    def weakness(self) -> str | None:
        parts = self.program_parts()
        if not os.path.isfile(parts[0]):
            return f"{parts[0]} is no program"
        # The folder of the interpreter's link too: that is where a virtual environment begins.
        for part in (*parts, os.path.realpath(os.path.dirname(sys.executable))):
            for each in (Path(part), *Path(part).parents):
                found = os.stat(each)
                if found.st_uid != 0:
                    return f"{each} belongs to uid {found.st_uid}"
                if found.st_mode & 0o022:
                    return f"others than root may write {each}"
                if not found.st_mode & 0o001:
                    return f"others than root may not use {each}"
        return None

    def has_modules(self, names: Sequence[str]) -> bool:
        return all(importlib.util.find_spec(name) is not None for name in names)

    def user(self, name: str) -> SystemUser | None:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            return None
        return SystemUser(found.pw_uid, found.pw_shell)

    def group_id(self, name: str) -> int | None:
        try:
            return grp.getgrnam(name).gr_gid
        except KeyError:
            return None

    def engine_socket(self, path: str) -> EngineSocket | None:
        try:
            found = os.stat(path)
        except OSError:
            return None
        if not stat.S_ISSOCK(found.st_mode):
            return None
        try:
            name = grp.getgrgid(found.st_gid).gr_name
        except KeyError:
            return EngineSocket(str(found.st_gid), found.st_gid, writable=False)
        return EngineSocket(name, found.st_gid, writable=bool(found.st_mode & stat.S_IWGRP))

    def perform(self, step: Step) -> bool:
        with _translated(step):
            match step:
                case MakeGroup(name):
                    return self.group_id(name) is None and _run(step)
                case MakeUser(name):
                    return self.user(name) is None and _run(step)
                case JoinGroup(user, group):
                    return user not in grp.getgrnam(group).gr_mem and _run(step)
                case MakeFolder():
                    return _make_folder(step)
                case WriteFile():
                    return _write_file(step)
                case Reload():
                    _run(step)
                    return False


def _run(step: MakeGroup | MakeUser | JoinGroup | Reload) -> bool:
    command = command_of(step)
    try:
        done = subprocess.run(  # noqa: S603 - programs of the system's, found on its own path
            command,
            env=_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise _failed(step, f"{command[0]} did not end within {_SECONDS:.0f} s") from None
    if done.returncode != 0:
        said = done.stderr.decode("utf-8", "backslashreplace").strip().splitlines()
        raise _failed(step, said[-1] if said else f"{command[0]} ended with {done.returncode}")
    return True


def _make_folder(step: MakeFolder) -> bool:
    made = _made(step.path)
    descriptor = os.open(step.path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        return _given(step, descriptor) or made
    finally:
        os.close(descriptor)


def _made(path: str) -> bool:
    if os.path.islink(path):
        raise ContctlError(
            ErrorCode.CONFLICT, f"{path} is a link", hint="remove it, or what led to it, first"
        )
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        return False
    return True


def _given(step: MakeFolder, descriptor: int) -> bool:
    """Whether the folder's owner or mode had to be changed."""
    found = os.fstat(descriptor)
    wanted = (pwd.getpwnam(step.user).pw_uid, grp.getgrnam(step.group).gr_gid, step.mode)
    if (found.st_uid, found.st_gid, stat.S_IMODE(found.st_mode)) == wanted:
        return False
    if found.st_uid not in (0, wanted[0]):
        raise ContctlError(
            ErrorCode.CONFLICT,
            f"the folder {step.path} belongs to uid {found.st_uid}",
            hint=f"if that is right no more: chown -R {step.user}:{step.group} {step.path}",
        )
    os.fchown(descriptor, wanted[0], wanted[1])
    os.fchmod(descriptor, wanted[2])
    return True


def _write_file(step: WriteFile) -> bool:
    path = Path(step.path)
    if path.is_symlink():
        raise ContctlError(
            ErrorCode.CONFLICT,
            f"{path} is a link",
            hint="remove it first; 'systemctl unmask' does so for a masked unit",
        )
    if path.exists() and (step.keep or _is_as_wanted(path, step.content)):
        return False
    os.makedirs(path.parent, 0o755, exist_ok=True)
    _replace(path, step.content.encode())
    return True


def _is_as_wanted(path: Path, content: str) -> bool:
    found = path.lstat()
    safe = found.st_uid == 0 and stat.S_IMODE(found.st_mode) == 0o644
    return safe and path.read_bytes() == content.encode()


def _replace(path: Path, content: bytes) -> None:
    """Whoever reads the file sees the old content or the new one."""
    # systemd skips hidden files, so what a killed process leaves is no unit.
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(descriptor, 0o644)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        os.replace(draft, path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def _failed(step: Step, why: str) -> ContctlError:
    return ContctlError(ErrorCode.FAILED, f"{described(step)}: {why}")


@contextmanager
def _translated(step: Step) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _failed(step, error.strerror or str(error)) from error
    except KeyError as error:
        raise _failed(step, str(error.args[0] if error.args else error)) from error
