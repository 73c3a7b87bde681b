"""The folders that the environment names."""

from pathlib import Path

import pytest

from contctl.backends.clock import SystemClock
from contctl.bootstrap.ports import Places, SystemPorts
from contctl.core.errors import ContctlError, ErrorCode
from tests.e2e.machine import Machine


@pytest.mark.parametrize("home", ["contctl", "./contctl", "~/contctl", "../contctl", " /contctl"])
def test_a_relative_home_is_refused(home: str) -> None:
    with pytest.raises(ContctlError) as caught:
        Places.of({"CONTCTL_HOME": home})
    assert caught.value.code is ErrorCode.STORE
    assert caught.value.message == f"CONTCTL_HOME is not an absolute path: {home!r}"
    with pytest.raises(ContctlError):
        _ = SystemPorts(
            {"CONTCTL_HOME": home}, SystemClock(), context=None, interactive=False
        ).store


def test_an_absolute_home_holds_everything() -> None:
    place = Path("/var/lib/contctl")
    assert Places.of({"CONTCTL_HOME": str(place)}) == Places(place, place, place)


@pytest.mark.parametrize("args", [("ps",), ("whoami",), ("init",), ("refresh",), ("logout",)])
def test_nothing_is_made_under_a_relative_home(tmp_path: Path, args: tuple[str, ...]) -> None:
    machine = Machine(tmp_path, {"CONTCTL_HOME": "here", "CONTCTL_CREDENTIAL_STORE": "file"})
    result = machine.run(*args)
    assert (result.code, result.out) == (9, "")
    assert result.err == (
        "error: CONTCTL_HOME is not an absolute path: 'here'\n"
        "hint: write the whole path, from / on\n"
    )
