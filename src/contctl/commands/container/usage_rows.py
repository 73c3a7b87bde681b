"""What containers use, as rows of docker's columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contctl.commands.output.times import size

if TYPE_CHECKING:
    from contctl.core.domain.usage import Usage

FIELDS = ("ID", "Name", "CPUPerc", "MemUsage", "MemPerc", "NetIO", "BlockIO", "PIDs")
HEADINGS = {
    "Container": "CONTAINER",
    "ID": "CONTAINER ID",
    "Name": "NAME",
    "CPUPerc": "CPU %",
    "MemUsage": "MEM USAGE / LIMIT",
    "MemPerc": "MEM %",
    "NetIO": "NET I/O",
    "BlockIO": "BLOCK I/O",
    "PIDs": "PIDS",
}
_SHORT = 12
_BINARY = ("B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB")


def row_of(ref: str, usage: Usage | None, *, truncated: bool) -> dict[str, str]:
    """A row in docker's fields, in the order of its JSON. ref: as the container was asked for.
    usage: None where nothing is known yet, which docker shows as dashes."""
    container_id = usage.container_id if usage else ""
    row = dict.fromkeys(sorted(HEADINGS), "--")
    row |= {"Container": ref, "ID": container_id[:_SHORT] if truncated else container_id}
    if usage is None:
        return row | {"MemUsage": "-- / --"}
    return row | {
        "Name": usage.name or "--",
        "CPUPerc": f"{usage.cpu:.2f}%",
        "MemUsage": f"{binary_size(usage.memory)} / {binary_size(usage.memory_limit)}",
        "MemPerc": f"{usage.memory_share:.2f}%",
        "NetIO": f"{size(usage.received)} / {size(usage.sent)}",
        "BlockIO": f"{size(usage.read)} / {size(usage.written)}",
        "PIDs": str(usage.processes),
    }


def binary_size(count: float) -> str:
    """Bytes with four significant digits (go-units, BytesSize)."""
    for unit in _BINARY:
        if count < 1024 or unit == _BINARY[-1]:
            break
        count /= 1024
    return f"{count:.4g}{unit}"


def document_of(usage: Usage) -> dict[str, object]:
    """A container's use in contctl's own schema: bytes, percent of one processor."""
    return {
        "id": usage.container_id,
        "name": usage.name,
        "cpu_percent": round(usage.cpu, 2),
        "memory_bytes": usage.memory,
        "memory_limit_bytes": usage.memory_limit,
        "memory_percent": round(usage.memory_share, 2),
        "network_received_bytes": usage.received,
        "network_sent_bytes": usage.sent,
        "block_read_bytes": usage.read,
        "block_written_bytes": usage.written,
        "pids": usage.processes,
    }
