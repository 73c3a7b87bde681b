"""`--publish` as docker reads it: `[[IP:][HOST]:]PORT[/PROTOCOL]`, with ranges.

Source: docker/go-connections, nat.ParsePortSpec. Of a range on the host for one port the engine
chooses.
"""

import ipaddress
import re
from collections.abc import Sequence

from contctl.core.domain.containers import Port
from contctl.core.errors import ContctlError, ErrorCode

_RANGE = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?", re.ASCII)
_PROTOCOLS = ("tcp", "udp", "sctp")


def parse_publish(given: Sequence[str]) -> tuple[Port, ...]:
    """The ports that the values of `--publish` name; ContctlError USAGE for one that is wrong."""
    return tuple(port for text in given for port in _parse(text))


def port_range(text: str) -> range | None:
    """The ports that `FIRST[-LAST]` means, from 0 to 65535; None for anything else."""
    match = _RANGE.fullmatch(text)
    if match is None:
        return None
    ports = range(int(match[1]), int(match[2] or match[1]) + 1)
    return ports if ports and ports[-1] <= 65535 else None


def _parse(text: str) -> list[Port]:
    outer, _, inner = text.rpartition(":")
    ip, _, outside = outer.rpartition(":")
    inside, _, protocol = inner.partition("/")
    protocol = protocol.lower() or "tcp"
    if not inside:
        raise _wrong(f"no port specified: {text}<empty>")
    if protocol not in _PROTOCOLS:
        raise _wrong(f"invalid proto: {protocol}")
    address = _address(ip)
    ports = port_range(inside)
    if ports is None or ports[0] == 0:
        raise _wrong(f"invalid containerPort: {inside}")
    if not outside:
        return [Port(port, protocol, address) for port in ports]
    bound = port_range(outside)
    if bound is None:
        raise _wrong(f"invalid hostPort: {outside}")
    if len(ports) == 1 < len(bound):
        return [Port(ports[0], protocol, address, bound[0], bound[-1])]
    if len(ports) != len(bound):
        raise _wrong(
            f"invalid ranges specified for container and host Ports: {inside} and {outside}"
        )
    return [Port(port, protocol, address, host) for port, host in zip(ports, bound, strict=True)]


def _address(ip: str) -> str | None:
    if not ip:
        return None
    bare = ip[1:-1] if ip.startswith("[") and ip.endswith("]") else ip
    try:
        ipaddress.ip_address(bare)
    except ValueError:
        bare = ""
    if not bare or "%" in bare:
        raise _wrong(f"invalid IP address: {ip}")
    return bare


def _wrong(reason: str) -> ContctlError:
    return ContctlError(
        ErrorCode.USAGE,
        reason,
        hint="ports are published as 80, 8080:80, 127.0.0.1:8080:80 or 53:53/udp",
    )
