"""What a container uses, worked out of the engine's readings the way docker's command line does
(docker/cli, `cli/command/container/stats_helpers.go`)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Usage:
    """One reading. name: without the leading slash.  cpu, memory_share: in percent, cpu of one
    processor.  The rest in bytes, and processes; network and block since the container started."""

    container_id: str
    name: str
    cpu: float
    memory: int
    memory_limit: int
    memory_share: float
    received: int
    sent: int
    read: int
    written: int
    processes: int


def usage_of(container_id: str, reading: Mapping[str, Any]) -> Usage:
    """What `reading` says; what it lacks is nothing used."""
    memory = _part(reading, "memory_stats")
    used, limit = _memory(memory), _number(memory, "limit")
    networks = [each for each in _part(reading, "networks").values() if isinstance(each, Mapping)]
    blocks = _part(reading, "blkio_stats").get("io_service_bytes_recursive")
    name = reading.get("name")
    return Usage(
        container_id,
        name.removeprefix("/") if isinstance(name, str) else "",
        _cpu(_part(reading, "cpu_stats"), _part(reading, "precpu_stats")),
        used,
        limit,
        used / limit * 100 if limit else 0.0,
        sum(_number(network, "rx_bytes") for network in networks),
        sum(_number(network, "tx_bytes") for network in networks),
        _transferred(blocks, "r"),
        _transferred(blocks, "w"),
        _number(_part(reading, "pids_stats"), "current"),
    )


def _cpu(now: Mapping[str, Any], before: Mapping[str, Any]) -> float:
    """The share of all processors' time since the reading before, in percent of one of them."""
    own, own_before = _part(now, "cpu_usage"), _part(before, "cpu_usage")
    used = _number(own, "total_usage") - _number(own_before, "total_usage")
    passed = _number(now, "system_cpu_usage") - _number(before, "system_cpu_usage")
    each = own.get("percpu_usage")
    processors = _number(now, "online_cpus") or (len(each) if isinstance(each, list) else 0)
    return used / passed * processors * 100 if used > 0 and passed > 0 else 0.0


def _memory(memory: Mapping[str, Any]) -> int:
    """Without the part of the page cache that could be freed, which cgroup v1 and v2 name
    differently."""
    used, details = _number(memory, "usage"), _part(memory, "stats")
    key = "total_inactive_file" if "total_inactive_file" in details else "inactive_file"
    cache = _number(details, key)
    return used - cache if cache < used else used


def _transferred(blocks: object, letter: str) -> int:
    entries: Iterable[Any] = blocks if isinstance(blocks, list) else ()
    return sum(
        _number(entry, "value")
        for entry in entries
        if isinstance(entry, Mapping) and str(entry.get("op") or "").lower().startswith(letter)
    )


def _part(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = data.get(key)
    return value if isinstance(value, Mapping) else {}


def _number(data: Mapping[str, Any], key: str) -> int:
    value = data.get(key)
    return value if isinstance(value, int) else 0
