"""What a request says of networks: each field's name, its value, and when it is left out."""

from contctl.core.domain.containers import Json, Port
from contctl.core.domain.networking import (
    Endpoint,
    Networking,
    endpoints_request,
    exposed_ports,
    is_user_defined,
    networking_request,
    port_bindings,
)

NO_DNS: Json = {"Dns": [], "DnsOptions": [], "DnsSearch": []}


def test_networks() -> None:
    networking = Networking((), ("90/tcp",), True, ("db:d",), ("::1",), ("ndots:1",), ("a",))
    assert networking_request(Networking()) == NO_DNS
    assert networking_request(networking) == {
        "Links": ["db:d"],
        "PublishAllPorts": True,
        "Dns": ["::1"],
        "DnsOptions": ["ndots:1"],
        "DnsSearch": ["a"],
    }
    assert networking_request(Networking(hosts=("a:::1",))) == {"ExtraHosts": ["a:::1"], **NO_DNS}


def test_endpoints() -> None:
    whole = Endpoint("shop", ("web",), ("db",), "10.0.0.2", "fd::2", ("fe80::2",), "02:00", {}, -1)
    options = Endpoint("other", driver_options={"a": "b"})
    assert endpoints_request(Networking((whole, options, Endpoint("bare")))) == {
        "shop": {
            "IPAMConfig": {
                "IPv4Address": "10.0.0.2",
                "IPv6Address": "fd::2",
                "LinkLocalIPs": ["fe80::2"],
            },
            "Links": ["db"],
            "Aliases": ["web"],
            "MacAddress": "02:00",
            "GwPriority": -1,
        },
        "other": {"DriverOpts": {"a": "b"}},
        "bare": {},
    }


def test_ports() -> None:
    ports = (
        Port(80, "tcp", "::1", 8000, 8010),
        Port(80, "tcp", None, 9000),
        Port(53, "udp", "127.0.0.1"),
        Port(54, "udp", None, 0),
    )
    assert exposed_ports(Networking(expose=("90/sctp",)), ports) == {
        "80/tcp": {},
        "53/udp": {},
        "54/udp": {},
        "90/sctp": {},
    }
    assert port_bindings(ports) == {
        "80/tcp": [
            {"HostIp": "::1", "HostPort": "8000-8010"},
            {"HostIp": "", "HostPort": "9000"},
        ],
        "53/udp": [{"HostIp": "127.0.0.1", "HostPort": ""}],
        "54/udp": [{"HostIp": "", "HostPort": "0"}],
    }


def test_networks_that_somebody_made() -> None:
    for usual in ("", "default", "bridge", "host", "none", "container:web", "container:"):
        assert not is_user_defined(usual)
    for made in ("shop", "Host", "bridge2", "container"):
        assert is_user_defined(made)
