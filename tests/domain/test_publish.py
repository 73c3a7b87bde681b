"""The values of `--publish`: which ports they name, and what is said of a wrong one."""

import pytest

from contctl.core.domain.containers import Port
from contctl.core.domain.publish import parse_publish
from contctl.core.errors import ContctlError, ErrorCode

SYNTAX = "ports are published as 80, 8080:80, 127.0.0.1:8080:80 or 53:53/udp"


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ("80", [Port(80, "tcp")]),
        ("1:1", [Port(1, "tcp", None, 1)]),
        ("65535:65535", [Port(65535, "tcp", None, 65535)]),
        ("8080:80", [Port(80, "tcp", None, 8080)]),
        ("53:53/UDP", [Port(53, "udp", None, 53)]),
        ("0:80", [Port(80, "tcp", None, 0)]),
        (":80", [Port(80, "tcp")]),
        ("127.0.0.1::80", [Port(80, "tcp", "127.0.0.1")]),
        ("127.0.0.1:8080:80", [Port(80, "tcp", "127.0.0.1", 8080)]),
        ("::1:8080:80", [Port(80, "tcp", "::1", 8080)]),
        ("8000-8010:80", [Port(80, "tcp", None, 8000, 8010)]),
        ("127.0.0.1:8000-8010:80", [Port(80, "tcp", "127.0.0.1", 8000, 8010)]),
        ("80/", [Port(80, "tcp")]),
        ("[::1]:8080:80", [Port(80, "tcp", "::1", 8080)]),
        ("80-81", [Port(80, "tcp"), Port(81, "tcp")]),
        ("8080-8081:80-81/sctp", [Port(80, "sctp", None, 8080), Port(81, "sctp", None, 8081)]),
    ],
)
def test_ports(text: str, ports: list[Port]) -> None:
    assert parse_publish([text]) == tuple(ports)
    assert parse_publish([text, "9"]) == (*ports, Port(9, "tcp"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no port specified: <empty>"),
        ("80:", "no port specified: 80:<empty>"),
        ("x", "invalid containerPort: x"),
        ("80/icmp", "invalid proto: icmp"),
        ("80\n", "invalid containerPort: 80\n"),
        ("0", "invalid containerPort: 0"),
        ("0-1", "invalid containerPort: 0-1"),
        ("65536", "invalid containerPort: 65536"),
        ("81-80", "invalid containerPort: 81-80"),
        ("-5:80", "invalid hostPort: -5"),
        ("65536:80", "invalid hostPort: 65536"),
        (
            "8000-8001:80-82",
            "invalid ranges specified for container and host Ports: 80-82 and 8000-8001",
        ),
        ("8000:80-82", "invalid ranges specified for container and host Ports: 80-82 and 8000"),
        ("1.2.3:8080:80", "invalid IP address: 1.2.3"),
        ("[::x]:8080:80", "invalid IP address: [::x]"),
        ("[1.2.3]:8080:80", "invalid IP address: [1.2.3]"),
        ("[::1:8080:80", "invalid IP address: [::1"),
        ("::1]:8080:80", "invalid IP address: ::1]"),
        ("fe80::1%eth0:1:80", "invalid IP address: fe80::1%eth0"),
    ],
)
def test_what_is_no_port_to_publish(text: str, reason: str) -> None:
    with pytest.raises(ContctlError) as caught:
        parse_publish(["80", text])
    error = caught.value
    assert (error.code, error.message, error.hint) == (ErrorCode.USAGE, reason, SYNTAX)
