"""The options about privileges and namespaces as docker reads them.

Sources: docker/cli 28, cli/command/container/opts.go and opts/opts.go.
"""

import json
import re
from pathlib import Path

from contctl.commands.container.devices import (
    cdi_request,
    device_rule,
    devices_of,
    gpus_of,
    is_cdi,
)
from contctl.commands.container.given import Given, usage
from contctl.core.domain.privileges import Privileges

_SYSCTL = re.compile(
    r"(?:net\.|fs\.mqueue\.|kernel\.(?:msgmax|msgmnb|msgmni|sem|shmall|shmmax|shmmni"
    r"|shm_rmid_forced)$)"
)
_UNCONFINED_PATHS = "systempaths=unconfined"
_LARGEST_PROFILE = 1024 * 1024
"""Bytes; docker's own profile has 15 thousand."""


def privileges_of(given: Given) -> Privileges:
    """All that they ask for; ContctlError USAGE for what is wrong."""
    devices = given.texts("device")
    vendors = tuple(text for text in devices if is_cdi(text))
    by_path = (devices_of(text) for text in devices if not is_cdi(text))
    requests = given.each("gpus", gpus_of)
    security = tuple(map(_security, given.texts("security_opt")))
    return Privileges(
        privileged=given.on("privileged"),
        add=given.texts("cap_add"),
        drop=given.texts("cap_drop"),
        security=tuple(text for text in security if text != _UNCONFINED_PATHS),
        unconfined_paths=_UNCONFINED_PATHS in security,
        sysctls=given.pairs("sysctl", _sysctl),
        devices=tuple(device for found in by_path for device in found),
        device_rules=given.each("device_cgroup_rule", device_rule),
        device_requests=(*requests, cdi_request(vendors)) if vendors else requests,
        groups=given.texts("group_add"),
        runtime=given.word("runtime"),
        cgroup_parent=given.word("cgroup_parent"),
        pid=_mode(given, "pid", "PID", "host", "container:"),
        ipc=given.word("ipc"),
        uts=_mode(given, "uts", "UTS", "host"),
        userns=_mode(given, "userns", "USER", "host"),
        cgroupns=_mode(given, "cgroupns", "CGROUP", "host", "private"),
        isolation=given.word("isolation"),
        annotations=given.pairs("annotation"),
    )


def _mode(given: Given, name: str, shown: str, *known: str) -> str:
    mode = given.word(name)
    joined = "container:" in known and mode.startswith("container:") and mode != "container:"
    if mode and not joined and (mode not in known or mode == "container:"):
        raise usage(f"--{name}: invalid {shown} mode")
    return mode


def _sysctl(text: str) -> None:
    key, equals, _ = text.partition("=")
    if not equals or _SYSCTL.match(key) is None:
        raise ValueError(f"sysctl '{text}' is not allowed")


def _security(text: str) -> str:
    """As it is; a seccomp profile, which is a file here, with its content."""
    key, equals, value = text.partition("=")
    if not equals and key != "no-new-privileges":
        key, colon, value = text.partition(":")
        if not colon:
            raise usage(f'Invalid --security-opt: "{text}"')
    if key != "seccomp" or value in ("unconfined", "builtin"):
        return text
    return f"seccomp={_profile(value)}"


def _profile(path: str) -> str:
    opening = f"opening seccomp profile ({path}) failed"
    try:
        with Path(path).open("rb") as file:
            content = file.read(_LARGEST_PROFILE + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else None
        raise usage(f"{opening}: open {path}: {(reason or str(error)).lower()}") from None
    if len(content) > _LARGEST_PROFILE:
        raise usage(f"{opening}: it is larger than 1 MiB")
    try:
        return json.dumps(json.loads(content), separators=(",", ":"))
    except (ValueError, RecursionError):
        raise usage(f"compacting json for seccomp profile ({path}) failed: it is no JSON") from None
