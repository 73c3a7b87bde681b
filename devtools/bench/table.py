"""The table of what was measured."""

from collections.abc import Sequence

from devtools.bench.works import Goal, Result

HEADINGS = (
    "work", "against", "contctl", "the other", "ratio", "difference", "at most", "aim", "pairs", "",
)  # fmt: skip
WORDS = (0, 1, 9)
"""The columns that hold words; numbers are in the others."""


def row(result: Result) -> tuple[str, ...]:
    """A result under the headings."""
    work, found = result
    at_most, aim, verdict = "", "", ""
    if goal := work.goal:
        at_most = _asked(goal, goal.at_most)
        aim = "" if goal.aim is None else _asked(goal, goal.aim)
        verdict = "TOO SLOW" if goal.is_missed(found) else "ok"
        verdict = "aim reached" if goal.is_reached(found) else verdict
    return (
        work.name,
        work.against,
        f"{found.ours:.1f} {work.unit}",
        f"{found.theirs:.1f} {work.unit}",
        f"{found.ratio:.2f} x",
        f"{found.difference:+.1f} {work.unit}",
        at_most,
        aim,
        str(found.pairs),
        verdict,
    )


def aligned(results: Sequence[Result]) -> list[str]:
    """The table as lines for a terminal."""
    rows = [HEADINGS, *map(row, results)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["   ".join(_padded(cells, widths)).rstrip() for cells in rows]


def _padded(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [
        text.ljust(width) if column in WORDS else text.rjust(width)
        for column, (text, width) in enumerate(zip(cells, widths, strict=True))
    ]


def _asked(goal: Goal, number: float) -> str:
    return f"{number:+g} ms" if goal.over else f"{number:g} x"
