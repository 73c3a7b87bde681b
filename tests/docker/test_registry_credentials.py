"""The caller's registry credentials, from files and from helpers."""

import base64
import json
import os
from pathlib import Path

import pytest

from contctl.backends.docker.registry import DockerRegistryCredentials
from contctl.core.errors import ContctlError, ErrorCode

CANARY = "canary-7f3a-password"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "bin").mkdir()
    return {"DOCKER_CONFIG": str(tmp_path), "PATH": f"{tmp_path}/bin:{os.environ['PATH']}"}


def _config(environ: dict[str, str], config: object) -> None:
    text = config if isinstance(config, str) else json.dumps(config)
    Path(environ["DOCKER_CONFIG"], "config.json").write_text(text)


def _helper(environ: dict[str, str], script: str) -> None:
    path = Path(environ["DOCKER_CONFIG"], "bin", "docker-credential-test")
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def _find(environ: dict[str, str], image: str) -> dict[str, str] | None:
    found = DockerRegistryCredentials(environ, helper_seconds=5).find(image)
    return None if found is None else json.loads(found.reveal())


def _fails(environ: dict[str, str], seconds: float = 5) -> ContctlError:
    with pytest.raises(ContctlError) as caught:
        DockerRegistryCredentials(environ, seconds).find("registry.example/app")
    error = caught.value
    assert CANARY not in f"{error.message} {error.hint} {error.details} {error.__cause__!r}"
    return error


def _auth(password: str) -> dict[str, str]:
    return {"auth": base64.b64encode(f"me:{password}".encode()).decode()}


def test_nothing_is_kept(environ: dict[str, str]) -> None:
    assert _find(environ, "busybox") is None
    _config(environ, {"currentContext": "default"})
    assert _find(environ, "busybox") is None


def test_a_stored_password(environ: dict[str, str]) -> None:
    _config(environ, {"auths": {"registry.example": _auth("pw")}})
    found = _find(environ, "registry.example/team/app:v1")
    assert found is not None
    assert (found["username"], found["password"]) == ("me", "pw")
    assert _find(environ, "other.example/app") is None
    assert _find(environ, "busybox") is None


def test_docker_hub_by_its_old_address(environ: dict[str, str]) -> None:
    _config(environ, {"auths": {"https://index.docker.io/v1/": _auth("hub")}})
    found = _find(environ, "busybox")
    assert found is not None
    assert found["password"] == "hub"


def test_a_helper_is_asked(environ: dict[str, str]) -> None:
    _config(environ, {"credsStore": "test"})
    _helper(environ, 'read s; echo "{\\"Username\\": \\"me\\", \\"Secret\\": \\"for $s\\"}"')
    found = _find(environ, "registry.example/app")
    assert found is not None
    assert found == {
        "username": "me",
        "password": "for registry.example",
        "serveraddress": "registry.example",
    }
    hub = _find(environ, "busybox")
    assert hub is not None
    assert hub["password"] == "for https://index.docker.io/v1/"


def test_a_helper_of_one_registry(environ: dict[str, str]) -> None:
    _config(environ, {"credHelpers": {"registry.example": "test"}})
    _helper(environ, 'echo \'{"Username": "<token>", "Secret": "t"}\'')
    found = _find(environ, "registry.example/app")
    assert found is not None
    assert found["identitytoken"] == "t"
    assert _find(environ, "other.example/app") is None


def test_a_helper_without_an_entry(environ: dict[str, str]) -> None:
    _config(environ, {"credsStore": "test"})
    _helper(environ, "echo 'credentials not found in native keychain'; exit 1")
    assert _find(environ, "registry.example/app") is None


def test_failing_helpers(environ: dict[str, str]) -> None:
    _config(environ, {"credsStore": "test"})
    assert "not installed" in _fails(environ).message
    _helper(environ, f"echo {CANARY}; echo {CANARY} >&2; exit 3")
    assert "failed with code 3" in _fails(environ).message
    _helper(environ, f"echo {CANARY}")
    assert "garbage" in _fails(environ).message
    _helper(environ, "exec sleep 30")
    error = _fails(environ, seconds=0.3)
    assert error.code is ErrorCode.STORE
    assert "does not answer" in error.message


@pytest.mark.parametrize(
    "config",
    ["{", {"auths": 5}, {"auths": {"x": 5}}, {"auths": {"x": {"auth": CANARY}}}],
)
def test_a_damaged_config(environ: dict[str, str], config: object) -> None:
    _config(environ, config)
    assert _fails(environ).code is ErrorCode.STORE


def test_what_names_no_image(environ: dict[str, str]) -> None:
    _config(environ, {"auths": {"registry.example": _auth("pw")}})
    for image in ("https://registry.example/app", "-x.example/app"):
        with pytest.raises(ContctlError) as caught:
            _find(environ, image)
        assert caught.value.code is ErrorCode.USAGE
