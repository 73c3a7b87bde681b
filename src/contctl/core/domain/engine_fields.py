"""Every field of Docker's create model, and which values of it are dangers.

Sources: Docker Engine API v1.24 to v1.51, `POST /containers/create` (moby, api/types/container,
api/types/network). A value is harmless only where a rule says so: modes and drivers are compared
with the harmless ones, not with the dangerous ones. What only takes resources from the host, such
as memory, is harmless here; what takes them past any limit is not.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from contctl.core.domain.containers import Json
from contctl.core.domain.field_rules import (
    Host,
    Rule,
    both,
    each,
    entries,
    flag,
    if_set,
    mapping,
    number,
    numbers,
    only,
    record,
    records,
    rule,
    shown,
    text,
    text_map,
    text_or_texts,
    texts,
)
from contctl.core.domain.mount_rules import binds, mounts

# Linux capabilities that Docker and Podman both give to every container (moby,
# oci/caps/defaults.go; containers/common, pkg/config/default.go): asking for one adds nothing.
_ORDINARY = (
    "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "NET_BIND_SERVICE", "SETFCAP", "SETGID",
    "SETPCAP", "SETUID", "SYS_CHROOT",
)  # fmt: skip
_LOG_DRIVERS = ("", "json-file", "local", "journald", "none")
_RUNTIMES = ("", "runc", "io.containerd.runc.v2")
_NO_NEW_PRIVILEGES = ("no-new-privileges", "no-new-privileges:true", "no-new-privileges=true")
_NETWORK = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*", re.ASCII)
_USUAL_NETWORKS = ("", "default", "bridge", "none")
_HOST_PORT = re.compile(r"([0-9]{1,5})(?:-[0-9]{1,5})?", re.ASCII)
_ANY_PORT = ("", "0")
_FIRST_ORDINARY_PORT = 1024

# What the engine masks, and lets only be read, since it has these fields (API v1.38); newer ones
# have more.
_MASKED = (
    "/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
    "/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/sys/firmware",
)  # fmt: skip
_READ_ONLY = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]


def _capabilities(values: Sequence[str], _host: Host) -> Iterator[str]:
    for value in values:
        if value.upper().removeprefix("CAP_") not in _ORDINARY:
            yield f"added capability {shown(value)}"


def _security(values: Sequence[str], _host: Host) -> Iterator[str]:
    for value in values:
        if value not in _NO_NEW_PRIVILEGES:
            # A profile is passed as a whole.
            yield f"security option {shown(re.split('[=:]', value)[0])}"


def _sysctls(values: Mapping[str, str], _host: Host) -> Iterator[str]:
    for name in values:
        yield f"sysctl {shown(name)}"


def _log_config(value: Mapping[str, object], host: Host) -> Iterator[str]:
    # Others send to the network with the host's address, or read its files.
    driver = value.get("Type")
    if isinstance(driver, str) and driver not in (*_LOG_DRIVERS, host.defaults.log_driver):
        yield f"log driver {shown(driver)}"


def _runtime(value: str, host: Host) -> Iterator[str]:
    if value not in (*_RUNTIMES, host.defaults.runtime):
        yield f"runtime {shown(value)}"


def _cgroup_namespace(value: str, host: Host) -> Iterator[str]:
    if value == "host" and not host.defaults.private_cgroups:
        return
    if value not in ("", "private"):
        yield f"cgroup namespace {shown(value)}"


def _network(value: str, host: Host) -> Iterator[str]:
    # `container:X` is another container's, `ns:X` a file.
    if value and (value == "host" or not _NETWORK.fullmatch(value)):
        yield f"network {shown(value)}"
    elif host.strict and value not in _USUAL_NETWORKS:
        yield from _asked_network(value, host)


def _asked_network(value: str, host: Host) -> Iterator[str]:
    """A request may name the host's network by its ID, or by the beginning of it."""
    found = host.networks.get(value)
    if found is None and value in host.networks:
        return
    if not isinstance(found, dict) or not isinstance(found.get("Driver"), str):
        yield f"network {shown(value)}, which cannot be examined"
    elif found["Driver"] == "host":
        yield "network host"


def _host_port(value: str, _host: Host) -> Iterator[str]:
    match = _HOST_PORT.fullmatch(value)
    if value not in _ANY_PORT and (match is None or int(match[1]) < _FIRST_ORDINARY_PORT):
        yield f"host port {shown(value)}"


