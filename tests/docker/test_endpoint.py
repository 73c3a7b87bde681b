"""Which engine is chosen, and what is refused."""

import hashlib
import json
import os
from pathlib import Path

import pytest

from contctl.backends.docker.endpoint import DEFAULT_ADDRESS, Endpoint, choose_endpoint
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
    ["tcp://10.0.0.1:2375", "ssh://me@host", "npipe:////./pipe/x", "fd://", "/run/x", "unix://x"],
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
