"""What networks a container is to be on, and how it finds others.

Source of names: Docker Engine API v1.51, HostConfig and EndpointSettings.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from contctl.core.domain.containers import Json, Port

DEFAULT = "default"
"""The network of who asks for none, as docker names it."""
_NOT_USER_DEFINED = ("", "default", "bridge", "host", "none")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A place on the network of that name or ID. links: `CONTAINER[:ALIAS]`.  driver_options: the
    network driver's.  gateway_priority: of several networks the highest one's gateway is used."""

    network: str
    aliases: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    ipv4: str = ""
    ipv6: str = ""
    link_local: tuple[str, ...] = ()
    mac: str = ""
    driver_options: Mapping[str, str] = field(default_factory=dict)
    gateway_priority: int = 0


@dataclass(frozen=True, slots=True)
class Networking:
    """What is beside the networks' names.

    endpoints: on networks where more than the name is asked for.  expose: `PORT/PROTOCOL`.
    publish_all: the exposed ports too, on ports of the engine's choice.  links: `CONTAINER:ALIAS`,
    on the default network.  hosts: `NAME:ADDRESS`.
    """

    endpoints: tuple[Endpoint, ...] = ()
    expose: tuple[str, ...] = ()
    publish_all: bool = False
    links: tuple[str, ...] = ()
    dns: tuple[str, ...] = ()
    dns_options: tuple[str, ...] = ()
    dns_search: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()


def is_user_defined(network: str) -> bool:
    """Whether somebody made this network, by docker's rule (moby, NetworkMode.IsUserDefined)."""
    return network not in _NOT_USER_DEFINED and not network.startswith("container:")


def exposed_ports(networking: Networking, ports: tuple[Port, ...]) -> Json:
    """`Config.ExposedPorts`: those that are published, and the others."""
    names = [f"{port.container_port}/{port.protocol}" for port in ports]
    return {name: {} for name in (*names, *networking.expose)}


def port_bindings(ports: tuple[Port, ...]) -> Json:
    """`HostConfig.PortBindings`."""
    bindings: Json = {}
    for port in ports:
        bound = bindings.setdefault(f"{port.container_port}/{port.protocol}", [])
        bound.append({"HostIp": port.host_ip or "", "HostPort": _host_port(port)})
    return bindings


def networking_request(networking: Networking) -> Json:
    """The fields of HostConfig in an engine's request. Docker always sends those about DNS, and the
    engine shows them."""
    fields: Json = {
        "Links": list(networking.links),
        "ExtraHosts": list(networking.hosts),
        "PublishAllPorts": networking.publish_all,
    }
    return {name: value for name, value in fields.items() if value} | {
        "Dns": list(networking.dns),
        "DnsOptions": list(networking.dns_options),
        "DnsSearch": list(networking.dns_search),
    }


def endpoints_request(networking: Networking) -> Json:
    """`NetworkingConfig.EndpointsConfig`."""
    return {each.network: _endpoint(each) for each in networking.endpoints}


def _endpoint(endpoint: Endpoint) -> Json:
    addresses: Json = {
        "IPv4Address": endpoint.ipv4,
        "IPv6Address": endpoint.ipv6,
        "LinkLocalIPs": list(endpoint.link_local),
    }
    fields: Json = {
        "IPAMConfig": {name: value for name, value in addresses.items() if value},
        "Links": list(endpoint.links),
        "Aliases": list(endpoint.aliases),
        "MacAddress": endpoint.mac,
        "DriverOpts": dict(endpoint.driver_options),
        "GwPriority": endpoint.gateway_priority,
    }
    return {name: value for name, value in fields.items() if value}


def _host_port(port: Port) -> str:
    if port.host_port is None:
        return ""
    last = "" if port.last_host_port is None else f"-{port.last_host_port}"
    return f"{port.host_port}{last}"
