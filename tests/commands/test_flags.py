"""Docker's ways to write the values of options."""

import json
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contctl.commands.flags import plain
from contctl.core.errors import ContctlError, ErrorCode
from tests.commands.harness import IMAGE, Shell


@dataclass
class Flag:
    """An option of a command."""

    opts: list[str]
    is_bool_flag: bool = True
    secondary_opts: list[str] = field(default_factory=list)


OPTIONS = [
    Flag(["--all", "-a"]),
    Flag(["--rm"]),
    Flag(["-q"]),
    Flag(["--last", "-n"], False),
    Flag(["--proxy"], secondary_opts=["--no-proxy"]),
    Flag(["--init"], secondary_opts=["--no-init"]),
]


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("--rm=true", "--rm"),
        ("--rm=1 --all=T", "--rm --all"),
        ("--proxy=false --rm", "--no-proxy --rm"),
        ("--proxy=false --proxy", "--no-proxy --proxy"),
        ("--rm=false", ""),
        ("--init=false", "--no-init"),
        ("--init --init=0 x", "--no-init x"),
        ("--init=f --init", "--no-init --init"),
        ("--all -a=0 x", "x"),
        ("-a=0 --all x", "--all x"),
        ("-qa --all=f", "-q"),
        ("-qa=false", "-q"),
        ("-qan=5", "-q -a -n 5"),
        ("-n=5 x", "-n 5 x"),
        ("-n= x", "-n  x"),
        ("-n --rm=false", "-n --rm=false"),
        ("--last --rm=false", "--last --rm=false"),
        ("--last=--rm=x -n", "--last=--rm=x -n"),
        ("-n=-1", "-n -1"),
        ("x --rm=true", "x --rm"),
        ("-- --rm=true", "-- --rm=true"),
        ("- --rm=true", "- --rm"),
        ("-z=1 --zed=x -qz", "-z=1 --zed=x -q -z"),
    ],
)
def test_forms(given: str, wanted: str) -> None:
    assert plain(given.split(), OPTIONS, interspersed=True) == wanted.split(" ")[: len(wanted)]


@pytest.mark.parametrize("first", ["image", "-"])
def test_a_containers_own_command_is_not_touched(first: str) -> None:
    args = [first, "--rm=false", "-n=5", "--all=x"]
    assert plain(["--rm=true", *args], OPTIONS, interspersed=False) == ["--rm", *args]


@given(st.lists(st.sampled_from(["-n", "x", "--rm", "-qa", "--last", "-", "--last=3", "-n7"])))
def test_what_is_plain_already_means_the_same(args: list[str]) -> None:
    once = plain(args, OPTIONS, interspersed=True)
    assert plain(once, OPTIONS, interspersed=True) == once
    assert "".join(once).replace("-", "") == "".join(args).replace("-", "")


@pytest.mark.parametrize(
    ("word", "name"), [("--rm=x", "--rm"), ("--all=", "--all"), ("-qa=yes", "-a")]
)
def test_what_is_no_boolean(word: str, name: str) -> None:
    with pytest.raises(ContctlError) as caught:
        plain([word], OPTIONS, interspersed=True)
    assert caught.value.code is ErrorCode.USAGE
    value = word.partition("=")[2]
    assert caught.value.message == f'invalid argument "{value}" for "{name}"'


def test_ps(shell: Shell) -> None:
    shell.done("run", IMAGE, "true")
    assert len(shell.done("ps", "-aq=true").splitlines()) == 1
    assert shell.done("ps", "-a=false", "-q") == ""
    assert shell.done("ps", "--all", "--all=false", "-q") == ""
    assert len(shell.done("ps", "-n=5", "-q").splitlines()) == 1
    result = shell.run("ps", "--all=maybe")
    assert (result.code, result.out) == (2, "")
    assert result.err == 'error: invalid argument "maybe" for "--all"\n'
    assert shell.run("--no-input=true", "ps").code == 0
    assert shell.run("--no-input=x", "ps").code == 2


def test_changes(shell: Shell) -> None:
    for name in ("one", "two"):
        shell.container(name)
    shell.done("stop", "-t=0", "one")
    assert shell.run("rm", "--force=false", "two").code == 6
    shell.done("rm", "-f=true", "one", "two")
    result = shell.run("run", "--rm=nope", IMAGE, "true")
    assert (result.code, result.out) == (125, "")
    assert result.err == 'error[usage]: invalid argument "nope" for "--rm"\n'
    done = shell.done("run", "--rm=true", "-e=A=1", IMAGE, "echo", "--rm=false", "-n=5")
    assert done == "--rm=false -n=5\n"
    assert json.loads(shell.done("ps", "-a", "--json"))["containers"] == []


def test_what_docker_has_not_either(shell: Shell) -> None:
    assert "not yet" not in shell.run("run", "--bogus", IMAGE).err
    assert "not yet" not in shell.run("ps", "-t").err
