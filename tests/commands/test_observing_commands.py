"""top, port, diff, wait, rename, pause and unpause: what they print, where, and how they end."""

import json

import pytest

from contctl.core.domain.roles import Role
from contctl.core.errors import ContctlError, ErrorCode
from tests.commands.harness import IMAGE, Shell


def test_pause_and_unpause(shell: Shell) -> None:
    shell.container("web")
    assert shell.done("pause", "web") == "web\n"
    result = shell.run("pause", "web")
    assert (result.code, result.out) == (6, "")
    assert shell.done("container", "unpause", "web") == "web\n"
    assert shell.run("unpause", "web", "nope").code == 1
    outcomes = json.loads(shell.done("pause", "--json", "web"))["outcomes"]
    assert [each["done"] for each in outcomes] == [True]


def test_rename(shell: Shell) -> None:
    shell.container("web")
    shell.container("other")
    result = shell.run("rename", "web", "/shop")
    assert (result.code, result.out, result.err) == (0, "", "")
    assert shell.ports.engine.changes[-1][-1] == "/shop"
    for args, code in (
        (("nope", "new"), 3),
        (("other", "other"), 6),
        ((" ", "new"), 2),
        (("other", ""), 2),
        (("other",), 2),
        (("other", "a", "b"), 2),
    ):
        result = shell.run("rename", *args)
        assert (result.code, result.out) == (code, "")
        assert result.err.startswith("error: ")


def test_port(shell: Shell) -> None:
    ports = ("9", "10", "127.0.0.1:8080:80", "[::1]:8081:80", "8079:80", "53:53/udp")
    shell.done(
        "run", "-d", "--name", "web", *[word for port in ports for word in ("-p", port)], IMAGE,
        "sleep", "600",
    )  # fmt: skip
    assert shell.done("port", "web") == (
        "53/udp -> :53\n80/tcp -> 127.0.0.1:8080\n80/tcp -> :8079\n80/tcp -> [::1]:8081\n"
    )
    for port in ("80", "80/tcp", "80/"):
        assert shell.done("port", "web", port) == "127.0.0.1:8080\n:8079\n[::1]:8081\n"
    assert shell.done("port", "web", "53/udp") == ":53\n"
    document = json.loads(shell.done("port", "--json", "web", "53/udp"))
    assert document == {
        "ports": [{"container_port": 53, "protocol": "udp", "host_ip": None, "host_port": 53}]
    }
    for port in ("53", "9", "99", "80/TCP", "080"):
        result = shell.run("port", "web", port)
        assert (result.code, result.out) == (3, "")
        assert result.err == f"error: no public port '{port}' published for web\n"
    for port in ("x", "80-81", "65536", "-1", "٣", "9" * 5000):
        assert shell.run("port", "web", "--", port).code == 2
    shell.done("stop", "-t", "0", "web")
    assert shell.done("port", "web") == ""


def test_port_in_dockers_order(shell: Shell) -> None:
    ports = [word for number in (9, 10, 100) for word in ("-p", f"{number}:{number}")]
    shell.done("run", "-d", "--name", "web", *ports, IMAGE, "sleep", "600")
    assert shell.done("port", "web") == ("9/tcp -> :9\n10/tcp -> :10\n100/tcp -> :100\n")


def test_top(shell: Shell) -> None:
    shell.container("web")
    assert shell.done("top", "web", "-o", "pid,comm") == (f"{'PID':20}COMMAND\n{'4711':20}sleep\n")
    head, row = shell.done("top", "web").splitlines()
    assert head.split() == ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"]
    assert row.endswith("sleep 600")
    document = json.loads(shell.done("top", "--json", "web", "-o", "pid"))
    assert document == {"titles": ["PID"], "processes": [["4711"]]}
    assert "4711" in shell.run("top", "web", tty=True).out
    result = shell.run("top", "web", "--json")
    assert (result.code, result.out) == (1, "")
    shell.login_as(Role.VIEWER)
    assert shell.run("top", "web").code == 0
    result = shell.run("top", "web", "-o", "pid")
    assert (result.code, result.out) == (5, "")
    assert "lacks container:exec" in result.err


def test_diff(shell: Shell) -> None:
    shell.container("web")
    assert shell.done("diff", "web") == ""
    shell.ports.engine.put_files("web", {"/tmp/a\nb": b""})
    assert shell.done("diff", "web") == "C /tmp\nA /tmp/a\nb\n"
    assert shell.run("diff", "web", tty=True).out == "C /tmp\nA /tmp/a\\nb\n"
    assert json.loads(shell.done("diff", "--json", "web"))["changes"][0] == {
        "kind": "changed",
        "path": "/tmp",
    }
    assert shell.run("diff", "nope").code == 3


def test_wait(shell: Shell) -> None:
    for name, code in (("zero", 0), ("three", 3), ("four", 4)):
        shell.run("run", "--name", name, IMAGE, "sh", "-c", f"exit {code}")
    assert shell.done("wait", "four", "zero", "three", "zero") == "4\n0\n3\n0\n"
    result = shell.run("wait", "nope", "four")
    assert (result.code, result.out) == (3, "4\n")
    assert result.err == "error: no such container: nope\n"
    result = shell.run("wait", "--json", "three", "nope")
    ended, absent = json.loads(result.out)["exits"]
    assert result.code == 3
    assert (ended["ref"], ended["code"], ended["error"]) == ("three", 3, None)
    assert (absent["id"], absent["code"], absent["error"]["code"]) == (None, None, "not-found")
    many = shell.done("wait", *["three"] * 120)
    assert many == "3\n" * 120


@pytest.mark.parametrize(
    ("refs", "code"),
    [("zero", 0), ("zero four three", 4), ("three zero", 3), ("four nope", 3), ("huge", 255)],
)
def test_wait_ends_with_the_exit_code(shell: Shell, refs: str, code: int) -> None:
    for name, number in (("zero", 0), ("three", 3), ("four", 4), ("huge", 256)):
        shell.run("run", "--name", name, IMAGE, "sh", "-c", f"exit {number}")
    assert shell.run("wait", "--exit-code", *refs.split()).code == code


def test_a_wait_that_fails_says_so(shell: Shell) -> None:
    shell.container("web")
    shell.run("run", "--name", "done", IMAGE, "true")
    shell.ports.engine.fail_next("wait", ContctlError(ErrorCode.UNAVAILABLE, "down"))
    result = shell.run("wait", "web", "done")
    assert (result.code, result.out, result.err) == (7, "0\n", "error: down\n")
