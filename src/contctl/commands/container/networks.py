"""The options about networks as docker reads them.

Sources: docker/cli 28, opts/network.go, opts/hosts.go, opts/opts.go and
cli/command/container/opts.go; docker/go-connections, nat.
"""

import ipaddress
import re
from collections.abc import Callable
from dataclasses import replace

from contctl.commands.container.given import Given, usage
from contctl.commands.container.mounts import csv_fields
from contctl.commands.container.quantities import whole
from contctl.core.domain.containers import Port
from contctl.core.domain.networking import DEFAULT, Endpoint, Networking, is_user_defined
from contctl.core.domain.publish import parse_publish, port_range

_LONG_FORM = re.compile(r"\w+=\w+(,\w+=\w+)*", re.ASCII)
_MAC = re.compile(r"[0-9a-fA-F]{2}(?:([:-])[0-9a-fA-F]{2})(?:\1[0-9a-fA-F]{2})*", re.ASCII)
_MAC_OCTETS = (6, 8, 20)
_DOMAIN = re.compile(
    r"(:?:?(?:[a-zA-Z0-9]|:?[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
    r"(?::?\.(?::?[a-zA-Z0-9]|:?[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*)\.?\s*",
    re.ASCII,
)
_HOST_GATEWAY = "host-gateway"


def network_of(given: Given) -> str | None:
    """The network that the container begins on; None for the engine's default."""
    named = given.each("network", endpoint_of)
    return named[0].network if named else None


def networking_of(given: Given) -> Networking:
    """All that the options about networks ask for; ContctlError USAGE for what is wrong."""
    return Networking(
        endpoints=_endpoints(given),
        expose=tuple(name for text in given.texts("expose") for name in _exposed(text)),
        publish_all=given.on("publish_all"),
        links=given.each("link", _link),
        dns=given.each("dns", _address),
        dns_options=given.texts("dns_option"),
        dns_search=given.each("dns_search", _domain),
        hosts=given.each("add_host", _host),
    )


def ports_of(given: Given) -> tuple[Port, ...]:
    """The ports that `--publish` names; docker also takes `target=80,published=8080`."""
    return parse_publish([_standard(text) for text in given.texts("publish")])


def endpoint_of(text: str) -> Endpoint:
    """A value of `--network`: a name, or `name=NET,alias=WEB,ip=10.0.0.2`. ValueError."""
    if _LONG_FORM.search(text) is None:
        return Endpoint(text)
    made = Endpoint("")
    for field in csv_fields(text):
        key, equals, value = (part.strip() for part in field.partition("="))
        if not equals or not key:
            raise ValueError(f"invalid field {field}")
        made = _with_field(made, key, value)
    if not made.network:
        raise ValueError("network name/id is not specified")
    return made


def _with_field(endpoint: Endpoint, key: str, value: str) -> Endpoint:
    setter = _FIELDS.get(key)
    if setter is None:
        raise ValueError(f"invalid field key {key}")
    return setter(endpoint, value)


def _with_mac(endpoint: Endpoint, value: str) -> Endpoint:
    if not _is_mac(value):
        raise ValueError(f"{value} is not a valid mac address")
    return replace(endpoint, mac=value)


def _with_driver_option(endpoint: Endpoint, value: str) -> Endpoint:
    option, equals, content = (part.strip() for part in value.partition("="))
    if not equals or not option:
        raise ValueError("invalid key value pair format in driver options")
    return replace(endpoint, driver_options={**endpoint.driver_options, option: content})


def _priority(value: str) -> int:
    try:
        return whole(value)
    except ValueError:
        raise ValueError(f"invalid gw-priority ({value}): invalid syntax") from None


def _endpoints(given: Given) -> tuple[Endpoint, ...]:
    """More than names: what the options ask for on the first network, and the others."""
    named = given.each("network", endpoint_of) or (Endpoint(DEFAULT),)
    all_of_them = (_with_options(named[0], given), *named[1:])
    seen: set[str] = set()
    for endpoint in all_of_them:
        _check_endpoint(endpoint)
        if endpoint.network in seen:
            raise usage(f'network "{endpoint.network}" is specified multiple times')
        seen.add(endpoint.network)
    if len({is_user_defined(each.network) for each in all_of_them}) > 1:
        raise usage(
            "conflicting options: cannot attach both user-defined and non-user-defined"
            " network-modes"
        )
    only_a_name = len(all_of_them) == 1 and all_of_them[0] == Endpoint(all_of_them[0].network)
    return () if only_a_name else all_of_them


