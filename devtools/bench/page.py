"""`docs/performance.md`: written by a whole bench, and read by the short one."""

import datetime
import math
from collections.abc import Sequence
from pathlib import Path

from devtools.bench.table import HEADINGS, WORDS, row
from devtools.bench.works import Result

PAGE = Path(__file__).parents[2] / "docs" / "performance.md"
_TEXT = """\
<!-- Made by `make bench`; changes here are lost. -->

# How long contctl takes

| {headings} |
| {rules} |
{rows}

{verdict}

Measured on {date}: {machine}.

## How to read it

- *contctl* and *the other* are medians. A time runs from the start of a process to its end, its
  output read to the end. Memory is the most that the process held (`ru_maxrss`), 1 MB being
  10^6 bytes.
- Both sides of a pair run right after each other, so that both meet the same machine. The
  *ratio* is the median of the pairs' ratios, the *difference* that of the pairs' differences;
  so neither is exactly what the medians beside it give.
- *At most* is what `make bench` fails above; *aim* is what is worked towards. `+120 ms` bounds
  the difference, since what an engine takes to stop or start a container is its own; `8 x`
  bounds the ratio. `make bench-short`, a part of `make check`, measures the quick ones again,
  and fails where a ratio is more than 1.5 times the one on this page. `stop` and `start` are not
  among those: the engine's share of their ratios varies too much.
- Nothing is left out of contctl's side: each command reads a real keyring, checks token,
  session and role in a real database, writes the audit log where it has to, and asks a real
  engine. `docker` and `kubectl` do none of that; a ratio of 1 is not what to expect of `ps`.
- *Gateway*: through `contctl gateway serve` on a Unix socket. *Terminal*: with a
  pseudo-terminal for input and output, where contctl draws a table. All else writes into a
  pipe.
- Trust ratios, not times: those are the machine's. Where a pair takes many seconds there are
  fewer pairs (`--long-pairs`), so read those ratios with a tenth of doubt.
"""


def page(results: Sequence[Result], machine: Sequence[str], date: datetime.date) -> str:
    """The text of the page. machine: words on its kind."""
    slow = [work.name for work, found in results if work.is_too_slow(found)]
    return _TEXT.format(
        headings=" | ".join(HEADINGS),
        rules=" | ".join("---" if column in WORDS else "---:" for column, _ in enumerate(HEADINGS)),
        rows="\n".join(f"| {' | '.join(row(result))} |" for result in results),
        verdict=f"Above their limit: {'; '.join(slow)}."
        if slow
        else "All are within their limits.",
        date=date.isoformat(),
        machine=", ".join(machine),
    )


def ratios(text: str) -> dict[str, float]:
    """The ratios on a page, by the names of the works. ValueError where they cannot be read."""
    found: dict[str, float] = {}
    for cells in _rows(text):
        if len(cells) != len(HEADINGS):
            raise ValueError(f"a row of {len(cells)} columns, not {len(HEADINGS)}: {cells[0]}")
        name, ratio = cells[0], _ratio(cells[HEADINGS.index("ratio")])
        if name in found:
            raise ValueError(f"two rows of one name: {name}")
        found[name] = ratio
    if not found:
        raise ValueError("a table without rows")
    return found


def _rows(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if line.startswith("|")]
    table = [
        [cell.strip() for cell in line[1:].rstrip().removesuffix("|").split("|")] for line in lines
    ]
    if not table or tuple(table[0]) != HEADINGS:
        raise ValueError(f"no table with the headings {', '.join(filter(None, HEADINGS))}")
    return table[2:]


def _ratio(cell: str) -> float:
    number, _, unit = cell.partition(" ")
    try:
        ratio = float(number)
    except ValueError:
        ratio = math.nan
    if unit != "x" or not 0 < ratio < math.inf:
        raise ValueError(f"not a ratio: {cell!r}")
    return ratio