def _without(usual: Sequence[str], danger: str) -> Rule:
    def judge(values: Sequence[str], _host: Host) -> Iterator[str]:
        missing = [path for path in usual if path not in values]
        if missing:
            yield f"{danger} {missing[0]}"

    return rule(texts, judge)


def _storage(values: Mapping[str, str], _host: Host) -> Iterator[str]:
    for name in values:
        if name != "size":
            yield f"storage option {shown(name)}"


def _negative(value: float, _host: Host) -> Iterator[str]:
    if value < 0:
        yield "negative OOM score"


_TEXT, _TEXTS, _TEXT_MAP = rule(text), rule(texts), rule(text_map)
_FLAG, _NUMBER, _RECORDS = rule(flag), rule(number), rule(records)
_REAL_TIME = rule(number, if_set("real-time scheduling"))

CONFIG: Final[Mapping[str, Rule]] = {
    "Hostname": _TEXT,  # the container's own namespace
    "Domainname": _TEXT,  # likewise
    "User": _TEXT,  # inside the container
    "AttachStdin": _FLAG,
    "AttachStdout": _FLAG,
    "AttachStderr": _FLAG,
    "ExposedPorts": rule(mapping),  # publishes nothing
    "Tty": _FLAG,
    "OpenStdin": _FLAG,
    "StdinOnce": _FLAG,
    "Env": _TEXTS,
    "Cmd": rule(text_or_texts),
    "Healthcheck": record(
        {
            "Test": _TEXTS,  # runs inside the container
            "Interval": _NUMBER,
            "Timeout": _NUMBER,
            "StartPeriod": _NUMBER,
            "StartInterval": _NUMBER,
            "Retries": _NUMBER,
        },
        "Healthcheck.",
    ),
    "ArgsEscaped": _FLAG,  # Windows
    "Image": _TEXT,
    "Volumes": rule(mapping),  # anonymous ones, made empty or from the image
    "WorkingDir": _TEXT,
    "Entrypoint": rule(text_or_texts),
    "NetworkDisabled": _FLAG,
    "MacAddress": _TEXT,
    "OnBuild": _TEXTS,  # nothing is built
    "Labels": _TEXT_MAP,
    "StopSignal": _TEXT,
    "StopTimeout": _NUMBER,
    "Shell": _TEXTS,
}
"""The portable part, `Config` in an inspection; in a request it stands at the top."""

_RESOURCES: Mapping[str, Rule] = {
    "CpuShares": _NUMBER,
    "Memory": _NUMBER,
    "NanoCpus": _NUMBER,
    "CgroupParent": rule(text, only("", danger="cgroup parent")),
    "BlkioWeight": _NUMBER,
    "BlkioWeightDevice": _RECORDS,  # names a device, gives no access to it
    "BlkioDeviceReadBps": _RECORDS,
    "BlkioDeviceWriteBps": _RECORDS,
    "BlkioDeviceReadIOps": _RECORDS,
    "BlkioDeviceWriteIOps": _RECORDS,
    "CpuPeriod": _NUMBER,
    "CpuQuota": _NUMBER,
    "CpuRealtimePeriod": _REAL_TIME,  # starves the host
    "CpuRealtimeRuntime": _REAL_TIME,
    "CpusetCpus": _TEXT,
    "CpusetMems": _TEXT,
    "Devices": rule(records, if_set("devices")),
    "DeviceCgroupRules": rule(texts, if_set("device cgroup rules")),
    "DeviceRequests": rule(records, if_set("device requests, such as GPUs")),
    "KernelMemory": _NUMBER,
    "KernelMemoryTCP": _NUMBER,
    "MemoryReservation": _NUMBER,
    "MemorySwap": _NUMBER,
    "MemorySwappiness": _NUMBER,
    "OomKillDisable": rule(flag, if_set("disabled OOM killer")),  # starves the host
    "PidsLimit": _NUMBER,
    "Ulimits": _RECORDS,
    "CpuCount": _NUMBER,  # Windows, as the next five
    "CpuPercent": _NUMBER,
    "IOMaximumIOps": _NUMBER,
    "IOMaximumBandwidth": _NUMBER,
    "MaximumIOps": _NUMBER,  # the names of v1.24
    "MaximumIOBps": _NUMBER,
    "DiskQuota": _NUMBER,
}

