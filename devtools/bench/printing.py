"""What was measured, as text for a terminal."""

import os
import sys
from collections.abc import Sequence

import contctl
from devtools.bench.place import CONTAINERS, Place
from devtools.bench.works import Result

_HEADINGS = ("work", "against", "contctl", "other", "ratio", "limit", "")


def heading(place: Place, pairs: int) -> str:
    """What is compared, and under which load."""
    versions = place.run(
        place.docker, "version", "--format", "{{.Client.Version}}, engine {{.Server.Version}}"
    )
    python = ".".join(map(str, sys.version_info[:3]))
    return (
        f"contctl {contctl.__version__}, Python {python}, docker {versions.strip()}, "
        f"{CONTAINERS} containers, {pairs} pairs, "
        f"{os.cpu_count()} cores under a load of {os.getloadavg()[0]:.1f}"
    )


def table(results: Sequence[Result]) -> list[str]:
    """The results as lines with aligned columns."""
    rows = [_HEADINGS, *map(_row, results)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        texts = [text.ljust(width) for text, width in zip(row[:2], widths, strict=False)]
        texts += [text.rjust(width) for text, width in zip(row[2:6], widths[2:], strict=False)]
        lines.append("   ".join([*texts, row[6]]).rstrip())
    return lines


def _row(result: Result) -> tuple[str, ...]:
    work, found = result
    limit, verdict = "", ""
    if work.limit is not None:
        limit = f"{work.limit:g} x"
        verdict = "TOO SLOW" if work.is_too_slow(found) else "ok"
    numbers = (f"{found.ours:.1f} {work.unit}", f"{found.theirs:.1f} {work.unit}")
    return (work.name, work.against, *numbers, f"{found.ratio:.1f} x", limit, verdict)
