"""`contctl context`, on contexts in memory."""

import json
from pathlib import Path

import pytest

from contctl.core.domain.engines import EngineAddress, EngineKind
from contctl.core.domain.places import Contexts, Gateway
from tests.commands.harness import Shell

URL = "https://ops.example"
ADDRESS = "https://ops.example:8443"


@pytest.fixture
def shell() -> Shell:
    return Shell()


def test_create_use_show_and_list(shell: Shell) -> None:
    shell.client.docker.engines["desktop"] = "unix:///desktop.sock"
    assert shell.done("context", "create", "prod", "--gateway", URL) == "prod\n"
    assert shell.done("context", "show") == "default\n"
    result = shell.run("context", "use", "prod")
    assert (result.code, result.out, result.err) == (0, "prod\n", "")
    assert shell.done("context", "show") == "prod\n"
    assert shell.done("context", "ls", "-q") == "default\ndesktop\nprod\n"
    why = "'contctl context use' chose it"
    assert shell.done("context", "ls").splitlines() == [
        "CURRENT   NAME      KIND      ADDRESS                       WHY",
        "          default   docker    unix:///var/run/docker.sock   ",
        "          desktop   docker    unix:///desktop.sock          ",
        f"*         prod      gateway   https://ops.example:8443      {why}",
    ]


def test_the_current_one_and_why(shell: Shell) -> None:
    shell.done("context", "create", "prod", "--gateway", URL)
    line = "{{.Current}}{{.Name}}: {{.Reason}}"
    for environ, args, expected in (
        ({}, (), "*default: docker's own choice, and nothing else is chosen"),
        ({"DOCKER_HOST": "unix:///x"}, (), "*default: DOCKER_HOST is set"),
        ({"DOCKER_CONTEXT": "prod"}, (), "*prod: DOCKER_CONTEXT is set"),
        ({"CONTCTL_CONTEXT": "prod"}, (), "*prod: CONTCTL_CONTEXT is set"),
        ({"CONTCTL_CONTEXT": "prod"}, ("-c", "default"), "*default: --context"),
    ):
        shell.environ.clear()
        shell.environ.update(environ)
        out = shell.done("context", "ls", "--format", line, *args)
        assert [each for each in out.splitlines() if each.startswith("*")] == [expected]


def test_the_local_gateway(shell: Shell) -> None:
    shell.client.own.is_there = True
    shell.environ["DOCKER_HOST"] = "unix:///x"
    assert shell.done("context", "show") == "local-gateway\n"
    found = json.loads(shell.done("context", "show", "--json"))["context"]
    assert found == {
        "name": "local-gateway",
        "kind": "gateway",
        "address": "unix:///run/contctl/contctl.sock",
        "ca": None,
        "current": True,
        "reason": "its socket is on this machine, and nothing else is chosen",
        "own": False,
        "problem": None,
        "tls": None,
        "kube_context": None,
        "namespace": None,
        "gateway_engine": None,
    }
    assert shell.done("context", "use", "default") == "default\n"
    assert shell.done("context", "show") == "default\n"
    shell.client.own.is_there = False
    assert shell.done("context", "ls", "-q") == "default\n"
    shell.done("context", "use", "local-gateway")
    assert shell.done("context", "ls", "-q") == "default\nlocal-gateway\n"


def test_json(shell: Shell) -> None:
    shell.client.docker.engines["broken"] = None
    shell.done("context", "create", "prod", "--gateway", URL)
    found = json.loads(shell.done("context", "ls", "--json"))["contexts"]
    assert [each["name"] for each in found] == ["broken", "default", "prod"]
    assert found[0]["problem"]
    assert found[0]["address"] is None
    assert (found[2]["address"], found[2]["own"], found[2]["current"]) == (ADDRESS, True, False)
    (inspected,) = json.loads(shell.done("context", "inspect", "prod"))
    assert inspected == found[2]
    assert json.loads(shell.done("context", "inspect", "--json"))["context"] == found[1]
    assert shell.done("context", "inspect", "-f", "{{.address}}", "prod") == f"{ADDRESS}\n"
    assert json.loads(shell.done("context", "inspect", "-f", "json", "prod")) == inspected


def test_certificates(shell: Shell, tmp_path: Path) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_text("-----BEGIN CERTIFICATE-----\n")
    shell.done("context", "create", "prod", "--gateway", URL, "--ca", str(ca))
    assert shell.client.own.contexts.gateways == {"prod": Gateway(ADDRESS, str(ca))}
    ca.write_text("-----BEGIN PRIVATE KEY-----\n")
    for path in (ca, tmp_path, tmp_path / "absent", tmp_path / "\udcff"):
        result = shell.run("context", "create", "b", "--gateway", URL, "--ca", str(path))
        assert (result.code, result.out) == (2, "")
        assert result.err.startswith("error: --ca ")
    assert set(shell.client.own.contexts.gateways) == {"prod"}


