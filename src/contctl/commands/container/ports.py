"""Ports as docker's listing shows them: neighbours as ranges, those mapped to others at the end."""

from collections.abc import Iterable

from contctl.core.domain.containers import Port


def shown_ports(ports: Iterable[Port]) -> str:
    """One line for the column PORTS, after docker's DisplayablePorts."""
    ranges: dict[tuple[str, str], tuple[int, int]] = {}
    shown: list[str] = []
    mapped: list[str] = []
    for port in sorted(ports, key=_order):
        number = port.container_port
        if port.host_ip and port.host_port != number:
            address = with_port(port.host_ip, str(port.host_port))
            mapped.append(f"{address}->{number}/{port.protocol}")
            continue
        key = (port.host_ip or "", port.protocol)
        first, last = ranges.get(key, (number, number - 1))
        if number != last + 1:
            shown.append(_shown_range(key, first, last))
            first = number
        ranges[key] = (first, number)
    shown += [_shown_range(key, *bounds) for key, bounds in ranges.items()]
    return ", ".join(shown + mapped)


def _order(port: Port) -> tuple[int, str, int, str]:
    return (port.container_port, port.host_ip or "", port.host_port or 0, port.protocol)


def _shown_range(key: tuple[str, str], first: int, last: int) -> str:
    host_ip, protocol = key
    numbers = str(first) if first == last else f"{first}-{last}"
    if host_ip:
        return f"{with_port(host_ip, numbers)}->{numbers}/{protocol}"
    return f"{numbers}/{protocol}"


def with_port(host_ip: str, port: str) -> str:
    """`port` at an address of the host."""
    return f"[{host_ip}]:{port}" if ":" in host_ip else f"{host_ip}:{port}"
