"""What templates may be, and what they may do: no source brings down more than itself."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contctl.commands.output.escape import escaped
from contctl.commands.output.template import Struct, compile_template
from contctl.core.errors import ContctlError, ErrorCode
from tests.templates.cases import INSPECT, LIST

usage = pytest.raises(ContctlError, check=lambda error: error.code is ErrorCode.USAGE)
DATA: dict[str, Any] = {
    "Name": "web\x1b",
    "On": True,
    "None": None,
    "Number": 5,
    "List": ["a\n", 1, None, [2]],
    "Map": {"b": 1, "a": {"c": "x<y"}},
    "Struct": Struct({"A": 1, "B": "b"}),
}
PIECES = [
    "{{", "}}", "{{- ", " -}}", "{{if ", "{{range ", "{{with ", "{{else}}", "{{else if ", "{{end}}",
    "{{break}}", "{{continue}}", "{{define ", "{{/*", "*/}}", ".",
    ".Name", ".Map", ".List", ".Nope",
    ".Struct.B", "$", "$x", "$x := ", "$x = ", "$i, $v := ", "(", ")", "|", " ", ",", '"a"',
    '"%d%s%*v"',
    "`r`", "'c'", "1", "-1", "1.5", "0x", "1e9", "99999999999999999999", "true", "nil",
    "and ", "or ",
    "eq ", "lt ", "index ", "slice ", "len ", "print ", "printf ", "println ", "json ", "join ",
    "split ", "pad ", "truncate ", "title ", "html ", "call ", "\n", "\\", '"', "é", "\ud800",
]  # fmt: skip


def refusal(source: str) -> ContctlError | None:
    """What becomes of a template: the error, or None where it can be shown."""
    try:
        template = compile_template(source, escaped)
        template.heading({"Name": "NAME"})
        template(DATA)
    except ContctlError as error:
        return error
    return None


@settings(max_examples=400)
@given(st.one_of(st.lists(st.sampled_from(PIECES), max_size=12).map("".join), st.text()))
def test_no_source_raises_anything_else(source: str) -> None:
    error = refusal(source)
    assert error is None or (error.code is ErrorCode.USAGE and "{{" in error.message)


@settings(max_examples=200)
@given(st.sampled_from(INSPECT + LIST), st.integers(0, 60), st.integers(0, 60))
def test_no_piece_of_a_template_raises_anything_else(source: str, start: int, end: int) -> None:
    for cut in (source[start:end], source[:start] + source[end:]):
        error = refusal(cut)
        assert error is None or error.code is ErrorCode.USAGE


@pytest.mark.parametrize(
    "source",
    [
        "{{range 199999}}{{range 199999}}{{end}}{{end}}",
        "{{range 9999999999}}{{end}}",
        '{{$x := "aaaaaaaaaa"}}{{range 60}}{{$x = print $x $x}}{{end}}',
        '{{range 100000}}{{printf "%9999d" 1}}{{end}}',
        "{{range 100000}}{{json $}}{{end}}",
    ],
)
def test_a_run_is_bounded(source: str) -> None:
    with usage as caught:
        compile_template(source)(DATA)
    assert "it takes too many steps" in caught.value.message or "text" in caught.value.message


@pytest.mark.parametrize(
    "source",
    ["{{" + "(" * 5000 + "1" + ")" * 5000 + "}}", "{{if 1}}" * 5000 + "{{end}}" * 5000,
     "{{if 0}}" + "{{else if 0}}" * 5000 + "{{end}}", "{{1" + "0" * 5000 + "}}"],
)  # fmt: skip
def test_a_source_is_bounded(source: str) -> None:
    with usage as caught:
        compile_template(source)
    assert len(caught.value.message) < 300


def test_data_that_is_nested_too_deeply() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    for source in ("{{.x}}", "{{json .x}}", "{{print .x}}", '{{printf "%s" .x}}', "{{html .x}}"):
        with usage:
            compile_template(source)({"x": deep})


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{.Name}}", r"web\x1b"),
        ("{{range .List}}{{.}};{{end}}", r"a\n;1;<no value>;[2];"),
        ('{{printf "%s\\n" .Name}}', "web\\x1b\n"),
        ("{{println .Name}}", "web\\x1b\n"),
        ('{{"a\\tb\\n"}}', "a\tb\n"),
        ("{{upper .Name}}", r"WEB\x1b"),
        ("{{json .Name}}", r'"web\u001b"'),
        ('{{printf "%q" .Name}}', r'"web\x1b"'),
        ("{{printf .Name}}", r"web\x1b"),
        ("{{html .Name}}", r"web\x1b"),
        ("{{index .List 0 | print | print}}", r"a\n"),
        ("{{slice .Name 1}}", r"eb\x1b"),
        ('{{join (split .Name "e") "\\n"}}', "w\nb\\x1b"),
        ('{{printf "%c" 27}}', r"\x1b"),
        ('{{"\\x1b"}}', "\x1b"),
    ],
)  # fmt: skip
def test_what_comes_from_outside_is_shown_and_the_rest_as_it_is(source: str, text: str) -> None:
    assert compile_template(source, escaped)(DATA) == text


def test_a_table_has_the_heads_of_its_fields() -> None:
    template = compile_template('{{upper .Name}}|{{if .On}}{{.On}}{{end}}|{{join .Name "x"}}|never')
    assert template.heading({"Name": "NAME", "On": "ON"}) == "NAME|ON|"
    assert template.fields == ("Name", "On")
    assert compile_template("{{range .List}}{{.Name}}{{end}}{{json $}}").fields == (
        "List",
        "Name",
        "",
    )


def test_an_error_names_the_part_and_what_there_is() -> None:
    with usage as caught:
        compile_template("{{.Name}} {{nope .Name}}")
    assert caught.value.message == (
        "the template part {{nope .Name}} cannot be shown: there is no function 'nope'"
    )
    assert "truncate" in (caught.value.hint or "")
    with usage as caught:
        compile_template("{{define `x`}}{{end}}")
    assert caught.value.message.endswith("'define' is not supported")
    with usage as caught:
        compile_template("{{.Name}} {{if true}}{{.Nmae}}{{end}}")(DATA)
    assert "{{.Nmae}} cannot be shown: there is no field Nmae" in caught.value.message
    assert caught.value.hint == "the fields are Name, On, None, Number, List, Map, Struct"