def test_one_of_a_gateways_engines(shell: Shell) -> None:
    shell.done("context", "create", "prod", "--gateway", URL, "--engine", "far")
    assert shell.client.own.contexts.gateways == {"prod": Gateway(ADDRESS, None, "far")}
    assert f"{ADDRESS}, engine far" in shell.done("context", "ls")
    (found,) = json.loads(shell.done("context", "inspect", "prod"))
    assert (found["address"], found["gateway_engine"]) == (ADDRESS, "far")


@pytest.mark.parametrize(
    ("args", "code", "error"),
    [
        (["create", "x"], 2, "missing option --docker, --podman, --kubernetes or --gateway"),
        (["create", "x", "--docker", "unix:///x", "--kubernetes"], 2, "cannot be given together"),
        (["create", "x", "--docker", "unix:///x", "--ca", "f"], 2, "--ca goes with --gateway only"),
        (["create", "x", "--gateway", URL, "--tls", "f"], 2, "--tls goes with --docker only"),
        (["create", "x", "--podman", "unix://", "--namespace", "a"], 2, "goes with --kubernetes"),
        (["create", "x", "--gateway", URL, "--kube-context", "a"], 2, "goes with --kubernetes"),
        (["create", "x", "--kubernetes", "--namespace", "A"], 2, "not a name of a namespace: 'A'"),
        (["create", "x", "--docker", "unix:///x", "--engine", "a"], 2, "--engine goes with"),
        (["create", "x", "--gateway", URL, "--engine", "A"], 2, "not an engine's name: 'A'"),
        (["create", "x", "--gateway", "http://ops"], 2, "not a gateway's address: 'http://ops'"),
        (["create", "a/b", "--gateway", URL], 2, "not a name for a context: 'a/b'"),
        (["create", "default", "--gateway", URL], 2, "the context default is always there"),
        (["create", "local-gateway", "--gateway", URL], 2, "local-gateway is always there"),
        (["create", "prod", "--gateway", URL], 6, "there is a context prod already"),
        (["create", "x", "--docker", "host"], 2, "not an address of a Docker engine: 'host'"),
        (["create", "x", "--docker", "tcp://h:2375"], 2, "without --tls FOLDER anybody on the way"),
        (["create", "x", "--podman", "tcp://h:1"], 2, "not an address of a Podman engine"),
        (["create", "x", "--docker", "tcp://h:1", "--tls", "/absent"], 2, "no such folder"),
        (["create", "pods", "--podman", "unix://"], 6, "there is a context pods already"),
        (["create", "container-host", "--kubernetes"], 2, "container-host is always there"),
        (["use", "container-host"], 2, "as long as CONTAINER_HOST is set"),
        (["rm", "container-host"], 2, "as long as CONTAINER_HOST is set"),
        (["use", "absent"], 3, "no such context: absent"),
        (["inspect", "absent"], 3, "no such context: absent"),
        (["show", "-c", "absent"], 3, "no such context: absent"),
        (["rm", "absent"], 3, "no such context: absent"),
        (["rm", "default"], 2, "the context default is always there"),
        (["rm", "desktop"], 2, "the context desktop is docker's"),
        (["rm", "prod"], 6, "the context prod is in use"),
        (["ls", "--format", "{{.Nope}}"], 2, "there is no field Nope"),
    ],
)
def test_refusals_change_nothing(shell: Shell, args: list[str], code: int, error: str) -> None:
    shell.client.docker.engines["desktop"] = "unix:///desktop.sock"
    pods = EngineAddress(EngineKind.KUBERNETES)
    before = Contexts({"prod": Gateway(ADDRESS)}, "prod", {"pods": pods})
    shell.client.own.contexts = before
    result = shell.run("context", *args)
    assert (result.code, result.out) == (code, "")
    assert error in result.err.splitlines()[0]
    assert shell.client.own.contexts == before


