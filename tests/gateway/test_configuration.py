"""gateway.toml: what it decides, what is refused, and what the error says."""

import os
from pathlib import Path

import pytest

from contctl.backends.gateway_file import load_gateway_settings
from contctl.core.domain.engines import EngineAddress, EngineKind
from contctl.core.domain.gateway_settings import (
    GatewaySettings,
    Limits,
    NamedEngine,
    TlsFiles,
    UnixListening,
)
from contctl.core.domain.settings import Settings
from contctl.core.errors import ContctlError, ErrorCode

FULL = """
data = "/srv/contctl"
[listen]
socket = "/run/x/x.sock"
group = "people"
tcp = "[::1]:8443"
certificate = "/etc/x/cert.pem"
key = "/etc/x/key.pem"
[engines.prod]
docker = "unix:///run/docker.sock"
[session]
access_ttl = "5m"
[password]
min_length = 20
[policy]
bind_mounts = ["/srv"]
[audit]
syslog = "/dev/log"
[limits]
connections = 9
stop_grace = "3s"
"""


def docker(host: str, tls: str | None = None) -> EngineAddress:
    return EngineAddress(EngineKind.DOCKER, host, tls)


def written(folder: Path, content: str | bytes) -> Path:
    """The file, as root would leave it."""
    path = folder / "gateway.toml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    path.chmod(0o644)
    return path


def refused(path: Path) -> ContctlError:
    """The ContctlError STORE of loading `path`; it is one line and names the file."""
    with pytest.raises(ContctlError) as caught:
        load_gateway_settings(path)
    error = caught.value
    assert error.code is ErrorCode.STORE
    assert error.message.isprintable()
    assert str(path) in error.message
    return error


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    assert load_gateway_settings(written(tmp_path, "")) == GatewaySettings(
        data=Path("/var/lib/contctl"),
        engines=(NamedEngine("local", docker("unix:///var/run/docker.sock")),),
        socket=UnixListening(Path("/run/contctl/contctl.sock"), "contctl"),
        tcp=None,
        tls=None,
        settings=Settings(),
        limits=Limits(),
    )


def test_all_that_can_be_said(tmp_path: Path) -> None:
    found = load_gateway_settings(written(tmp_path, FULL))
    assert found.data == Path("/srv/contctl")
    assert found.engines == (NamedEngine("prod", docker("unix:///run/docker.sock")),)
    assert found.socket == UnixListening(Path("/run/x/x.sock"), "people")
    assert found.tcp == ("::1", 8443)
    assert found.tls == TlsFiles(Path("/etc/x/cert.pem"), Path("/etc/x/key.pem"))
    assert found.settings.lifetimes.access == 300
    assert found.settings.min_password_length == 20
    assert found.settings.bind_mounts == ("/srv",)
    assert found.settings.syslog == "/dev/log"
    assert found.limits == Limits(connections=9, stop_seconds=3)


def test_several_engines(tmp_path: Path) -> None:
    found = load_gateway_settings(
        written(
            tmp_path,
            """
            [engines.near]
            docker = "unix:///run/docker.sock"
            default = true
            [engines.far]
            docker = "tcp://engine.example:2376"
            tls = "/etc/contctl/far"
            [engines.pod]
            podman = "ssh://ops@host.example"
            [engines.cluster]
            kubernetes = true
            kube_context = "prod"
            namespace = "shop"
            """,
        )
    )
    assert found.engines == (
        NamedEngine("near", docker("unix:///run/docker.sock"), default=True),
        NamedEngine("far", docker("tcp://engine.example:2376", "/etc/contctl/far")),
        NamedEngine("pod", EngineAddress(EngineKind.PODMAN, "ssh://ops@host.example")),
        NamedEngine(
            "cluster",
            EngineAddress(EngineKind.KUBERNETES, kube_context="prod", namespace="shop"),
        ),
    )


