"""What people type: user names, passwords, durations, ports; and secrets that are not shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contctl.core.domain.accounts import check_username
from contctl.core.domain.containers import Port
from contctl.core.domain.create import CreateSpec, check_image_labels, check_spec
from contctl.core.domain.credentials import MAX_CHARACTERS, Credential
from contctl.core.domain.durations import format_duration, parse_duration
from contctl.core.domain.networking import Endpoint, Networking
from contctl.core.domain.passwords import check_new_password, fits
from contctl.core.domain.publish import parse_publish
from contctl.core.domain.secret import Secret
from contctl.core.domain.tokens import KeySet
from contctl.core.errors import ContctlError, ErrorCode

usage = pytest.raises(ContctlError, check=lambda error: error.code is ErrorCode.USAGE)


@given(
    st.from_regex(
        r"[a-z0-9][a-z0-9._-]{0,63}", fullmatch=True, alphabet=st.characters(codec="ascii")
    )
)
def test_user_names(name: str) -> None:
    assert check_username(name) == name


@pytest.mark.parametrize(
    "name",
    ["", "A", "ada ", "ada\n", "-ada", ".ada", "a" * 65, "\u0430da", "a\u200bda", "a'--", "ada\0"],
)
def test_what_is_no_user_name(name: str) -> None:
    with usage:
        check_username(name)


@given(st.integers(1, 10**8), st.sampled_from("smhd"))
def test_durations(count: int, unit: str) -> None:
    seconds = parse_duration(f"{count}{unit}")
    assert seconds == count * {"s": 1, "m": 60, "h": 3600, "d": 86400}[unit]
    assert parse_duration(format_duration(seconds)) == seconds


@pytest.mark.parametrize(
    "text", ["", "5", "m", "0s", "-5m", "1.5h", " 5m", "5 m", "5w", "\u0665m", "5m\n"]
)
def test_what_is_no_duration(text: str) -> None:
    with usage:
        parse_duration(text)


def test_passwords() -> None:
    check_new_password(Secret("x" * 15), 15)
    check_new_password(Secret("ü" * 512), 15)
    check_new_password(Secret(" tabs\tand 🗝 are fine "), 15)
    for text in ("x" * 14, "x" * 1025, "ü" * 513, "nul\0" * 10, "\ud800" * 20):
        with usage:
            check_new_password(Secret(text), 15)
    assert not fits(Secret("x" * 10_000_000))


@pytest.mark.parametrize(
    ("text", "ports"),
    [
        ("80", [Port(80, "tcp")]),
        ("8080:80", [Port(80, "tcp", None, 8080)]),
        ("127.0.0.1:8080:80/tcp", [Port(80, "tcp", "127.0.0.1", 8080)]),
        ("127.0.0.1::80", [Port(80, "tcp", "127.0.0.1", None)]),
        ("[::1]:53:53/udp", [Port(53, "udp", "::1", 53)]),
        ("8000-8001:80-81", [Port(80, "tcp", None, 8000), Port(81, "tcp", None, 8001)]),
        ("80-81", [Port(80, "tcp"), Port(81, "tcp")]),
        (":80", [Port(80, "tcp")]),
        ("0:80", [Port(80, "tcp", None, 0)]),
        ("127.0.0.1:0:80", [Port(80, "tcp", "127.0.0.1", 0)]),
        ("80/TCP", [Port(80, "tcp")]),
        ("53:53/Udp", [Port(53, "udp", None, 53)]),
    ],
)
def test_ports_to_publish(text: str, ports: list[Port]) -> None:
    assert list(parse_publish([text])) == ports


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "0",
        "65536",
        "80:",
        "1.2.3:1:1",
        "999.1.1.1:1:1",
        "1-3:1-2",
        "3-1",
        "0:80-81",
        "8080:80-81",
        "80/icmp",
        "80 ",
    ],
)
def test_what_is_no_port(text: str) -> None:
    with usage:
        parse_publish([text])


@given(st.text(max_size=20))
def test_any_text_is_a_port_or_a_usage_error(text: str) -> None:
    try:
        ports = parse_publish([text])
    except ContctlError as error:
        assert error.code is ErrorCode.USAGE  # noqa: PT017 - both ends are right
    else:
        assert all(1 <= port.container_port <= 65535 for port in ports)


@pytest.mark.parametrize("name", ["", "a", "-ab", "a b", "../ab", "ab\n", "äb"])
def test_what_is_no_container_name(name: str) -> None:
    with usage:
        check_spec(CreateSpec("image", name=name))


def test_what_a_container_may_be_made_of() -> None:
    check_spec(CreateSpec("image"))
    for network in ("bridge", "none", "mine"):
        check_spec(CreateSpec("image", name="web-1", labels={"team": "a"}, network=network))
    check_spec(CreateSpec("image", networking=Networking((Endpoint("shop"),))))


def test_the_label_that_a_commit_leaves_is_no_value() -> None:
    check_image_labels("image", {"team": "a", "contctl.request": ""})
    for key, value in (("contctl.request", "1"), ("contctl.other", ""), ("contctl.other", "1")):
        with usage:
            check_image_labels("image", {key: value})


def test_secrets_are_not_shown() -> None:
    secret = Secret("hush")
    credential = Credential(secret, secret, 1)
    keys = KeySet("key", {"key": b"hush"})
    for value in (secret, credential, keys):
        assert "hush" not in f"{value} {value!r}"
    assert repr(secret) == "***"
    assert secret == Secret("hush")
    assert {secret: 1}[Secret("hush")] == 1
    assert len({hash(Secret(str(number))) for number in range(100)}) > 1
    assert secret != Secret("other")
    assert secret.reveal() == "hush"


@given(st.text(max_size=50), st.text(max_size=50), st.integers(1, 10**6))
def test_credentials_are_read_back(access: str, refresh: str, generation: int) -> None:
    credential = Credential(Secret(access), Secret(refresh), generation)
    assert Credential.from_json(credential.to_json()) == credential


def test_credentials_are_kept_compact_up_to_the_longest_that_fits() -> None:
    text = Credential(Secret("a"), Secret("r"), 7).to_json()
    assert text == '{"access":"a","refresh":"r","gen":7}'
    longest = Secret("x" * (MAX_CHARACTERS - len(text) + 1))
    assert len(Credential(longest, Secret("r"), 7).to_json()) == MAX_CHARACTERS
    with pytest.raises(ContctlError):
        Credential(longest, Secret("rr"), 7).to_json()


@pytest.mark.parametrize(
    "text",
    ["", "x", "[]", "{}", '{"access":1,"refresh":"r","gen":1}', '{"access":"a","refresh":"r"}',
     '{"access":"a","refresh":"r","gen":true}', "[" * 5000],
)  # fmt: skip
def test_damaged_credentials(text: str) -> None:
    with pytest.raises(ContctlError, check=lambda error: error.code is ErrorCode.STORE):
        Credential.from_json(text)


def test_credentials_that_no_keyring_holds() -> None:
    long = Secret("x" * MAX_CHARACTERS)
    with pytest.raises(ContctlError, check=lambda error: error.code is ErrorCode.STORE):
        Credential(long, long, 1).to_json()


@pytest.mark.parametrize(
    "spec",
    [
        CreateSpec("i" * 4097),
        CreateSpec("image", name="n" * 256),
        CreateSpec("image", command=("a" * 131_072,)),
        CreateSpec("image", entrypoint="\u20ac" * 43_691),
        CreateSpec("image", env=("A=" + "a" * 131_070,)),
    ],
)
def test_what_is_too_long_for_an_engine(spec: CreateSpec) -> None:
    with pytest.raises(ContctlError) as raised:
        check_spec(spec)
    assert raised.value.code is ErrorCode.USAGE


def test_what_is_just_short_enough() -> None:
    long = "a" * 131_071
    check_spec(CreateSpec("i" * 4096, command=(long,), name="n" * 255, entrypoint=long))
