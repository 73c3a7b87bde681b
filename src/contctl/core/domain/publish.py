"""`--publish` as docker reads it: `[[IP:][HOST]:]PORT[/PROTOCOL]`, with ranges of equal length."""

import ipaddress
import re
from collections.abc import Sequence

from contctl.core.domain.containers import Port
from contctl.core.errors import ContctlError, ErrorCode

_PUBLISH = re.compile(
    r"(?:(?:(?P<ip>\[[0-9a-fA-F:.]+\]|[0-9.]*):)?(?P<host>[0-9]*(?:-[0-9]+)?):)?"
    r"(?P<port>[0-9]+(?:-[0-9]+)?)(?:/(?P<protocol>tcp|udp|sctp))?",
    re.ASCII | re.IGNORECASE,
)


def parse_publish(given: Sequence[str]) -> tuple[Port, ...]:
    """The ports that the values of `--publish` name; ContctlError USAGE for one that is wrong."""
    return tuple(port for text in given for port in _parse(text))


def _parse(text: str) -> list[Port]:
    match = _PUBLISH.fullmatch(text)
    if match is None:
        raise _wrong(text)
    inside = _range(text, match["port"])
    outside = _outside(text, match["host"], len(inside))
    ip = _address(text, match["ip"])
    protocol = (match["protocol"] or "tcp").lower()
    return [Port(port, protocol, ip, host) for port, host in zip(inside, outside, strict=True)]


def _outside(text: str, part: str | None, count: int) -> Sequence[int | None]:
    """The `count` ports of the host. None is for the engine to choose, as a single 0 is."""
    if not part or (part == "0" and count == 1):
        return [None] * count
    numbers = _range(text, part)
    if count == 1 < len(numbers):
        raise ContctlError(
            ErrorCode.USAGE,
            f"contctl cannot let the engine choose out of a range of ports: {text!r}",
            hint="name one port of the host, or none for any that is free",
        )
    if len(numbers) != count:
        raise _wrong(text)
    return numbers


def _range(text: str, part: str) -> Sequence[int]:
    first, _, last = part.partition("-")
    if not first:
        raise _wrong(text)
    numbers = range(int(first), int(last or first) + 1)
    if not numbers or numbers[0] < 1 or numbers[-1] > 65535:
        raise _wrong(text)
    return numbers


def _address(text: str, part: str | None) -> str | None:
    if not part:
        return None
    try:
        return str(ipaddress.ip_address(part.strip("[]")))
    except ValueError:
        raise _wrong(text) from None


def _wrong(text: str) -> ContctlError:
    return ContctlError(
        ErrorCode.USAGE,
        f"not a port to publish: {text!r}",
        hint="ports are published as 80, 8080:80, 127.0.0.1:8080:80 or 53:53/udp",
    )
