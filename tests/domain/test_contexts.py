"""The names of contexts, and the addresses of gateways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contctl.core.domain.contexts import check_context_name, parse_gateway
from contctl.core.domain.places import DEFAULT, LOCAL, VARIABLES, Gateway
from contctl.core.errors import ContctlError, ErrorCode


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("unix:///run/contctl/contctl.sock", "unix:///run/contctl/contctl.sock"),
        ("https://ops", "https://ops:8443"),
        ("https://Ops.Example:443", "https://ops.example:443"),
        ("HTTPS://ops", "https://ops:8443"),
        ("https://192.0.2.7:1", "https://192.0.2.7:1"),
        ("https://[2001:db8::1]", "https://[2001:db8::1]:8443"),
        ("https://[::1]:65535", "https://[::1]:65535"),
    ],
)
def test_addresses(url: str, address: str) -> None:
    assert parse_gateway(url) == Gateway(address)
    assert parse_gateway(address) == Gateway(address)


@pytest.mark.parametrize(
    "url",
    [
        "", "ops", "ops:8443", "//ops", "http://ops", "HTTP://ops", "tcp://ops:1", "ssh://ops",
        "ftp://ops", "https:", "https:ops", "https:/ops", "https://", "https://:8443",
        "https://ops:", "https://ops:0", "https://ops:65536", "https://ops:x", "https://ops:-1",
        "https://ops/", "https://ops/v1", "https://ops?x", "https://ops#x", "https://ops?",
        "https://u:p@ops", "https://u@ops", "https://@ops", "https://o ps", "https://ops\n",
        "https://ops\t", "https://\u00f6ps", "https://[::1", "https://[::1]x", "https://[::g]",
        "https://[fe80::1%25eth0]", "https://-ops", "https://ops-", "https://o..ps", "https://o_p",
        "https://ops\\x", "https://[ops]", "https://[v1.a:b]", f"https://{'a.' * 127}a",
        "unix://", "unix://run/x", "unix://host/x", "unix:/run/x", "unix:///", "unix:///run/",
        "unix:///run/x?y", "unix:///run/x#y", "unix:///run/\0", f"unix:///{'x' * 107}",
    ],
)  # fmt: skip
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(ContctlError) as caught:
        parse_gateway(url)
    assert caught.value.code is ErrorCode.USAGE
    assert caught.value.message.isprintable()
    assert caught.value.hint


QUERY = "it has a query or a fragment"
NONE = "its host or port is none"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://\u00f6ps", ": it has characters that no address has"),
        ("https://o ps", ": it has characters that no address has"),
        ("unix:///run/a socket", ": it has characters that no address has"),
        ("https://ops\t", ": it has characters that no address has"),
        ("http://ops", ": tokens go over TLS or a Unix socket only"),
        ("HTTP://ops", ": tokens go over TLS or a Unix socket only"),
        ("ops", ""),
        ("unix://run/x", ": it names no absolute path of a socket"),
        ("unix:///run/x?y", f": {QUERY}"),
        (f"unix:///{'x' * 107}", ": a socket's path has at most 107 bytes"),
        ("https://ops:x", f": {NONE}"),
        ("https://ops?x", f": {QUERY}"),
        ("https://ops/v1", ": it has a path"),
        ("https://-ops", f": {NONE}"),
        (f"https://{'a.' * 126}aa", f": {NONE}"),
    ],
)
def test_why_it_is_no_address(url: str, why: str) -> None:
    error = _error_of(url)
    assert error is not None
    assert error.message == f"not a gateway's address: {url!r}{why}"
    assert error.hint == "a gateway is unix:///PATH or https://HOST[:PORT]"


def test_a_longest_host() -> None:
    host = f"{'a.' * 126}a"
    assert parse_gateway(f"https://{host}") == Gateway(f"https://{host}:8443")


def test_a_password_in_an_address_is_not_shown() -> None:
    for url in ("https://me:canary@ops", "https://canary@ops:8443/x?y"):
        with pytest.raises(ContctlError) as caught:
            parse_gateway(url)
        assert caught.value.message == "a gateway's address has no user in it"
        assert "canary" not in f"{caught.value.hint}"


def test_a_longest_socket_path() -> None:
    path = f"/{'x' * 106}"
    assert parse_gateway(f"unix://{path}") == Gateway(f"unix://{path}")


def test_certificates_are_for_tls() -> None:
    assert parse_gateway("https://ops", "/ca.pem") == Gateway("https://ops:8443", "/ca.pem")
    with pytest.raises(ContctlError) as caught:
        parse_gateway("unix:///x", "/ca.pem")
    assert caught.value.code is ErrorCode.USAGE
    assert caught.value.message == "--ca is for https:// gateways; a socket has no TLS"


def test_an_engine_of_a_gateway() -> None:
    for address, ca in (("https://ops:8443", "/ca.pem"), ("unix:///x", None)):
        assert parse_gateway(address, ca, "shop") == Gateway(address, ca, "shop")
        with pytest.raises(ContctlError) as caught:
            parse_gateway(address, ca, "Shop")
        assert caught.value.code is ErrorCode.USAGE
        assert caught.value.message == "not an engine's name: 'Shop'"
        assert caught.value.hint == "engines are named as users are: 1 to 64 of a-z 0-9 . _ -"


@given(st.text(), st.sampled_from(["", "https://", "unix:///"]))
def test_any_text_is_an_address_or_a_usage_error(text: str, scheme: str) -> None:
    error = _error_of(scheme + text)
    if error is None:
        gateway = parse_gateway(scheme + text)
        assert parse_gateway(gateway.address) == gateway
    else:
        assert error.code is ErrorCode.USAGE
        assert error.message.isprintable()


def _error_of(url: str) -> ContctlError | None:
    try:
        parse_gateway(url)
    except ContctlError as error:
        return error
    return None


@pytest.mark.parametrize("name", ["a", "prod", "A.b_c+d-1", "7", "x" * 64])
def test_names(name: str) -> None:
    assert check_context_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "-c", ".x", "a b", "a/b", "x" * 65, "\u00e4", "a\n", DEFAULT, LOCAL, VARIABLES]
)
def test_what_is_no_name(name: str) -> None:
    with pytest.raises(ContctlError) as caught:
        check_context_name(name)
    assert caught.value.code is ErrorCode.USAGE
    assert caught.value.message.isprintable()


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        (
            "-c",
            "not a name for a context: '-c'",
            "names are 1 to 64 of a-z A-Z 0-9 _ . + - and begin with a letter or a digit",
        ),
        (DEFAULT, "the context default is always there", "it is docker's default engine"),
        (LOCAL, "the context local-gateway is always there", "it is this machine's gateway"),
        (
            VARIABLES,
            "the context container-host is always there",
            "it is the engine that CONTAINER_HOST names",
        ),
    ],
)
def test_why_it_is_no_name(name: str, message: str, hint: str) -> None:
    with pytest.raises(ContctlError) as caught:
        check_context_name(name)
    assert (caught.value.message, caught.value.hint) == (message, hint)
