"""The main job, from outside: the installed command, the real keyring, the real engine."""

import json
import secrets
import subprocess
import sys
import time

import pytest

from tests.e2e.machine import IMAGE, PASSWORD, Machine

pytestmark = [pytest.mark.docker, pytest.mark.keyring]


def test_the_tokens_are_in_the_keyring_and_in_no_file(machine: Machine) -> None:
    authority = json.loads(machine.done("whoami", "--json"))["authority"]
    script = f"import keyring; print(keyring.get_password('contctl', {authority!r}))"
    kept = subprocess.run(
        [sys.executable, "-c", script],
        env=machine.environment(),
        capture_output=True,
        check=True,
        timeout=60,
    ).stdout.decode()
    item = json.loads(kept)
    assert sorted(item) == ["access", "gen", "refresh"]
    for path in (machine.home / "contctl").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for secret in (item["access"], item["refresh"], PASSWORD):
                assert secret.encode() not in content


def test_see_and_steer_containers(machine: Machine) -> None:
    name = f"web-{secrets.token_hex(4)}"
    container_id = machine.done(
        "run", "-d", "--name", name, "-e", "COLOR=blue", "-l", f"team={name}", IMAGE,
        "sh", "-c", "echo hello $COLOR; exec sleep 600",
    ).strip()  # fmt: skip
    assert len(container_id) == 64
    listed = machine.done("ps", "--filter", f"label=team={name}", "--format", "{{.Names}}").split()
    assert listed == [name]
    assert machine.done("ps", "-q", "--no-trunc", "-f", f"name={name}").split() == [container_id]
    assert machine.done("logs", name) == "hello blue\n"
    assert machine.done("exec", name, "sh", "-c", "cat /proc/1/cmdline").startswith("sleep")
    assert machine.done("stop", "-t", "0", name) == f"{name}\n"
    row = json.loads(machine.done("ps", "-a", "-f", f"name={name}", "--format", "json"))
    assert row["State"] == "exited"
    assert row["Labels"] == f"team={name}"
    assert machine.done("start", name) == f"{name}\n"
    assert machine.done("restart", "-t", "0", name) == f"{name}\n"
    assert machine.done("kill", name) == f"{name}\n"
    (data,) = json.loads(machine.done("inspect", name))
    assert data["Id"] == container_id
    assert data["Config"]["Labels"] == {"team": name}
    assert machine.done("inspect", "-f", "{{.State.Status}}", name) == "exited\n"
    assert machine.done("rm", name) == f"{name}\n"
    assert machine.run("inspect", name).code == 3


def test_a_foreground_run_is_the_process_itself(machine: Machine) -> None:
    script = "read line; echo got $line; echo oops >&2; exit 7"
    result = machine.run("run", "--rm", "-i", IMAGE, "sh", "-c", script, stdin=b"input\n")
    assert (result.code, result.out, result.err) == (7, "got input\n", "oops\n")
    result = machine.run("run", "--rm", IMAGE, "no-such-command")
    assert (result.code, result.out) == (127, "")
    assert result.err.startswith("error[failed]: ")
    result = machine.run("run", "--rm", IMAGE, "/etc")
    assert result.code == 126


def test_bytes_pass_unchanged(machine: Machine, web: str) -> None:
    data = bytes(range(256)) * 4096
    process = machine.start("exec", "-i", web, "cat")
    out, err = process.communicate(data, timeout=60)
    assert (process.returncode, err) == (0, b"")
    assert out == data


def test_an_explicit_refresh_renews_what_has_expired(machine: Machine, web: str) -> None:
    machine.set_access_ttl("1s")
    machine.done("refresh")
    time.sleep(1.2)
    result = machine.run("ps")
    assert (result.code, result.out) == (4, "")
    assert result.err == "error: the access token has expired\nhint: run 'contctl refresh'\n"
    machine.set_access_ttl("10m")
    machine.done("refresh")
    assert web in machine.done("ps")
