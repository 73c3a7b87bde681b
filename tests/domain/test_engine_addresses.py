"""Which addresses of engines are taken, and how they are written then."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contctl.core.domain.engine_addresses import check_engine, shown_address
from contctl.core.domain.engines import EngineAddress, EngineKind
from contctl.core.errors import ContctlError, ErrorCode

BOTH = (EngineKind.DOCKER, EngineKind.PODMAN)
KEYS = "/etc/keys"


def _host(kind: EngineKind, host: str | None, tls: str | None = None) -> str | None:
    found = check_engine(EngineAddress(kind, host, tls))
    assert (found.kind, found.tls, found.kube_context, found.namespace) == (kind, tls, None, None)
    return found.host


def _refused(address: EngineAddress) -> ContctlError:
    with pytest.raises(ContctlError) as caught:
        check_engine(address)
    assert caught.value.code is ErrorCode.USAGE
    assert "\n" not in caught.value.message
    assert caught.value.hint
    return caught.value


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize(
    "host",
    [
        "unix:///run/x.sock", "unix:///run/user/1000/podman/podman.sock", f"unix:///{'x' * 106}",
        "ssh://ops", "ssh://me@ops.example:22", "ssh://me@10.0.0.1/run/docker.sock",
        "ssh://[2001:db8::1]:2222", "ssh://my_alias", "ssh://me@h:1/run/user/0/podman/podman.sock",
        "ssh://h/run/x/", "ssh://[1:2:3:4:5:6:7:8]",
    ],
)  # fmt: skip
def test_what_is_taken_as_it_is(kind: EngineKind, host: str) -> None:
    assert _host(kind, host) == host


def test_what_is_written_out() -> None:
    docker, podman = BOTH
    for host in ("unix://", None):
        assert _host(docker, host) == "unix:///var/run/docker.sock"
        assert _host(podman, host) is None
    assert _host(docker, "ssh://ops/") == "ssh://ops"
    assert _host(docker, "tcp://ops", KEYS) == "tcp://ops:2376"
    assert _host(docker, "tcp://[::1]:1/", KEYS) == "tcp://[::1]:1"
    assert _host(docker, "tcp://ops:65535", KEYS) == "tcp://ops:65535"


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize(
    "host",
    [
        "", "/run/x.sock", "ops", "unix:/x", "unix://x", "unix:///x/", f"unix:///{'x' * 107}",
        "unix:///a b", "unix:///é", "unix:///\n", "UNIX:///x", "http://x", "https://x", "npipe://x",
        "fd://", "ssh://", "ssh://-oProxyCommand=x", "ssh://-x@h", "ssh://me@-h", "ssh://a@b@c",
        "ssh://h:0", "ssh://h:65536", "ssh://h:x", "ssh://h?x", "ssh://h/a;b", "ssh://h/$(x)",
        "ssh://h/'", "ssh://[::g]", "ssh://[::1:]", "ssh://[1.2.3.4]", "ssh://::1", "ssh://h#x",
        "ssh://.h",
    ],
)  # fmt: skip
def test_what_is_refused(kind: EngineKind, host: str) -> None:
    assert _refused(EngineAddress(kind, host)).message.startswith("not an address of a ")


DOCKERS = (
    "it is unix:///PATH, ssh://[USER@]HOST[:PORT][/PATH], or tcp://HOST[:PORT] with --tls FOLDER"
)
PODMANS = (
    "it is unix:///PATH or ssh://[USER@]HOST[:PORT][/PATH];"
    " unix:// alone is where Podman listens by itself"
)
NO_PATH = ": it names no absolute path of a socket"
NO_CHARACTERS = ": it has characters that no address has"
NO_PORT = ": its port is none"
NO_SSH = ": its user, host, port or path is none"


@pytest.mark.parametrize(
    ("host", "why"),
    [
        ("", ""), ("/run/x.sock", ""), ("https://x", ""), ("unix:/x", ""),
        ("unix://x", NO_PATH), ("unix:///x/", NO_PATH),
        (f"unix:///{'x' * 107}", ": a socket's path has at most 107 bytes"),
        ("unix:///a b", NO_CHARACTERS), ("unix:///\u00e9", NO_CHARACTERS),
        ("ssh://h\t", NO_CHARACTERS), ("ssh://h?x", NO_SSH), ("ssh://h:x", NO_SSH),
        ("ssh://h:0", NO_PORT), ("ssh://h:65536", NO_PORT), ("ssh://[::1]:0", NO_PORT),
        ("ssh://[1.2.3.4]", ": its host is none"),
    ],
)  # fmt: skip
def test_why_it_is_no_address(host: str, why: str) -> None:
    for kind, name, forms in zip(BOTH, ("Docker", "Podman"), (DOCKERS, PODMANS), strict=True):
        error = _refused(EngineAddress(kind, host))
        assert error.message == f"not an address of a {name} engine: {host!r}{why}"
        assert error.hint == forms


@pytest.mark.parametrize(
    ("host", "tls", "why"),
    [
        ("tcp://h?x", KEYS, "its host or port is none"),
        ("tcp://h:0", KEYS, "its port is none"),
        ("tcp://[::g]", KEYS, "its host or port is none"),
        ("tcp://[1.2.3.4]", KEYS, "its host is none"),
        ("tcp://h", "keys", "the folder of its TLS keys is no absolute path"),
        ("tcp://h", None, "without --tls FOLDER anybody on the way could read and change it"),
        ("", KEYS, "only tcp:// has TLS keys"),
        (None, KEYS, "only tcp:// has TLS keys"),
    ],
)
def test_why_it_has_no_tls(host: str | None, tls: str | None, why: str) -> None:
    error = _refused(EngineAddress(EngineKind.DOCKER, host, tls))
    assert error.message == f"not an address of a Docker engine: {host or ''!r}: {why}"
    assert error.hint == DOCKERS


@pytest.mark.parametrize("host", ["tcp://", "tcp://h:0", "tcp://h/x", "tcp://u@h", "tcp://h?x"])
def test_tcp_that_is_refused_with_keys(host: str) -> None:
    _refused(EngineAddress(EngineKind.DOCKER, host, KEYS))


def test_nothing_goes_over_plain_tcp() -> None:
    error = _refused(EngineAddress(EngineKind.DOCKER, "tcp://h:2375"))
    assert "without --tls FOLDER" in error.message
    assert "no absolute path" in _refused(EngineAddress(BOTH[0], "tcp://h:1", "keys")).message
    _refused(EngineAddress(EngineKind.PODMAN, "tcp://h:1", KEYS))
    for kind in BOTH:
        for host in ("unix:///x", "ssh://h", "unix://"):
            error = _refused(EngineAddress(kind, host, KEYS))
            assert error.message.endswith("only tcp:// has TLS keys")


def test_a_password_is_neither_taken_nor_shown() -> None:
    for host in ("ssh://me:hunter2@ops", "ssh://:hunter2@ops/x", "https://me:hunter2@ops"):
        address = EngineAddress(EngineKind.DOCKER, host)
        error = _refused(address)
        assert "hunter2" not in f"{error.message} {error.hint} {shown_address(address)}"
    error = _refused(EngineAddress(EngineKind.DOCKER, "ssh://me:hunter2@ops"))
    assert error.message == (
        "not an address of a Docker engine: 'ssh://me:***@ops':"
        " ssh is given no password in an address"
    )


def test_how_an_address_is_shown() -> None:
    assert shown_address(EngineAddress(EngineKind.PODMAN)) == "unix://"
    assert shown_address(EngineAddress(EngineKind.DOCKER, "ssh://me@ops:22")) == "ssh://me@ops:22"
    assert shown_address(EngineAddress(EngineKind.DOCKER, "ssh://me:x@ops")) == "ssh://me:***@ops"


@pytest.mark.parametrize(
    ("context", "namespace", "shown"),
    [
        (None, None, "current context"),
        ("east", None, "context east"),
        ("x" * 253, "x" * 63, f"context {'x' * 253}, namespace {'x' * 63}"),
        ("x", "1", "context x, namespace 1"),
        (None, "web", "current context, namespace web"),
        ("arn:aws:eks:x/y z", "w-1", "context arn:aws:eks:x/y z, namespace w-1"),
    ],
)
def test_clusters(context: str | None, namespace: str | None, shown: str) -> None:
    address = EngineAddress(EngineKind.KUBERNETES, None, None, context, namespace)
    assert check_engine(address) == address
    assert shown_address(address) == shown


@pytest.mark.parametrize(
    ("context", "namespace"),
    [("", None), ("a\nb", None), ("x" * 254, None)]
    + [(None, name) for name in ("", "A", "-a", "a-", "a.b", "x" * 64, "é")],
)
def test_clusters_that_are_refused(context: str | None, namespace: str | None) -> None:
    error = _refused(EngineAddress(EngineKind.KUBERNETES, None, None, context, namespace))
    if namespace is None:
        assert error.message == f"not a name of a context in a kubeconfig: {context!r}"
        assert error.hint == "'kubectl config get-contexts -o name' lists them"
    else:
        assert error.message == f"not a name of a namespace: {namespace!r}"
        assert error.hint == (
            "a namespace is 1 to 63 of a-z 0-9 - and begins and ends with a letter or a digit"
        )


@given(
    st.sampled_from(BOTH),
    st.sampled_from(["unix://", "ssh://", "tcp://", ""]),
    st.text(alphabet="ab/:@[]-.%?# 0\x1b", max_size=12),
    st.sampled_from([None, KEYS]),
)
def test_what_is_taken_once_is_taken_again(
    kind: EngineKind, scheme: str, rest: str, tls: str | None
) -> None:
    """Written out, it is read as the same engine, and no option of ssh is made of it."""
    try:
        found = check_engine(EngineAddress(kind, scheme + rest, tls))
    except ContctlError:
        return
    assert check_engine(found) == found
    assert "://-" not in (found.host or "")
    assert "@-" not in (found.host or "")
