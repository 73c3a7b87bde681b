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
        ("0:80", [Port(80, "tcp")]),
        (":80", [Port(80, "tcp")]),
        ("127.0.0.1::80", [Port(80, "tcp", "127.0.0.1")]),
        ("127.0.0.1:8080:80", [Port(80, "tcp", "127.0.0.1", 8080)]),
        ("[::1]:8080:80", [Port(80, "tcp", "::1", 8080)]),
        ("80-81", [Port(80, "tcp"), Port(81, "tcp")]),
        ("8080-8081:80-81/sctp", [Port(80, "sctp", None, 8080), Port(81, "sctp", None, 8081)]),
    ],
)
def test_ports(text: str, ports: list[Port]) -> None:
    assert parse_publish([text]) == tuple(ports)
    assert parse_publish([text, "9"]) == (*ports, Port(9, "tcp"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "80/icmp",
        "80\n",
        "0",
        "0-1",
        "65536",
        "81-80",
        "-5:80",
        "65536:80",
        "0-1:80-81",
        "8000-8001:80-82",
        "8000:80-82",
        "1.2.3:8080:80",
        "[::x]:8080:80",
        "[1.2.3]:8080:80",
    ],
)
def test_what_is_no_port_to_publish(text: str) -> None:
    with pytest.raises(ContctlError) as caught:
        parse_publish(["80", text])
    error = caught.value
    assert error.code is ErrorCode.USAGE
    assert (error.message, error.hint) == (f"not a port to publish: {text!r}", SYNTAX)


def test_one_port_out_of_a_range_is_not_offered() -> None:
    with pytest.raises(ContctlError) as caught:
        parse_publish(["8000-8001:80"])
    error = caught.value
    assert error.code is ErrorCode.USAGE
    assert error.message == (
        "contctl cannot let the engine choose out of a range of ports: '8000-8001:80'"
    )
    assert error.hint == "name one port of the host, or none for any that is free"
