"""The two ways to lay out a table for a terminal show the same."""

import re
from collections.abc import Iterator
from io import BytesIO

from hypothesis import given
from hypothesis import strategies as st

from contctl.commands.output.table import ELLIPSIS, rich_lines, styled_lines
from contctl.commands.output.terminal import Terminal

STYLES = ("", "bold", "dim", "red", "green", "yellow")
NARROW = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x7E) | st.just(ELLIPSIS), max_size=12
).map(str.strip)
_SEQUENCE = re.compile(r"\x1b\[([0-9;]*)m")


def terminal(*, color: bool) -> Terminal:
    environ = {"TERM": "xterm-256color", **({} if color else {"NO_COLOR": "1"})}
    stdin, stdout, stderr = BytesIO(), BytesIO(), BytesIO()
    return Terminal(stdin, stdout, stderr, True, True, True, environ)


def seen(line: str) -> str:
    """Each character of `line` but the blanks at its end, and how it looks; blanks look alike."""

    def looks() -> Iterator[tuple[str, str]]:
        style, at = "", 0
        for sequence in _SEQUENCE.finditer(line):
            yield from (
                (each, style if each != " " else "") for each in line[at : sequence.start()]
            )
            style, at = sequence[1].removeprefix("0"), sequence.end()
        yield from ((each, "") for each in line[at:])

    found = list(looks())
    while found and found[-1][0] == " ":
        found.pop()
    return repr(found)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[list[str]], list[list[str]]]:
    """A table with headers, and the styles of its rows."""
    width = draw(st.integers(1, 5))
    heads = st.lists(NARROW.filter(bool), min_size=width, max_size=width)
    rows = draw(st.lists(st.lists(NARROW, min_size=width, max_size=width), max_size=5))
    chosen = [[draw(st.sampled_from(STYLES)) for _ in row] for row in rows]
    return [draw(heads), *rows], chosen


@given(tables(), st.booleans())
def test_both_ways_agree(made: tuple[list[list[str]], list[list[str]]], color: bool) -> None:
    table, chosen = made
    quick = styled_lines(table, [["bold"] * len(table[0]), *chosen], color)
    rich = rich_lines(terminal(color=color), table, chosen)
    assert [seen(line) for line in quick] == [seen(line) for line in rich]


def test_wide_characters_are_aligned_by_rich() -> None:
    lines = rich_lines(terminal(color=True), [["A", "B"], ["容器", "x"]], [["", ""]])
    plain = [_SEQUENCE.sub("", line).rstrip() for line in lines]
    assert plain == ["A     B", "容器  x"]
