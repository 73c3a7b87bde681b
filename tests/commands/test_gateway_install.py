"""gateway install: what it prints, and how it ends."""

import json

import pytest

from contctl.core.domain.gateway_plan import EngineSocket, JoinGroup, SystemUser
from contctl.core.errors import ContctlError, ErrorCode
from tests.commands.harness import Shell
from tests.fakes.service_host import FakeServiceHost

DONE = """\
changed  group contctl
changed  user contctl
changed  user contctl in the group docker
changed  folder /etc/contctl
changed  file /etc/contctl/gateway.toml (left alone once it is there)
changed  folder /var/lib/contctl
changed  folder /run/contctl
changed  file /etc/sysusers.d/contctl-gateway.conf
changed  file /etc/tmpfiles.d/contctl-gateway.conf
changed  file /etc/systemd/system/contctl-gateway.socket
changed  file /etc/systemd/system/contctl-gateway.service
ok       systemd's units
"""


@pytest.fixture
def host(empty_shell: Shell) -> FakeServiceHost:
    """A machine with an engine and systemd, on which all goes well."""
    host = empty_shell.client.service_host
    host.groups["docker"] = 120
    host.sockets["/var/run/docker.sock"] = EngineSocket("docker", 120, writable=True)
    return host


def test_it_prints_a_script_and_changes_nothing(empty_shell: Shell, host: FakeServiceHost) -> None:
    host.uid = 1000
    result = empty_shell.run("gateway", "install")
    assert (result.code, result.err) == (0, "")
    assert result.out.startswith("#!/bin/sh\n")
    assert "\nExecStart=/opt/contctl/bin/contctl gateway serve\n" in result.out
    assert result.out.endswith(
        "#   systemctl enable --now contctl-gateway.socket contctl-gateway.service\n"
    )
    assert (set(host.users), host.files) == ({"root"}, {})


def test_apply_says_what_it_did_and_what_is_next(empty_shell: Shell, host: FakeServiceHost) -> None:
    result = empty_shell.run("gateway", "install", "--apply")
    assert (result.code, result.out) == (0, DONE)
    assert result.err.splitlines() == [
        "next, as root; an upgraded gateway has to be started anew:",
        "  systemctl enable --now contctl-gateway.socket contctl-gateway.service",
        "  contctl --context local-gateway init",
        "and for each who may call, from the next login on:",
        "  usermod --append --groups contctl NAME",
        "  gpasswd --delete NAME docker",
    ]
    assert host.members == {"docker": {"contctl"}}
    assert host.reloads == 1


def test_a_second_apply_changes_nothing_and_says_so(
    empty_shell: Shell, host: FakeServiceHost
) -> None:
    empty_shell.done("gateway", "install", "--apply")
    host.files["/etc/contctl/gateway.toml"] = "# mine"
    result = empty_shell.run("gateway", "install", "--apply")
    assert (result.code, result.out) == (0, DONE.replace("changed", "ok     "))
    assert result.err == "nothing had to be changed\n"
    assert host.files["/etc/contctl/gateway.toml"] == "# mine"


def test_without_systemd_it_shows_the_command_line(
    empty_shell: Shell, host: FakeServiceHost
) -> None:
    host.systemd = False
    result = empty_shell.run("gateway", "install", "--apply", "--user", "svc", "--group", "team")
    assert result.code == 0
    assert "systemd" not in result.out
    assert (
        "  setpriv --reuid svc --regid team --init-groups --no-new-privs"
        " /opt/contctl/bin/contctl gateway serve\n" in result.err
    )
    assert result.err.endswith(
        "  usermod --append --groups team NAME\n  gpasswd --delete NAME docker\n"
    )


def test_a_step_that_fails_is_said_and_what_is_left(
    empty_shell: Shell, host: FakeServiceHost
) -> None:
    host.out_of_order[JoinGroup] = ContctlError(ErrorCode.FAILED, "user x: no \x1b[31m")
    result = empty_shell.run("gateway", "install", "--apply", tty=True)
    assert (result.code, result.out) == (1, "".join(DONE.splitlines(keepends=True)[:2]))
    assert result.err == (
        "error: user x: no \\x1b[31m\nhint: put it right; 10 of 12 steps are left, run this again\n"
    )
    document = json.loads(empty_shell.run("gateway", "install", "--apply", "--json").out)
    assert [step["changed"] for step in document["steps"]] == [False] * 3 + [None] * 9
    assert document["steps"][2]["error"]["code"] == "failed"
    assert document["steps"][3]["error"] is None
    host.out_of_order.clear()
    assert empty_shell.run("gateway", "install", "--apply").code == 0


def test_what_is_in_the_way_is_a_warning_or_an_error(
    empty_shell: Shell, host: FakeServiceHost
) -> None:
    host.users["contctl"] = SystemUser(1000, "/bin/bash")
    result = empty_shell.run("gateway", "install")
    assert result.code == 0
    assert result.err.startswith("warning: the user contctl is there, and is no system user")
    result = empty_shell.run("gateway", "install", "--apply")
    assert (result.code, result.out) == (6, "")
    assert result.err.startswith("error: the user contctl is there, and is no system user")
    assert host.files == {}


def test_only_root_may_apply_it(empty_shell: Shell, host: FakeServiceHost) -> None:
    host.uid = 1000
    result = empty_shell.run("gateway", "install", "--apply")
    assert (result.code, result.out) == (5, "")
    assert result.err.startswith("error: only root may install the gateway\n")
    assert host.files == {}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"weak": "others than root may write /opt"}, 9),
        ({"path": "/home/ada/contctl"}, 9),
        ({"modules": set()}, 8),
        ({"sockets": {}}, 7),
    ],
)
def test_exit_codes(
    empty_shell: Shell, host: FakeServiceHost, change: dict[str, object], code: int
) -> None:
    vars(host).update(change)
    result = empty_shell.run("gateway", "install", "--apply")
    assert (result.code, result.out) == (code, "")
    assert len(result.err.splitlines()) == 2
    assert set(host.users) == {"root"}


@pytest.mark.parametrize("option", ["--user=a b", "--group=$(id)", "--engine=tcp://1.2.3.4:2375"])
def test_bad_options(empty_shell: Shell, option: str) -> None:
    result = empty_shell.run("gateway", "install", option)
    assert (result.code, result.out) == (2, "")
    assert result.err.startswith(f"error: {option.partition('=')[0]}: ")


def test_json(empty_shell: Shell, host: FakeServiceHost) -> None:
    document = json.loads(empty_shell.done("gateway", "install", "--json"))
    assert sorted(document) == ["problems", "start", "steps"]
    assert document["steps"][0] == {
        "what": "group contctl",
        "command": "getent group contctl >/dev/null || groupadd --system contctl",
        "changed": None,
        "error": None,
    }
    assert host.files == {}
    document = json.loads(empty_shell.done("gateway", "install", "--apply", "--json"))
    assert [step["changed"] for step in document["steps"]] == [True] * 11 + [False]
