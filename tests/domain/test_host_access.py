"""Addresses of engines and gateways: which host they name, and which sockets."""

import pytest

from contctl.core.domain.host_access import ENGINE_SOCKETS, host_of, is_this_host, sockets_of


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("unix:///run/x.sock", None),
        ("fd://3", None),
        ("npipe:////./pipe/engine", None),
        ("/run/x.sock", None),
        ("tcp://", None),
        ("", None),
        ("tcp://Web.Example:2375", "web.example"),
        ("https://web.example/path:1@x", "web.example"),
        ("ssh://me:word@10.0.0.1:22/run/x.sock", "10.0.0.1"),
        ("ssh://a@b@c", "c"),
        ("tcp://[FE80::1]:2375/x", "fe80::1"),
        ("tcp://[::1]", "::1"),
        ("tcp://[::1", "::1"),
        ("tcp://:2375", ""),
        ("tcp://a://b", "a"),
    ],
)
def test_the_host_of_an_address(address: str, host: str | None) -> None:
    assert host_of(address) == host


def test_this_host() -> None:
    for host in (None, "localhost", "::1", "127.0.0.1", "127.1.2.3"):
        assert is_this_host(host)
    for host in ("", "web.example", "10.0.0.1", "::2", "1127.0.0.1", "localhost.example"):
        assert not is_this_host(host)


def test_sockets() -> None:
    assert sockets_of([]) == ENGINE_SOCKETS
    given = ["unix:///x", f"unix://{ENGINE_SOCKETS[1]}", "tcp://a:1", "unix://y", "unix:///x"]
    assert sockets_of(given) == (*ENGINE_SOCKETS, "/x")
