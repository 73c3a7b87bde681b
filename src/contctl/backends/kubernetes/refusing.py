"""What of a container to make has no meaning in a cluster: it is refused, never dropped."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING

from contctl.core.domain.create import CreateSpec
from contctl.core.domain.engines import cannot

if TYPE_CHECKING:
    from collections.abc import Iterator

_REASONS = {
    "ports": ("publish ports", "a Service does that; see 'kubectl expose'"),
    "network": ("join that network", "all pods are on the cluster's own"),
    "health": ("check the health", "probes are not docker's health checks"),
    "auto_remove": ("remove it at its end (--rm)", "remove it with 'contctl rm'"),
    "binds": ("mount volumes and folders of hosts", "a pod may run on any node"),
    "mounts": ("mount volumes and folders of hosts", "a pod may run on any node"),
    "stop_signal": ("choose the signal", "pods are stopped with their image's"),
}
_FLAGS = {
    "platform": "--platform",
    "driver": "--log-driver",
    "options": "--log-opt",
    "endpoints": "--network with options",
    "publish_all": "-P",
    "links": "--link",
    "hosts": "--add-host",
    "dns_options": "--dns-option",
    "security": "--security-opt",
    "unconfined_paths": "--security-opt systempaths=unconfined",
    "sysctls": "--sysctl",
    "devices": "--device",
    "device_rules": "--device-cgroup-rule",
    "device_requests": "--gpus",
    "annotations": "--annotation",
    "ulimits": "--ulimit",
    "cpu_realtime_period": "--cpu-rt-period",
    "cpu_realtime_runtime": "--cpu-rt-runtime",
    "weights": "--blkio-weight-device",
    "read_bps": "--device-read-bps",
    "write_bps": "--device-write-bps",
    "read_iops": "--device-read-iops",
    "write_iops": "--device-write-iops",
    "storage_options": "--storage-opt",
}


def refuse_what_is_left(left: CreateSpec) -> None:
    """UNSUPPORTED, which names the option, where `left`, from which all that has a meaning was
    taken, asks for anything."""
    for name in _asked(left, CreateSpec("")):
        verb, reason = _REASONS.get(
            name,
            (f"take {_FLAGS.get(name, '--' + name.replace('_', '-'))}", "pods have no such thing"),
        )
        raise cannot(verb, reason)


def _asked(given: object, default: object) -> Iterator[str]:
    """The names of the fields in which they differ, those of fields of fields too."""
    if not is_dataclass(given) or type(given) is not type(default):
        return
    for each in fields(given):
        value, usual = getattr(given, each.name), getattr(default, each.name)
        if value == usual:
            continue
        inner = list(_asked(value, usual))
        # A record that is left out by default has fields of its own, but one name.
        yield from inner or [each.name]