def test_the_readmes_example(tmp_path: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    text = readme.split("### Several engines behind one gateway\n")[1].split("```")[1]
    found = load_gateway_settings(written(tmp_path, text.removeprefix("toml\n")))
    assert [engine.name for engine in found.engines if engine.default] == ["shop"]
    assert [engine.address.kind for engine in found.engines] == [
        "docker",
        "docker",
        "podman",
        "kubernetes",
    ]


def test_tcp_alone_opens_no_socket(tmp_path: Path) -> None:
    text = '[listen]\ntcp = "127.0.0.1:1"\ncertificate = "/c"\nkey = "/k"\n'
    found = load_gateway_settings(written(tmp_path, text))
    assert (found.socket, found.tcp) == (None, ("127.0.0.1", 1))


def test_no_file(tmp_path: Path) -> None:
    error = refused(tmp_path / "gateway.toml")
    assert error.message.startswith("there is no gateway configuration at ")
    assert error.hint is not None
    assert "gateway install" in error.hint


def test_a_file_that_others_may_write(tmp_path: Path) -> None:
    path = written(tmp_path, "")
    path.chmod(0o664)
    assert "others may write it" in refused(path).message


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_another_users_file(tmp_path: Path) -> None:
    path = written(tmp_path, "")
    os.chown(path, 4321, -1)
    assert "belongs to uid 4321" in refused(path).message


D = "docker = 'unix:///x'"
TLS = 'certificate = "/c"\nkey = "/k"\n'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("datum = 1", "unknown key 'datum'"),
        ("listen = 1", "unknown key 'listen'"),
        ("[credentials]\nstore = 'file'", "unknown key 'credentials'"),
        ("[listen]\nport = 1", "unknown key 'listen.port'"),
        ("[limits]\nhead_bytes = 1", "unknown key 'limits.head_bytes'"),
        ("[engines.a]\npodman = 'x'", "[engines.a]: not an address of a Podman engine: 'x'"),
        ("[engines.a]\nlxc = 'x'", "unknown key 'engines.a.lxc'"),
        ("[engines]\na = 1", "unknown key 'engines.a'"),
        ("[engines]", "must be there once"),
        (f"[engines.a]\n{D}\ndefault = 1", "'engines.a.default' must be true or false"),
        (
            f"[engines.a]\n{D}\ndefault = true\n[engines.b]\n{D}\ndefault = true",
            "'default' is true for several engines",
        ),
        (f"[engines.a]\n{D}\npodman = 'unix:///x'", "[engines.a] needs one of docker, podman"),
        (f"[engines.a]\n{D}\nnamespace = 'x'", "'engines.a.namespace' is not for an engine"),
        (f"[engines.a]\n{D}\ntls = '/x'", "only tcp:// has TLS keys"),
        (
            "[engines.a]\ndocker = 'tcp://x'\ntls = 'x'",
            "folder of its TLS keys is no absolute",
        ),
        ("[engines.a]\nkubernetes = 'x'", "'engines.a.kubernetes' must be true"),
        ("[engines.a]\nkubernetes = true\nnamespace = 1", "'engines.a.namespace' must be text"),
        ("engines = 3", "must be there once"),
        ("[engines.A]\ndocker = 'unix:///x'", "not an engine's name: 'A'"),
        ("[engines.a]", "[engines.a] needs one of docker, podman and kubernetes"),
        (
            "[engines.a]\ndocker = 'tcp://x'",
            "[engines.a]: not an address of a Docker engine: 'tcp://x'",
        ),
        ("[engines.a]\ndocker = 'unix://x'", "it names no absolute path of a socket"),
        ("data = 'var'", "'data' must be an absolute path"),
        ("data = 1", "'data' must be an absolute path"),
        ("[listen]\nsocket = 'x'", "'listen.socket' must be an absolute path"),
        ("[listen]\ngroup = ''", "'listen.group' must be the name of a group"),
        ("[listen]\ntcp = '127.0.0.1:1'", "'listen.tcp' needs 'listen.certificate'"),
        ("[listen]\ntcp = 'localhost:1'\n" + TLS, "'listen.tcp' must be an IP address"),
        ("[listen]\ntcp = '127.0.0.1'\n" + TLS, "'listen.tcp' must be an IP address"),
        ("[listen]\ntcp = '127.0.0.1:70000'\n" + TLS, "'listen.tcp' must be an IP address"),
        ("[listen]\ntcp = 8443\n" + TLS, "'listen.tcp' must be an IP address"),
        ("[listen]\ncertificate = '/c'", "'listen.certificate' is there without its other half"),
        ("[listen]\ntcp = '127.0.0.1:1'\ngroup = 'x'\n" + TLS, "'listen.group' needs"),
        ("[limits]\nconnections = 0", "'limits.connections' must be a number from 1"),
        ("[limits]\nconnections = true", "'limits.connections' must be a number from 1"),
        ("[limits]\nstop_grace = 3", "'limits.stop_grace' must be a duration"),
        ("[limits]\nstop_grace = '2h'", "'limits.stop_grace' must be an hour at most"),
        ("[password]\nmin_length = 1", "'password.min_length' must be a number"),
        ("data =", "is not TOML"),
        (b"data = '\xff'", "is not UTF-8 (at line 1)"),
    ],
)
def test_what_is_refused(tmp_path: Path, content: str | bytes, message: str) -> None:
    assert message in refused(written(tmp_path, content)).message
