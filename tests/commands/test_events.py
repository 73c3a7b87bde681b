"""contctl events: docker's lines, templates, and what is not told."""

import json
import time

import pytest

from tests.commands.harness import IMAGE, Shell


@pytest.fixture
def past(shell: Shell) -> list[str]:
    """Options for the events of a container `web` that was made, started and has ended."""
    before = time.time() - 1
    shell.done("run", "--name", "web", "-l", "a=b", IMAGE, "true")
    return ["events", "--since", f"{before:.3f}", "--until", f"{time.time() + 0.2:.3f}"]


def test_lines_as_dockers(shell: Shell, past: list[str]) -> None:
    lines = shell.done(*past).splitlines()
    assert [line.split()[2] for line in lines][:2] == ["create", "start"]
    assert all(line.split()[1] == "container" for line in lines)
    assert "a=b" in lines[0]
    assert "name=web)" in lines[0]


def test_formats(shell: Shell, past: list[str]) -> None:
    first = json.loads(shell.done(*past, "--format", "json").splitlines()[0])
    assert list(first) == [
        "status", "id", "from", "Type", "Action", "Actor", "scope", "time", "timeNano",
    ]  # fmt: skip
    assert first["timeNano"] // 10**9 == first["time"]
    template = "{{.Type}} {{.Action}} {{.Status}} {{.From}} {{.Scope}} {{.Actor.Attributes.name}}"
    assert shell.done(*past, "--format", template).splitlines()[0] == (
        f"container create create {IMAGE} local web"
    )
    (document, *_) = json.loads(shell.done(*past, "--json"))["events"]
    assert (document["action"], document["attributes"]["name"]) == ("create", "web")
    assert document["at"].endswith("Z")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--filter", "container"], "not a filter: 'container'"),
        (["--filter", "type=network"], "not events that contctl shows: 'network'"),
        (["--filter", "event=exec_create: sh -c secret"], "by the command line of an exec"),
        (["-f", "event=exec_start", "-f", "event=exec_create:x"], "by the command line of an exec"),
        (["--since", "never"], "not a time"),
        (["--json"], "--json prints one document"),
        (["--format", "{{.Actor"], "cannot be shown"),
    ],
)
def test_what_is_refused(shell: Shell, args: list[str], message: str) -> None:
    result = shell.run("events", *args)
    assert (result.code, result.out) == (2, "")
    assert message in result.err