HOST_CONFIG: Final[Mapping[str, Rule]] = {
    "Privileged": rule(flag, if_set("privileged mode")),
    **_RESOURCES,
    "Binds": rule(texts, binds),
    "ContainerIDFile": _TEXT,  # the client's, the engine writes none
    "LogConfig": both(
        record({"Type": _TEXT, "Config": _TEXT_MAP}, "LogConfig."), rule(mapping, _log_config)
    ),
    "NetworkMode": rule(text, _network),
    "PortBindings": entries(
        each(record({"HostIp": _TEXT, "HostPort": rule(text, _host_port)}, "PortBindings."))
    ),
    "RestartPolicy": record({"Name": _TEXT, "MaximumRetryCount": _NUMBER}, "RestartPolicy."),
    "AutoRemove": _FLAG,
    "VolumeDriver": rule(text, only("", "local", danger="volume driver")),
    "VolumesFrom": rule(texts, if_set("volumes of other containers")),
    "ConsoleSize": rule(numbers),
    "Annotations": rule(text_map, if_set("annotations for the runtime")),  # runtimes obey them
    "CapAdd": rule(texts, _capabilities),
    "CapDrop": _TEXTS,
    "Capabilities": rule(texts, if_set("a set of capabilities")),  # drafts of v1.41
    "CgroupnsMode": rule(text, _cgroup_namespace),
    "Dns": _TEXTS,
    "DnsOptions": _TEXTS,
    "DnsSearch": _TEXTS,
    "ExtraHosts": _TEXTS,
    "GroupAdd": _TEXTS,  # inside the container
    "IpcMode": rule(text, only("", "none", "private", "shareable", danger="IPC namespace")),
    "Cgroup": rule(text, only("", danger="cgroup")),
    "Links": _TEXTS,  # names on a network that both are in
    "OomScoreAdj": rule(number, _negative),  # the host's processes are killed first
    "PidMode": rule(text, only("", "private", danger="PID namespace")),
    "PublishAllPorts": _FLAG,  # on ports of the engine's choice
    "ReadonlyRootfs": _FLAG,
    "SecurityOpt": rule(texts, _security),
    "StorageOpt": rule(text_map, _storage),
    "Tmpfs": _TEXT_MAP,  # memory
    "UTSMode": rule(text, only("", "private", danger="UTS namespace")),
    "UsernsMode": rule(text, only("", "private", danger="user namespace")),
    "ShmSize": _NUMBER,
    "Sysctls": rule(text_map, _sysctls),
    "Runtime": rule(text, _runtime),
    "Isolation": rule(text, only("", "default", danger="isolation")),  # Windows
    "Mounts": rule(records, mounts),
    "MaskedPaths": _without(_MASKED, "unmasked path"),  # null: the engine's own
    "ReadonlyPaths": _without(_READ_ONLY, "writable path"),
    "Init": _FLAG,
}
"""The part that depends on the host."""

_ENDPOINT = record(
    {
        "IPAMConfig": rule(mapping),  # addresses on that network
        "Links": _TEXTS,
        "Aliases": _TEXTS,
        "MacAddress": _TEXT,
        "DriverOpts": rule(text_map, if_set("options for a network driver")),  # sysctls, too
        "GwPriority": _NUMBER,
        "NetworkID": _TEXT,  # from here on what the engine answers
        "EndpointID": _TEXT,
        "Gateway": _TEXT,
        "IPAddress": _TEXT,
        "IPPrefixLen": _NUMBER,
        "IPv6Gateway": _TEXT,
        "GlobalIPv6Address": _TEXT,
        "GlobalIPv6PrefixLen": _NUMBER,
        "DNSNames": _TEXTS,
    },
    "EndpointsConfig.",
)

NETWORKS: Final[Rule] = entries(_ENDPOINT, key=_network)
"""Networks by name: `EndpointsConfig` in a request, `NetworkSettings.Networks` in an inspection."""


def network_names(body: Json) -> tuple[str, ...]:
    """The networks of a request whose kind only the engine knows, by the names given."""
    host_config, networking = body.get("HostConfig"), body.get("NetworkingConfig")
    named = [host_config.get("NetworkMode")] if isinstance(host_config, dict) else []
    endpoints = networking.get("EndpointsConfig") if isinstance(networking, dict) else None
    named += list(endpoints) if isinstance(endpoints, dict) else []
    return tuple(
        dict.fromkeys(
            name
            for name in named
            if isinstance(name, str) and name not in _USUAL_NETWORKS and _NETWORK.fullmatch(name)
        )
    )


REQUEST: Final[Mapping[str, Rule]] = {
    **CONFIG,
    "HostConfig": record(HOST_CONFIG, "HostConfig."),
    "NetworkingConfig": record({"EndpointsConfig": NETWORKS}, "NetworkingConfig."),
}
"""The whole body of a request."""
