"""What a container may do beyond others, and what it shares with its host or another container.

Source of names: Docker Engine API v1.51, HostConfig.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from contctl.core.domain.containers import Json


@dataclass(frozen=True, slots=True)
class Device:
    """A device of the host. permissions: of `r`, `w` and `m` (mknod)."""

    path: str
    target: str
    permissions: str = "rwm"


@dataclass(frozen=True, slots=True)
class DeviceRequest:
    """Devices by a driver's rules, such as GPUs. count: -1 for all.  capabilities: one of these
    sets is needed."""

    driver: str = ""
    count: int = 0
    ids: tuple[str, ...] = ()
    capabilities: tuple[tuple[str, ...], ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Privileges:
    """All of it; what is empty is the engine's default.

    unconfined_paths: no path below /proc and /sys is hidden or kept from writing.
    pid, ipc, uts, userns, cgroupns: namespaces, `host`, `container:NAME` or another mode.
    """

    privileged: bool = False
    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    security: tuple[str, ...] = ()
    unconfined_paths: bool = False
    sysctls: Mapping[str, str] = field(default_factory=dict)
    devices: tuple[Device, ...] = ()
    device_rules: tuple[str, ...] = ()
    device_requests: tuple[DeviceRequest, ...] = ()
    groups: tuple[str, ...] = ()
    runtime: str = ""
    cgroup_parent: str = ""
    pid: str = ""
    ipc: str = ""
    uts: str = ""
    userns: str = ""
    cgroupns: str = ""
    isolation: str = ""
    annotations: Mapping[str, str] = field(default_factory=dict)


def privileges_request(privileges: Privileges) -> Json:
    """The fields of HostConfig in an engine's request, those that are set. Docker always sends that
    about devices, and the engine shows it."""
    fields: Json = {
        "Privileged": privileges.privileged,
        "CapAdd": capabilities(privileges.add),
        "CapDrop": capabilities(privileges.drop),
        "SecurityOpt": list(privileges.security),
        "Sysctls": dict(privileges.sysctls),
        "Devices": [_device(each) for each in privileges.devices],
        "DeviceCgroupRules": list(privileges.device_rules),
        "DeviceRequests": [_device_request(each) for each in privileges.device_requests],
        "GroupAdd": list(privileges.groups),
        "Runtime": privileges.runtime,
        "CgroupParent": privileges.cgroup_parent,
        "PidMode": privileges.pid,
        "IpcMode": privileges.ipc,
        "UTSMode": privileges.uts,
        "UsernsMode": privileges.userns,
        "CgroupnsMode": privileges.cgroupns,
        "Isolation": privileges.isolation,
        "Annotations": dict(privileges.annotations),
    }
    made = {name: value for name, value in fields.items() if value or name == "Devices"}
    if privileges.unconfined_paths:
        made |= {"MaskedPaths": [], "ReadonlyPaths": [], "SecurityOpt": list(privileges.security)}
    return made


def capabilities(given: tuple[str, ...]) -> list[str]:
    """As docker sends them: upper case, `CAP_` in front, sorted, each once, and `ALL` instead of
    all (moby, client/container_create.go, normalizeCapabilities)."""
    upper = {name.strip().upper() for name in given} - {""}
    if "ALL" in upper:
        return ["ALL"]
    return sorted({f"CAP_{name.removeprefix('CAP_')}" for name in upper})


def _device(device: Device) -> Json:
    return {
        "PathOnHost": device.path,
        "PathInContainer": device.target,
        "CgroupPermissions": device.permissions,
    }


def _device_request(request: DeviceRequest) -> Json:
    return {
        "Driver": request.driver,
        "Count": request.count,
        "DeviceIDs": list(request.ids) or None,
        "Capabilities": [list(each) for each in request.capabilities],
        "Options": dict(request.options),
    }
