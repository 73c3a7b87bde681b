"""What a container may use of its host, set when it is made and not changed later.

Source of names and units: Docker Engine API v1.51, HostConfig and Resources.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from contctl.core.domain.containers import Json


@dataclass(frozen=True, slots=True)
class DeviceRate:
    """How much may be read from or written to a device, given by its path on the host; or a
    relative weight."""

    path: str
    rate: int


@dataclass(frozen=True, slots=True)
class Ulimit:
    """A limit of processes, as setrlimit(2) has it; -1 is unlimited."""

    name: str
    soft: int
    hard: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What is set when a container is made, and not changed later.

    memory_swappiness: from 0 to 100, None for the host's.  kernel_memory: bytes, for
    engines that know such a limit.  shm_size: bytes of /dev/shm.
    *_bps: bytes a second.  *_iops: operations a second.  storage_options: the storage driver's.
    """

    memory_swappiness: int | None = None
    kernel_memory: int = 0
    oom_kill_disable: bool = False
    oom_score_adj: int = 0
    shm_size: int = 0
    ulimits: tuple[Ulimit, ...] = ()
    weights: tuple[DeviceRate, ...] = ()
    read_bps: tuple[DeviceRate, ...] = ()
    write_bps: tuple[DeviceRate, ...] = ()
    read_iops: tuple[DeviceRate, ...] = ()
    write_iops: tuple[DeviceRate, ...] = ()
    storage_options: Mapping[str, str] = field(default_factory=dict)


def limits_request(limits: Limits) -> Json:
    """The fields of an engine's request, those that are set."""
    fields = {
        "KernelMemory": limits.kernel_memory or None,
        "MemorySwappiness": limits.memory_swappiness,
        "OomKillDisable": limits.oom_kill_disable or None,
        "OomScoreAdj": limits.oom_score_adj or None,
        "ShmSize": limits.shm_size or None,
        "Ulimits": [_ulimit(each) for each in limits.ulimits],
        "BlkioWeightDevice": [{"Path": w.path, "Weight": w.rate} for w in limits.weights],
        "BlkioDeviceReadBps": _rates(limits.read_bps),
        "BlkioDeviceWriteBps": _rates(limits.write_bps),
        "BlkioDeviceReadIOps": _rates(limits.read_iops),
        "BlkioDeviceWriteIOps": _rates(limits.write_iops),
        "StorageOpt": dict(limits.storage_options) or None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _rates(rates: tuple[DeviceRate, ...]) -> list[Json]:
    return [{"Path": each.path, "Rate": each.rate} for each in rates]


def _ulimit(limit: Ulimit) -> Json:
    return {"Name": limit.name, "Soft": limit.soft, "Hard": limit.hard}
