"""The caller's registry credentials, from files and from helpers."""

import base64
import json
import os
from pathlib import Path

import pytest

from contctl.backends.docker.registry import DockerRegistryCredentials
from contctl.core.errors import ContctlError, ErrorCode
from tests.bounded import eventually

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


def test_a_helper_gets_no_ci_token(environ: dict[str, str]) -> None:
    _config(environ, {"credsStore": "test"})
    answer = """printf '{"Username": "%s", "Secret": "got %s"}'"""
    _helper(environ, f'{answer} "$GIVEN" "$CONTCTL_TOKEN$CONTCTL_TOKEN_FILE"')
    given = {"GIVEN": "me", "CONTCTL_TOKEN": CANARY, "CONTCTL_TOKEN_FILE": CANARY}
    found = _find(environ | given, "registry.example/app")
    assert found is not None
    assert (found["username"], found["password"]) == ("me", "got ")


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


def test_a_helper_that_answers_without_end(environ: dict[str, str]) -> None:
    _config(environ, {"credsStore": "test"})
    pids = Path(environ["DOCKER_CONFIG"], "pids")
    _helper(environ, f"sleep 60 & echo $$ $! > {pids}; while :; do echo {CANARY * 50}; done")
    error = _fails(environ, seconds=30)
    assert error.code is ErrorCode.STORE
    assert "answers without end" in error.message
    for pid in pids.read_text().split():
        _ends(pid)


def test_what_a_silent_helper_began_is_ended_too(environ: dict[str, str]) -> None:
    _config(environ, {"credsStore": "test"})
    pids = Path(environ["DOCKER_CONFIG"], "pids")
    _helper(environ, f"sleep 60 & echo $! > {pids}; wait")
    assert "does not answer" in _fails(environ, seconds=1).message
    _ends(pids.read_text().strip())


def test_a_helper_that_reads_nothing(environ: dict[str, str]) -> None:
    _config(environ, {"credsStore": "test"})
    _helper(environ, 'exec <&-; echo \'{"Username": "me", "Secret": "pw"}\'')
    found = _find(environ, f"{'r' * 200_000}.example/app")
    assert found is not None
    assert found["password"] == "pw"


def _ends(pid: str) -> None:
    eventually(lambda: not _runs(pid), f"process {pid} was ended")


def _runs(pid: str) -> bool:
    """Whether a process is there, and no zombie that nobody has waited for."""
    try:
        return Path("/proc", pid, "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


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


def test_a_fifo_is_refused_at_once(environ: dict[str, str]) -> None:
    path = Path(environ["DOCKER_CONFIG"], "config.json")
    os.mkfifo(path)
    error = _fails(environ)
    assert error.code is ErrorCode.STORE
    assert error.message == f"{path}: it is not a plain file"
