"""Which engine is chosen, and what is refused."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from contctl.backends.docker.addresses import parse_remote
from contctl.backends.docker.endpoint import DEFAULT_ADDRESS, Endpoint, choose_endpoint
from contctl.backends.docker.ssh import ssh_command
from contctl.core.errors import ContctlError, ErrorCode


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path)}


def _context(environ: dict[str, str], name: str, meta: object) -> None:
    digest = hashlib.sha256(name.encode()).hexdigest()
    folder = Path(environ["HOME"], ".docker", "contexts", "meta", digest)
    folder.mkdir(parents=True)
    (folder / "meta.json").write_text(json.dumps(meta))


def _named(host: str) -> dict[str, object]:
    return {"Name": "x", "Metadata": {}, "Endpoints": {"docker": {"Host": host}}}


def _config(environ: dict[str, str], content: str) -> None:
    path = Path(environ["HOME"], ".docker", "config.json")
    path.parent.mkdir(exist_ok=True)
    path.write_text(content)


def _refused(environ: dict[str, str], context: str | None = None) -> ContctlError:
    with pytest.raises(ContctlError) as caught:
        choose_endpoint(environ, context)
    assert "\n" not in caught.value.message
    return caught.value


def test_the_default(environ: dict[str, str]) -> None:
    assert choose_endpoint(environ, None) == Endpoint(DEFAULT_ADDRESS, "the default")


def test_the_order(environ: dict[str, str]) -> None:
    for name in ("given", "env", "current"):
        _context(environ, name, _named(f"unix:///run/{name}.sock"))
    _config(environ, '{"currentContext": "current"}')
    assert choose_endpoint(environ, None).address == "unix:///run/current.sock"
    environ["DOCKER_CONTEXT"] = "env"
    assert choose_endpoint(environ, None).address == "unix:///run/env.sock"
    environ["DOCKER_HOST"] = "unix:///run/host.sock"
    assert choose_endpoint(environ, None).address == "unix:///run/host.sock"
    assert choose_endpoint(environ, "given").address == "unix:///run/given.sock"


def test_the_reason_names_what_decided(environ: dict[str, str]) -> None:
    _context(environ, "there", _named("unix:///x"))
    assert "there" in choose_endpoint(environ, "there").reason
    environ["DOCKER_HOST"] = "unix:///x"
    assert choose_endpoint(environ, None).reason == "DOCKER_HOST"


def test_the_context_default_is_dockers_own(environ: dict[str, str]) -> None:
    _config(environ, '{"currentContext": "elsewhere"}')
    assert choose_endpoint(environ, "default").address == DEFAULT_ADDRESS
    environ["DOCKER_HOST"] = "unix:///run/host.sock"
    assert choose_endpoint(environ, "default").address == "unix:///run/host.sock"


def test_empty_variables_count_as_unset(environ: dict[str, str]) -> None:
    environ |= {"DOCKER_HOST": "", "DOCKER_CONTEXT": "", "CONTAINER_HOST": "", "DOCKER_CONFIG": ""}
    assert choose_endpoint(environ, "").address == DEFAULT_ADDRESS


def test_docker_config_names_the_folder(environ: dict[str, str], tmp_path: Path) -> None:
    other = {"HOME": str(tmp_path / "other")}
    Path(other["HOME"]).mkdir()
    _context(other, "there", _named("unix:///run/there.sock"))
    environ["DOCKER_CONFIG"] = f"{other['HOME']}/.docker"
    assert choose_endpoint(environ, "there").address == "unix:///run/there.sock"


def test_an_unknown_context_is_not_found(environ: dict[str, str]) -> None:
    error = _refused(environ, "nosuch")
    assert error.code is ErrorCode.NOT_FOUND
    assert error.message == "no such context: nosuch"
    environ["DOCKER_CONTEXT"] = "gone"
    assert _refused(environ).message == "no such context: gone"
    del environ["DOCKER_CONTEXT"]
    _config(environ, '{"currentContext": "lost"}')
    assert _refused(environ).message == "no such context: lost"


def test_podmans_variable_alone_is_refused(environ: dict[str, str]) -> None:
    environ["CONTAINER_HOST"] = "unix:///run/podman.sock"
    error = _refused(environ)
    assert error.code is ErrorCode.STORE
    assert "Docker engines only" in error.message
    assert choose_endpoint(environ, "default").address == DEFAULT_ADDRESS
    environ["DOCKER_HOST"] = "unix:///run/docker.sock"
    assert choose_endpoint(environ, None).address == "unix:///run/docker.sock"


@pytest.mark.parametrize(
    "address",
    [
        "tcp://10.0.0.1:2375",
        "tcp://",
        "http://host",
        "npipe:////./pipe/x",
        "fd://",
        "/run/x",
        "unix://x",
        "ssh://",
        "ssh://-oProxyCommand=x",
        "ssh://-u@host",
        "ssh://host:x",
        "ssh://host:0",
        "ssh://host:70000",
        "ssh://a b",
        "ssh://host/x?y",
        "ssh://host/x#y",
        "ssh://ho\nst",
        "ssh://@host",
        "ssh://::1",
        "ssh://h\udcff",
    ],
)
def test_other_addresses_are_refused(environ: dict[str, str], address: str) -> None:
    environ["DOCKER_HOST"] = address
    assert _refused(environ).code is ErrorCode.STORE


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '"x"', '{"currentContext": 5}', "[" * 100_000, "\0"]
)
def test_a_damaged_config_is_refused(environ: dict[str, str], content: str) -> None:
    _config(environ, content)
    assert _refused(environ).code is ErrorCode.STORE


def test_a_config_that_is_a_folder_is_refused(environ: dict[str, str]) -> None:
    Path(environ["HOME"], ".docker", "config.json").mkdir(parents=True)
    assert _refused(environ).code is ErrorCode.STORE


@pytest.mark.parametrize(
    "meta", [{}, [], {"Endpoints": {}}, _named("tcp://x:1"), {"Endpoints": {"docker": {"Host": 1}}}]
)
def test_a_damaged_or_distant_context_is_refused(environ: dict[str, str], meta: object) -> None:
    _context(environ, "bad", meta)
    assert _refused(environ, "bad").code is ErrorCode.STORE


def test_odd_names_of_contexts(environ: dict[str, str]) -> None:
    for name in ("../../etc", "a\0b", "\udcff", "x" * 100_000):
        assert _refused(environ, name).code is ErrorCode.NOT_FOUND


@pytest.mark.parametrize("kind", ["config", "context"])
def test_a_fifo_is_refused_at_once(environ: dict[str, str], kind: str) -> None:
    _context(environ, "mine", _named("unix:///run/mine.sock"))
    _config(environ, "{}")
    (meta,) = Path(environ["HOME"], ".docker").glob("contexts/meta/*/meta.json")
    path = meta if kind == "context" else Path(environ["HOME"], ".docker", "config.json")
    path.unlink()
    os.mkfifo(path)
    error = _refused(environ, "mine" if kind == "context" else None)
    assert error.message == f"{path}: it is not a plain file"


@pytest.mark.parametrize("scheme", ["ssh", "tcp"])
def test_a_password_is_refused_and_not_shown(environ: dict[str, str], scheme: str) -> None:
    environ |= {"DOCKER_HOST": f"{scheme}://me:hunter2@host", "DOCKER_TLS_VERIFY": "1"}
    error = _refused(environ)
    assert error.code is ErrorCode.STORE
    assert "hunter2" not in f"{error.message}{error.hint}"


@pytest.mark.parametrize(
    ("address", "command"),
    [
        ("ssh://host", ["--", "host", "docker system dial-stdio"]),
        ("ssh://Me@Host:2/", ["-l", "Me", "-p", "2", "--", "Host", "docker system dial-stdio"]),
        ("ssh://[fe80::1%eth0]", ["--", "fe80::1%eth0", "docker system dial-stdio"]),
        (
            "ssh://h/run/a b;c",
            ["--", "h", "docker '--host=unix:///run/a b;c' system dial-stdio"],
        ),
    ],
)
def test_what_ssh_is_asked_for(environ: dict[str, str], address: str, command: list[str]) -> None:
    environ["DOCKER_HOST"] = address
    endpoint = choose_endpoint(environ, None)
    assert endpoint == Endpoint(address, "DOCKER_HOST")
    assert endpoint.path is None
    made = ssh_command(parse_remote(address, ""), endpoint.program, 12)
    assert made[-len(command) :] == command
    assert made[: -len(command)] == [
        "ssh", "-T", "-o", "BatchMode=yes", "-o", "ConnectTimeout=12",
        "-o", "ServerAliveInterval=30",
    ]  # fmt: skip


def test_tls_as_docker_has_it(environ: dict[str, str]) -> None:
    home = Path(environ["HOME"])
    environ["DOCKER_TLS_VERIFY"] = "1"
    assert choose_endpoint(environ, None) == Endpoint(
        "tcp://localhost:2376", "the default", home / ".docker"
    )
    environ["DOCKER_HOST"] = "tcp://host"
    assert choose_endpoint(environ, None).tls == home / ".docker"
    environ["DOCKER_CERT_PATH"] = "/certs"
    assert choose_endpoint(environ, None) == Endpoint("tcp://host", "DOCKER_HOST", Path("/certs"))
    environ["DOCKER_HOST"] = "unix:///run/x.sock"
    assert choose_endpoint(environ, None) == Endpoint("unix:///run/x.sock", "DOCKER_HOST")


def test_tls_without_a_check_is_refused(environ: dict[str, str]) -> None:
    environ["DOCKER_TLS"] = "1"
    assert "DOCKER_TLS_VERIFY=1" in str(_refused(environ).hint)
    environ["DOCKER_HOST"] = "unix:///run/x.sock"
    assert choose_endpoint(environ, None).address == "unix:///run/x.sock"
    meta = {"Endpoints": {"docker": {"Host": "tcp://host:2376", "SkipTLSVerify": True}}}
    _context(environ, "lax", meta)
    error = _refused(environ, "lax")
    assert error.code is ErrorCode.STORE
    assert "SkipTLSVerify" in error.message


def test_a_contexts_tls_files(environ: dict[str, str]) -> None:
    _context(environ, "far", _named("tcp://host:2376"))
    assert "without TLS" in _refused(environ, "far").message
    digest = hashlib.sha256(b"far").hexdigest()
    folder = Path(environ["HOME"], ".docker", "contexts", "tls", digest, "docker")
    folder.mkdir(parents=True)
    environ["DOCKER_CERT_PATH"] = "/certs"
    assert choose_endpoint(environ, "far").tls == folder