def test_engines(shell: Shell, tmp_path: Path) -> None:
    for name in ("ca.pem", "cert.pem", "key.pem"):
        result = shell.run(
            "context", "create", "far", "--docker", "tcp://far", "--tls", f"{tmp_path}"
        )
        assert (result.code, result.out) == (2, "")
        assert f"there is no {name}" in result.err
        (tmp_path / name).touch()
    shell.done("context", "create", "far", "--docker", "tcp://far", "--tls", str(tmp_path))
    shell.done("context", "create", "found", "--podman", "unix://")
    shell.done("context", "create", "ssh", "--podman", "ssh://me@ops/run/podman.sock")
    east = ("--kube-context", "east", "--namespace", "web")
    shell.done("context", "create", "east", "--kubernetes", *east)
    shell.done("context", "create", "here", "--kubernetes")
    shell.done("context", "use", "east")
    why = "'contctl context use' chose it"
    assert shell.done("context", "ls").splitlines() == [
        "CURRENT   NAME      KIND         ADDRESS                        WHY",
        "          default   docker       unix:///var/run/docker.sock    ",
        f"*         east      kubernetes   context east, namespace web    {why}",
        "          far       docker       tcp://far:2376                 ",
        "          found     podman       unix://                        ",
        "          here      kubernetes   current context                ",
        "          ssh       podman       ssh://me@ops/run/podman.sock   ",
    ]
    found = json.loads(shell.done("context", "inspect", "east", "--json"))["context"]
    assert (found["kube_context"], found["namespace"], found["own"]) == ("east", "web", True)
    assert shell.done("context", "inspect", "far", "-f", "{{.tls}}") == f"{tmp_path}\n"
    assert shell.done("context", "rm", "far", "here") == "far\nhere\n"
    assert list(shell.client.own.contexts.engines) == ["found", "ssh", "east"]
    assert shell.run("context", "rm", "east").code == 6


def test_the_engine_of_podmans_variable(shell: Shell) -> None:
    shell.environ["CONTAINER_HOST"] = "ssh://me:hunter2@ops/run/podman.sock"
    line = "{{.Current}}{{.Name}} {{.Kind}} {{.Address}} {{.Reason}}"
    assert shell.done("context", "ls", "--format", line).splitlines() == [
        "*container-host podman ssh://me:***@ops/run/podman.sock CONTAINER_HOST is set",
        "default docker unix:///var/run/docker.sock ",
    ]
    assert shell.done("context", "show") == "container-host\n"
    assert shell.done("context", "show", "-c", "container-host") == "container-host\n"
    shell.environ["DOCKER_HOST"] = "unix:///x"
    assert shell.done("context", "show") == "default\n"
    assert shell.run("context", "use", "default").err == ""
    del shell.environ["DOCKER_HOST"]
    warning = "warning: commands go elsewhere as long as CONTAINER_HOST is set\n"
    assert shell.run("context", "use", "default").err == warning


def test_rm_tries_every_one(shell: Shell) -> None:
    for name in ("a", "b"):
        shell.done("context", "create", name, "--gateway", URL)
    result = shell.run("context", "rm", "a", "absent", "b")
    assert (result.code, result.out) == (3, "a\nb\n")
    assert result.err.startswith("error: no such context: absent\nhint: ")
    assert shell.client.own.contexts.gateways == {}


def test_contctls_name_comes_before_dockers(shell: Shell) -> None:
    shell.client.docker.engines["prod"] = "unix:///docker.sock"
    result = shell.run("context", "create", "prod", "--gateway", URL)
    assert (result.code, result.out) == (0, "prod\n")
    assert result.err == "warning: docker has a context prod too; contctl's comes first\n"
    found = json.loads(shell.done("context", "ls", "--json"))["contexts"]
    assert [each["address"] for each in found if each["name"] == "prod"] == [ADDRESS]


def test_use_says_where_commands_go_all_the_same(shell: Shell) -> None:
    shell.client.docker.engines["desktop"] = "unix:///desktop.sock"
    shell.environ["DOCKER_HOST"] = "unix:///x"
    result = shell.run("context", "use", "desktop")
    assert result.err == "warning: commands go elsewhere as long as DOCKER_HOST is set\n"
    assert shell.run("context", "use", "default").err == ""
    shell.environ["CONTCTL_CONTEXT"] = "desktop"
    result = shell.run("context", "use", "default")
    assert result.err == "warning: commands go elsewhere as long as CONTCTL_CONTEXT is set\n"


def test_a_choice_that_is_not_there(shell: Shell) -> None:
    result = shell.run("context", "ls", "-q", "-c", "gone")
    assert (result.code, result.out) == (0, "default\n")
    assert result.err == "warning: what is chosen is not there; 'contctl context show' names it\n"
    assert shell.run("context", "show", "-c", "gone").err.startswith("error: no such context: gone")
    assert shell.run("context", "ls").err == ""
