"""The parts of the comparison, each by itself."""

from dataclasses import replace

import pytest

from tests.differential.compare import Seen, problems
from tests.differential.differences import Difference
from tests.differential.flags import Flag, used
from tests.differential.normal import normal
from tests.differential.table import Case

LONG = "0123456789abcdef" * 4
OTHER = "fedcba9876543210" * 4
CASE = Case("ps", 1, "ps")
SAID = Seen(0, "out\n", "", "after\n")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"{LONG} {LONG[:12]} {OTHER[:12]}", "ID0/64 ID0/12 ID1/12"),
        ("sha256:" + OTHER, "sha256:ID0/64"),
        (LONG[:13], LONG[:13]),
        ("123456789012", "123456789012"),
        ("2026-11-23T15:44:32.123456789Z", "TIME"),
        ("2026-11-23 15:44:32 +0000 UTC", "TIME"),
        ("Up 9 seconds   ", "Up AGE seconds   "),
        ("Exited (3) 2 minutes ago", "Exited (3) AGE minutes ago"),
        ("127.0.0.1:32768->80/tcp", "127.0.0.1:PORT->80/tcp"),
        ("127.0.0.1:8080->80/tcp", "127.0.0.1:8080->80/tcp"),
        ('"HostPort": "49153"', '"HostPort": "PORT"'),
        ('"Pid": 123, "Pid": 0', '"Pid": PID, "Pid": 0'),
        ("10.1.2.3 sleep 3600 50%", "10.1.2.3 sleep 3600 50%"),
    ],
)
def test_only_ids_times_pids_and_ports_are_replaced(text: str, shown: str) -> None:
    assert normal(text) == shown


@pytest.mark.parametrize(
    "ours",
    [
        replace(SAID, code=1),
        replace(SAID, out="out"),
        replace(SAID, out="out\nmore\n"),
        replace(SAID, err="WARNING: no\n"),
        replace(SAID, after=""),
        replace(SAID, files="100644 new"),
    ],
)
def test_what_is_not_alike_is_told(ours: Seen) -> None:
    assert problems(CASE, SAID, SAID, {}) == []
    assert len(problems(CASE, SAID, ours, {})) == 1


@pytest.mark.parametrize(
    ("err", "good"),
    [
        ("error: no such container: x\n", True),
        ("error[not-found]: x\nhint: see 'contctl ps'\n", True),
        ("error: x\nhint: a\nhint: b\n", False),
        ("error: x\nTraceback\n", False),
        ("", False),
        ("Error response from daemon: x\n", True),
    ],
)
def test_an_error_is_one_line_and_a_hint(err: str, good: bool) -> None:
    failed = Seen(1, "", "Error response from daemon: x\n")
    assert (problems(CASE, failed, replace(failed, err=err), {}) == []) == good


def test_a_difference_has_to_be_there() -> None:
    case = replace(CASE, differs=("x",))
    code = {"x": Difference("x", "", "", docker=1, contctl=3)}
    failed = Seen(1, "", "no\n")
    ours = Seen(3, "", "error: no\n")
    assert problems(case, failed, ours, code) == []
    assert problems(case, failed, replace(ours, code=1), code)
    assert problems(case, replace(failed, code=125), ours, code)
    data = {"x": Difference("x", "", "", stdout="other")}
    assert problems(case, SAID, replace(SAID, out="else\n"), data) == []
    assert problems(case, SAID, SAID, data)
    order = {"x": Difference("x", "", "", stdout="any order")}
    two = replace(SAID, out="a\nb\n")
    assert problems(case, two, replace(two, out="b\na\n"), order) == []
    assert problems(case, two, replace(two, out="b\na"), order)


def test_flags_of_a_line() -> None:
    flags = [Flag("--all", "-a", False), Flag("--last", "-n", True), Flag("--quiet", "-q", False)]
    assert used("ps", ["-aq", "-n", "-q"], flags[:2]) == {"--all", "--last"}
    assert used("ps", ["--last=1", "x", "-q"], flags) == {"--last", "--quiet"}
    assert used("run", ["--last", "1", "x", "-q"], flags) == {"--last"}
    assert used("ps", ["-n1", "--", "-q"], flags) == {"--last"}
