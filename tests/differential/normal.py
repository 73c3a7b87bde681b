"""What may differ from one run to the next, and nothing else: IDs, times, process ids and ports."""

import re

_ID = re.compile(r"(?<![0-9a-z])(?:[0-9a-f]{64}|[0-9a-f]{12})(?![0-9a-z])")
_REPLACED = (
    # 2026-11-23T15:44:32.123456789Z, 2026-11-23 15:44:32 +0000 UTC, 1795448672.123456789
    (
        re.compile(r"\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d| \+0000 UTC)?"),
        "TIME",
    ),
    (re.compile(r"(?<=\"time\":)\d+|(?<=\"timeNano\":)\d+|(?<=\"Created\":)\d+"), "TIME"),
    (re.compile(r"\b\d+ (second|minute|hour)"), r"AGE \1"),
    (re.compile(r"Less than a second"), "AGE seconds"),
    (re.compile(r"(?<=\"Pid\": )[1-9]\d*|(?<=\"Pid\":)[1-9]\d*"), "PID"),
    # Ports that the engine chose: Linux' ephemeral ones and docker's own, from 32768 on.
    (re.compile(r"(?<=[:\"])(3[2-9]|[45]\d|6[0-5])\d{3}(?=->|\"|\n|$)"), "PORT"),
)


def normal(text: str) -> str:
    """`text` with numbered IDs (an ID and its first 12 digits are one), and without times, ages,
    process ids and chosen ports."""
    seen: list[str] = []

    def named(match: re.Match[str]) -> str:
        found = match[0]
        if not re.search(r"[a-f]", found) and len(found) == 12:
            return found
        if found[:12] not in seen:
            seen.append(found[:12])
        return f"ID{seen.index(found[:12])}/{len(found)}"

    for pattern, replacement in _REPLACED:
        text = pattern.sub(replacement, text)
    return _ID.sub(named, text)
