"""Containers that a workload keeps running, on an engine that has such."""

import json
from dataclasses import replace

import pytest

from contctl.core.domain.containers import Container, ListQuery
from tests.commands.harness import IMAGE, Shell
from tests.fakes.engine import FakeEngine


class EngineOfWorkloads(FakeEngine):
    """Each of its containers is the only one of the workload `shop`, which can be named too."""

    def list(self, query: ListQuery) -> tuple[Container, ...]:
        """The workloads first, where they are asked for."""
        found = tuple(replace(each, workload="shop") for each in super().list(query))
        ahead = tuple(replace(each, names=("shop",)) for each in found)
        return (*ahead, *found) if query.workloads else found


@pytest.fixture
def manned(shell: Shell) -> Shell:
    shell.ports.engine = EngineOfWorkloads()
    shell.done("run", "-d", "--name", "shop-1", IMAGE, "sleep", "600")
    return shell


def test_ps_tells_the_workload(manned: Shell) -> None:
    head, row = manned.done("ps").splitlines()
    assert (head.split()[-2:], row.split()[-2:]) == (["NAMES", "WORKLOAD"], ["shop-1", "shop"])
    assert manned.done("ps", "--format", "{{.Names}} {{.Workload}}") == "shop-1 shop\n"
    assert json.loads(manned.done("ps", "--format", "json"))["Workload"] == "shop"
    (document,) = json.loads(manned.done("ps", "--json"))["containers"]
    assert document["workload"] == "shop"


def test_no_column_where_there_are_none(shell: Shell) -> None:
    shell.done("run", "-d", "--name", "web", IMAGE, "sleep", "600")
    assert "WORKLOAD" not in shell.done("ps")
    assert shell.done("ps", "--format", "[{{.Workload}}]") == "[]\n"


@pytest.mark.parametrize("args", [("stats", "--no-stream"), ("top",), ("logs",), ("stop",)])
def test_a_workload_can_be_named(manned: Shell, args: tuple[str, ...]) -> None:
    assert manned.run(*args, "shop").code == 0
    assert manned.run(*args, "nobody").code == 3
