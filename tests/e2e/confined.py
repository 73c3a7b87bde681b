"""Runs a program as the gateway's unit says, as far as that can be had without systemd.

confined.py UNIT SOCKET PROGRAM...: with the unit's system calls and memory alone, and with a Unix
socket that listens at the path SOCKET handed over (sd_listen_fds(3)). On the standard library.
"""

import ctypes
import os
import socket
import subprocess
import sys

ALLOW, EPERM = 0x7FFF0000, 0x00050001  # SCMP_ACT_ALLOW, SCMP_ACT_ERRNO(EPERM) of seccomp.h
PR_SET_NO_NEW_PRIVS, PR_SET_MDWE = 38, 65  # linux/prctl.h
UNSUPPORTED = 77


def members(name: str) -> set[str]:
    """The system calls of systemd's set `name`, such as `@chown`, or the one of that name."""
    if not name.startswith("@"):
        return {name}
    shown = subprocess.run(
        ["systemd-analyze", "syscall-filter", name], capture_output=True, text=True, check=True
    )
    lines = [line.strip() for line in shown.stdout.splitlines()[1:]]
    return set().union(*(members(line) for line in lines if line and not line.startswith("#")))


def allowed(unit: str) -> set[str]:
    """What `SystemCallFilter=` leaves, by systemd.exec(5): a list begins it, others add, and those
    with a tilde take away."""
    found: set[str] = set()
    for line in unit.splitlines():
        if line.startswith("SystemCallFilter="):
            value = line.partition("=")[2]
            named = set().union(*(members(name) for name in value.removeprefix("~").split()))
            found = found - named if value.startswith("~") else found | named
    return found


def confine(names: set[str]) -> None:
    """Leave this process, and what it runs, only these system calls, and no memory that is both
    written and run."""
    libc, seccomp = ctypes.CDLL(None), ctypes.CDLL("libseccomp.so.2")
    seccomp.seccomp_init.restype = ctypes.c_void_p
    filter_ = ctypes.c_void_p(seccomp.seccomp_init(EPERM))
    for name in names:
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number >= 0 and seccomp.seccomp_rule_add_array(filter_, ALLOW, number, 0, None):
            raise SystemExit(f"libseccomp takes no rule for {name}")
    if libc.prctl(PR_SET_MDWE, 1, 0, 0, 0):
        raise SystemExit(UNSUPPORTED)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or seccomp.seccomp_load(filter_):
        raise SystemExit("the system calls cannot be filtered")


def main() -> None:
    """Does it."""
    unit, path, *program = sys.argv[1:]
    with open(unit) as file:
        names = allowed(file.read())
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(path)
    os.chmod(path, 0o660)
    listening.listen()
    os.dup2(listening.detach(), 3)
    os.set_inheritable(3, True)
    confine(names)
    given = {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}
    os.execve(program[0], program, {**os.environ, **given})


if __name__ == "__main__":
    main()
