"""Two real engines behind one installed gateway, and a user who has a grant about one of them."""

import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools.engine import PrivateEngine
from devtools.gateway import PrivateGateway
from tests.e2e.machine import IMAGE, PASSWORD, Machine
from tests.real_docker import private_engine

pytestmark = pytest.mark.docker


@pytest.fixture
def people(docker_engine: PrivateEngine, tmp_path: Path) -> Iterator[tuple[Machine, Machine]]:
    """The machines of the admin `ada` and of `eve`, each with the contexts `near` and `far`."""
    with private_engine() as other:
        engines = (
            f'[engines.near]\ndocker = "{docker_engine.host}"\n'
            f'[engines.far]\ndocker = "{other.host}"\n'
        )
        with PrivateGateway("", engines) as gateway:
            machines = []
            for name in ("ada", "eve"):
                machine = Machine(tmp_path / name, {"CONTCTL_CREDENTIAL_STORE": "file"})
                machine.home.mkdir()
                for engine in ("near", "far"):
                    to = ("--gateway", gateway.host, "--engine", engine)
                    machine.done("context", "create", engine, *to)
                machine.done("context", "create", "plain", "--gateway", gateway.host)
                machine.environ["CONTCTL_CONTEXT"] = "near"
                machines.append(machine)
            ada, eve = machines
            ada.init()
            ada.done("user", "add", "eve", "--password-stdin", stdin=PASSWORD.encode())
            ada.done("user", "grant", "eve", "developer", "--engine", "near")
            eve.login("eve")
            yield ada, eve


def test_two_engines(people: tuple[Machine, Machine]) -> None:
    ada, eve = people
    name = f"web-{secrets.token_hex(4)}"
    ids = {
        engine: ada.done(
            "-c", engine, "run", "-d", "--name", name, IMAGE, "sh", "-c",
            f"echo {engine}; exec sleep 600",
        ).strip()
        for engine in ("near", "far")
    }  # fmt: skip
    try:
        for engine, found in ids.items():
            listed = ada.done("-c", engine, "ps", "-q", "--no-trunc", "-f", f"name={name}")
            assert listed.split() == [found]
            assert ada.done("-c", engine, "logs", name) == f"{engine}\n"
        assert ada.run("-c", "near", "inspect", ids["far"]).code == 3
        assert eve.done("exec", name, "echo", "inside") == "inside\n"
        assert eve.done("ps", "-q", "-f", f"name={name}").split() == [ids["near"][:12]]
        for args in (("ps",), ("logs", name), ("stop", ids["far"]), ("images",)):
            result = eve.run("-c", "far", *args)
            assert (result.code, result.out) == (3, "")
            assert result.err == (
                "error: no such engine: far\n"
                "hint: your grants are about near; 'contctl context create' takes --engine\n"
            )
        result = eve.run("-c", "plain", "ps")
        assert (result.code, result.out) == (2, "")
        assert "far" not in result.err
        assert eve.done("-c", "far", "whoami") == "eve\n"
        assert ada.done("-c", "near", "stop", "-t", "0", name) == f"{name}\n"
        assert ada.done("-c", "far", "ps", "-q", "--no-trunc").split() == [ids["far"]]
        records = json.loads(ada.done("audit", "ls", "--container", name, "--json"))["records"]
        assert {record["detail"].partition(";")[0] for record in records} == {
            "on the engine near",
            "on the engine far",
        }
    finally:
        ada.run("-c", "near", "rm", "-f", name)
