"""Addresses of gateways."""

import pytest

from contctl.backends.gateway.address import GatewayAddress, parse_address
from contctl.core.errors import ContctlError, ErrorCode


def test_a_unix_socket() -> None:
    address = parse_address("unix:///run/contctl/contctl.sock")
    assert address == GatewayAddress(
        "unix:///run/contctl/contctl.sock", "/run/contctl/contctl.sock"
    )


@pytest.mark.parametrize(
    ("text", "shown", "host", "port"),
    [
        ("https://box", "https://box:8443", "box", 8443),
        ("https://box/", "https://box:8443", "box", 8443),
        ("https://Box.example:9000", "https://box.example:9000", "box.example", 9000),
        ("https://[::1]:1", "https://[::1]:1", "::1", 1),
    ],
)
def test_tls(text: str, shown: str, host: str, port: int) -> None:
    assert parse_address(text, "/ca.pem") == GatewayAddress(shown, None, host, port, "/ca.pem")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "box",
        "unix://",
        "unix://relative.sock",
        "unix:///a\0b",
        "unix:///a\nb",
        "http://box",
        "tcp://box:1",
        "HTTPS://box",
        "https://",
        "https://:8443",
        "https://user@box",
        "https://user:secret@box",
        "https://box/path",
        "https://box?query",
        "https://box#part",
        "https://box:0",
        "https://box:99999",
        "https://box:port",
        "https://bo x",
        "https://box\r\nX: y",
        "https://[::1",
        "https://b%6fx",
        "https://box\\evil",
        "https://b\u00f6x",
    ],
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ContctlError) as caught:
        parse_address(text)
    assert caught.value.code is ErrorCode.USAGE
    assert "\n" not in caught.value.message
    assert caught.value.hint is not None


def test_an_address_with_a_password_is_not_repeated() -> None:
    with pytest.raises(ContctlError) as caught:
        parse_address("https://user:hunter2@box")
    assert "hunter2" not in f"{caught.value.message}{caught.value.hint}"


def test_a_socket_takes_no_ca() -> None:
    with pytest.raises(ContctlError) as caught:
        parse_address("unix:///x", "/ca.pem")
    assert caught.value.code is ErrorCode.USAGE
