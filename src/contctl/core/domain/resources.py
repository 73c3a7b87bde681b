"""What a container may use of its host, and can also be changed while it is there.

Source of names and units: Docker Engine API v1.51, Resources. 0, None and the empty text leave a
limit to the engine.
"""

from dataclasses import dataclass

from contctl.core.domain.containers import Json


@dataclass(frozen=True, slots=True)
class Resources:
    """Limits and weights.

    memory, memory_reservation, memory_swap: bytes; memory_swap counts memory too, -1 is unlimited.
    nano_cpus: CPUs in units of 10^-9.  cpu_*: microseconds but cpu_shares, a relative weight.
    pids_limit: -1 is unlimited.  blkio_weight: from 10 to 1000.
    """

    cpu_shares: int = 0
    cpu_period: int = 0
    cpu_quota: int = 0
    cpu_realtime_period: int = 0
    cpu_realtime_runtime: int = 0
    nano_cpus: int = 0
    cpuset_cpus: str = ""
    cpuset_mems: str = ""
    memory: int = 0
    memory_reservation: int = 0
    memory_swap: int = 0
    pids_limit: int | None = None
    blkio_weight: int = 0


@dataclass(frozen=True, slots=True)
class RestartPolicy:
    """When the engine starts a container again: `no`, `always`, `unless-stopped` or `on-failure`,
    the last at most `retries` times, or without an end where that is 0."""

    name: str = "no"
    retries: int = 0


def resources_request(resources: Resources) -> Json:
    """The fields of an engine's request, those that are set."""
    fields = {
        "CpuShares": resources.cpu_shares,
        "CpuPeriod": resources.cpu_period,
        "CpuQuota": resources.cpu_quota,
        "CpuRealtimePeriod": resources.cpu_realtime_period,
        "CpuRealtimeRuntime": resources.cpu_realtime_runtime,
        "NanoCpus": resources.nano_cpus,
        "CpusetCpus": resources.cpuset_cpus,
        "CpusetMems": resources.cpuset_mems,
        "Memory": resources.memory,
        "MemoryReservation": resources.memory_reservation,
        "MemorySwap": resources.memory_swap,
        "PidsLimit": resources.pids_limit,
        "BlkioWeight": resources.blkio_weight,
    }
    return {name: value for name, value in fields.items() if value}


def restart_request(policy: RestartPolicy) -> Json:
    """As the engine's requests have it."""
    return {"Name": policy.name, "MaximumRetryCount": policy.retries}
