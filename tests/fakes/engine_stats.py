"""What the fake engine reads of a container's use."""

from contctl.core.domain.containers import Json
from tests.fakes.engine_containers import FakeContainer

_SECOND = 1_000_000_000


def reading_of(container: FakeContainer, number: int) -> Json:
    """The reading of that number: half of one of two processors, 64 MiB beside a cache."""
    if not container.running:
        return {"name": f"/{container.name}", "id": container.id, "memory_stats": {}}
    return {
        "name": f"/{container.name}",
        "id": container.id,
        "cpu_stats": _cpu(number),
        "precpu_stats": _cpu(number - 1) if number > 1 else {},
        "memory_stats": {
            "usage": 96 * 1024**2,
            "limit": 1024**3,
            "stats": {"total_inactive_file": 32 * 1024**2},
        },
        "networks": {"eth0": {"rx_bytes": 1000, "tx_bytes": 2500}},
        "blkio_stats": {
            "io_service_bytes_recursive": [
                {"op": "Read", "value": 4096},
                {"op": "write", "value": 1},
            ]
        },
        "pids_stats": {"current": 3},
    }


def _cpu(number: int) -> Json:
    return {
        "cpu_usage": {"total_usage": number * _SECOND // 2},
        "system_cpu_usage": number * 2 * _SECOND,
        "online_cpus": 2,
    }