def _with_options(endpoint: Endpoint, given: Given) -> Endpoint:
    """With what is not said of a certain network, as docker without the long form."""
    mac = given.word("mac_address")
    if mac and not _is_mac(mac):
        raise usage(f"{mac} is not a valid mac address")
    asked: tuple[tuple[str, object, str], ...] = (
        ("aliases", given.texts("network_alias"), "--network-alias and per-network alias"),
        ("links", given.each("link", _link), "--link and per-network links"),
        ("ipv4", given.word("ip"), "--ip and per-network IPv4 address"),
        ("ipv6", given.word("ip6"), "--ip6 and per-network IPv6 address"),
        ("mac", mac, "--mac-address and per-network MAC address"),
        (
            "link_local",
            given.texts("link_local_ip"),
            "--link-local-ip and per-network link-local IP addresses",
        ),
    )
    changes: dict[str, object] = {}
    for name, value, both in asked:
        if value and getattr(endpoint, name):
            raise usage(f"conflicting options: cannot specify both {both}")
        if value and (name != "links" or is_user_defined(endpoint.network)):
            changes[name] = value
    return replace(endpoint, **changes)  # type: ignore[arg-type]


def _check_endpoint(endpoint: Endpoint) -> None:
    if not endpoint.network.strip():
        raise usage("no name set for network")
    if endpoint.aliases and not is_user_defined(endpoint.network):
        raise usage("network-scoped aliases are only supported for user-defined networks")


def _standard(text: str) -> str:
    """The short form of docker's long one for a port."""
    if "=" not in text:
        return text
    values = {"protocol": "tcp", "published": "", "target": ""}
    for part in text.split(","):
        key, equals, value = part.partition("=")
        if not equals:
            raise usage(f"invalid publish opts format (should be name=value but got '{part}')")
        values[key] = value
    return f"{values['published']}:{values['target']}/{values['protocol']}"


def _exposed(text: str) -> list[str]:
    if ":" in text:
        raise usage(f"invalid port format for --expose: {text}")
    port, _, protocol = text.partition("/")
    ports = port_range(port)
    if ports is None:
        raise usage(f"invalid range format for --expose: {text}")
    return [f"{number}/{protocol.lower() or 'tcp'}" for number in ports]


def _link(text: str) -> str:
    if not text:
        raise ValueError("empty string specified for links")
    if text.count(":") > 1:
        raise ValueError(f"bad format for links: {text}")
    return text


def _address(text: str) -> str:
    address = _ip(text.strip())
    if address is None:
        raise ValueError(f"IP address is not correctly formatted: {text}")
    return address


def _host(text: str) -> str:
    """`NAME:ADDRESS`, `NAME=ADDRESS` or `NAME:[ADDRESS]`."""
    separator = "=" if "=" in text else ":"
    name, _, address = text.partition(separator)
    if not name or not address:
        raise ValueError(f'bad format for add-host: "{text}"')
    if address == _HOST_GATEWAY:
        return f"{name}:{address}"
    bare = address[1:-1] if address.startswith("[") and address.endswith("]") else address
    if _ip(bare) is None:
        raise ValueError(f'invalid IP address in add-host: "{address}"')
    return f"{name}:{bare}"


def _ip(text: str) -> str | None:
    try:
        return None if "%" in text else str(ipaddress.ip_address(text))
    except ValueError:
        return None


def _domain(text: str) -> str:
    text = text.strip(" ")
    if text == ".":
        return text
    match = _DOMAIN.fullmatch(text) if len(text) < 300 else None
    if match is None or len(match[1]) >= 255 or not re.search("[a-zA-Z]", text):
        raise ValueError(f"{text} is not a valid domain")
    return match[1]


def _is_mac(text: str) -> bool:
    return _MAC.fullmatch(text.strip()) is not None and (len(text.strip()) + 1) // 3 in _MAC_OCTETS


_FIELDS: dict[str, Callable[[Endpoint, str], Endpoint]] = {
    "name": lambda endpoint, value: replace(endpoint, network=value),
    "alias": lambda endpoint, value: replace(endpoint, aliases=(*endpoint.aliases, value)),
    "ip": lambda endpoint, value: replace(endpoint, ipv4=value),
    "ip6": lambda endpoint, value: replace(endpoint, ipv6=value),
    "mac-address": _with_mac,
    "link-local-ip": lambda endpoint, value: replace(
        endpoint, link_local=(*endpoint.link_local, value)
    ),
    "driver-opt": _with_driver_option,
    "gw-priority": lambda endpoint, value: replace(endpoint, gateway_priority=_priority(value)),
}
