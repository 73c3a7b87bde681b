"""`docs/performance.md`: the short bench reads what the whole one writes, or says what is wrong."""

import datetime
from collections.abc import Callable

import pytest

from devtools.bench.page import PAGE, page, ratios
from devtools.bench.runs import Comparison, compared
from devtools.bench.short import WORSE, judge
from devtools.bench.works import STOP_ONE, Goal, Result, Work, everyday

LISTING = Work("ps, pipe", "docker ps", goal=Goal(8, 4))
LOGS = Work("logs, gateway", "docker logs")
DAY = datetime.date(2026, 2, 3)


def found(ratio: float, difference: float = 75) -> Comparison:
    return Comparison(100, 25, ratio, difference, 20)


def text(*results: Result) -> str:
    return page(results, ("2 cores", "Python 3.11"), DAY)


def test_what_is_written_is_read() -> None:
    written = text((LISTING, found(4.126)), (LOGS, found(0.994)))
    assert ratios(written) == {"ps, pipe": 4.13, "logs, gateway": 0.99}
    assert "Measured on 2026-02-03: 2 cores, Python 3.11." in written
    assert (
        "| ps, pipe | docker ps | 100.0 ms | 25.0 ms | 4.13 x | +75.0 ms | 8 x | 4 x | 20 | ok |"
    ) in written


@pytest.mark.parametrize(
    ("work", "measured", "verdict"),
    [
        (LISTING, found(8.1), "TOO SLOW"),
        (LISTING, found(8.0), "ok"),
        (LISTING, found(4.0), "aim reached"),
        (STOP_ONE, found(1.1, difference=121), "TOO SLOW"),
        (STOP_ONE, found(9.9, difference=120), "ok"),
        (STOP_ONE, found(9.9, difference=50), "aim reached"),
        (Work("restart", "of one", goal=Goal(10)), found(0.1), "ok"),
        (LOGS, found(99), ""),
    ],
)
def test_a_verdict_is_of_the_ratio_or_of_the_difference(
    work: Work, measured: Comparison, verdict: str
) -> None:
    written = text((work, measured))
    assert f"| 20 | {verdict} |" in written
    named = f"Above their limit: {work.name}." in written
    assert named == work.is_too_slow(measured) == (verdict == "TOO SLOW")


@pytest.mark.parametrize(
    ("damage", "complaint"),
    [
        (lambda text: text[:0], "no table"),
        (lambda text: text.replace("| ratio |", "| times |"), "no table"),
        (lambda text: text.split("| ps, pipe")[0], "without rows"),
        (lambda text: text.replace("| 4.00 x |", "|"), "a row of 9 columns"),
        (lambda text: text.replace("4.00 x", "4.00 ms"), "not a ratio: '4.00 ms'"),
        (lambda text: text.replace("4.00 x", "x"), "not a ratio: 'x'"),
        (lambda text: text.replace("4.00 x", ""), "not a ratio: ''"),
        (lambda text: text.replace("4.00 x", "nan x"), "not a ratio: 'nan x'"),
        (lambda text: text.replace("4.00 x", "inf x"), "not a ratio: 'inf x'"),
        (lambda text: text.replace("4.00 x", "0 x"), "not a ratio: '0 x'"),
        (lambda text: text.replace("4.00 x", "-4 x"), "not a ratio: '-4 x'"),
        (lambda text: text + text.splitlines()[6], "two rows of one name: ps, pipe"),
    ],
)
def test_a_broken_page_is_refused(damage: Callable[[str], str], complaint: str) -> None:
    whole = text((LISTING, found(4)))
    broken = damage(whole)
    assert broken != whole
    with pytest.raises(ValueError, match=complaint):
        ratios(broken)


def test_a_ratio_is_bad_from_half_as_much_again(capsys: pytest.CaptureFixture[str]) -> None:
    written = {"ps, pipe": 4.0}
    assert judge([(LISTING, found(4 * WORSE))], written) == []
    (complaint,) = judge([(LISTING, found(4 * WORSE + 0.01))], written)
    assert "ps, pipe: 6.01 x in 20 pairs, 4.00 x was written" in complaint
    assert "ps, pipe: 6.00 x in 20 pairs" in capsys.readouterr().out


def test_a_work_that_is_not_written_is_no_success() -> None:
    with pytest.raises(RuntimeError, match="does not tell of 'logs, gateway'"):
        judge([(LOGS, found(1))], {"ps, pipe": 4.0})


def test_the_committed_page_tells_of_all_quick_works() -> None:
    quick = {work.name for work in everyday("docker")}
    assert quick <= ratios(PAGE.read_text()).keys()


def test_a_ratio_is_of_pairs_not_of_medians() -> None:
    said = compared([(10, 1), (20, 10), (90, 30)])
    assert said == Comparison(20, 10, 3, 10, 3)
