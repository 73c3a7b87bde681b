"""Escaping, tables, templates, ports and times."""

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contctl.commands.container.ports import shown_ports
from contctl.commands.output.escape import escaped, is_plain
from contctl.commands.output.table import columns
from contctl.commands.output.template import compile_template
from contctl.commands.output.times import ago, size
from contctl.core.domain.containers import Port
from contctl.core.errors import ContctlError, ErrorCode

usage = pytest.raises(ContctlError, check=lambda error: error.code is ErrorCode.USAGE)


@given(st.text())
def test_nothing_that_steers_a_terminal_is_left(text: str) -> None:
    shown = escaped(text)
    assert all(unicodedata.category(each)[0] != "C" for each in shown)
    assert not set(shown) & set("\x1b\x9b\r\n\b\u202e\u2066\u200f\u2028\x7f")
    if text.isprintable():
        assert shown == text


def test_escapes_can_be_told() -> None:
    assert escaped("a\x1b[31m\u202e\x9b\ud800é") == "a\\x1b[31m\\u202e\\x9b\\ud800é"


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    assert columns(("A", "LONG"), [("aaaa", "b"), ("c", "")]) == [
        "A         LONG",
        "aaaa      b",
        "c         ",
    ]
    assert columns(("A",), [("x\n\x1b",)])[1] == "x\\n\\x1b"


DATA = {
    "Name": "web",
    "On": True,
    "None": None,
    "List": ["a", 1],
    "Map": {"b": 1, "a": {"c": "x<y"}},
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("", ""),
        ("plain } text", "plain } text"),
        ("{{.Name}}", "web"),
        ("{{ .Name }}-{{.On}}", "web-true"),
        ("{{.Name}}\t{{.Name}}\n", "web\tweb\n"),
        (r"a\t{{.Name}}", r"a\tweb"),
        ("a {{- .Name -}} b", "awebb"),
        ("a {{- .Name}} b", "aweb b"),
        ("a {{.Name -}} b", "a webb"),
        ("a\n\t {{- .Name -}} \t\n b", "awebb"),
        ("{{.Name -}} {{- .On}}", "webtrue"),
        ("{{.Name}}  {{- .On}}", "webtrue"),
        ("{{- json .Name -}}", '"web"'),
        ("{{-\t.Name\n-}}", "web"),
        ("{{.None}}", "<no value>"),
        ("{{.List}}", "[a 1]"),
        ("{{.Map}}", "map[a:map[c:x<y] b:1]"),
        ("{{.Map.a.c}}", "x<y"),
        ("{{json .Map}}", '{"a":{"c":"x<y"},"b":1}'),
        ("{{json .Name}}", '"web"'),
    ],
)
def test_templates(template: str, text: str) -> None:
    assert compile_template(template)(DATA) == text


@pytest.mark.parametrize(
    "template",
    ["{{", "{{.Name", "{{Name}}", "{{.Name | nope}}", "{{range .List}}x", "{{.}}{{if}}",
     "{{-.Name}}", "{{.Name-}}", "{{- -}}", "{{-}}", "{{}}", "{{/* c}}", "{{ }}"],
)  # fmt: skip
def test_what_templates_cannot_do_is_named(template: str) -> None:
    with usage as raised:
        compile_template(template)
    assert "{{" in raised.value.message


def test_a_field_is_shown_as_the_reader_needs_it() -> None:
    data = {"Name": "a\x1b\n\tb", "Text": "\x9b\u202e\x7f\ud800é"}
    assert compile_template("{{.Name}}\t|", escaped)(data) == "a\\x1b\\n\\tb\t|"
    assert compile_template("{{.Name}}\t|")(data) == "a\x1b\n\tb\t|"
    shown = compile_template("{{json .}}")(data)
    assert all(map(is_plain, shown))
    assert json.loads(shown) == data
    assert "é" in shown


def test_unknown_fields_are_named() -> None:
    for template in ("{{.Nmae}}", "{{.Name.Inner}}", "{{.Map.x}}", "{{json .Nmae}}"):
        with usage:
            compile_template(template)(DATA)
    assert compile_template("{{.Name}} {{json .Map.a}}").fields == ("Name", "Map")


@pytest.mark.parametrize(
    ("ports", "text"),
    [
        ([], ""),
        ([Port(80, "tcp")], "80/tcp"),
        ([Port(80, "tcp", "0.0.0.0", 8080)], "0.0.0.0:8080->80/tcp"),
        ([Port(80, "tcp", "::", 8080)], "[::]:8080->80/tcp"),
        ([Port(80, "tcp", "0.0.0.0", 80)], "0.0.0.0:80->80/tcp"),
        ([Port(82, "tcp"), Port(80, "tcp"), Port(81, "tcp"), Port(90, "udp")], "80-82/tcp, 90/udp"),
        ([Port(80, "tcp"), Port(82, "tcp")], "80/tcp, 82/tcp"),
        (
            [Port(80, "tcp", "0.0.0.0", 80), Port(81, "tcp", "0.0.0.0", 81)],
            "0.0.0.0:80-81->80-81/tcp",
        ),
    ],
)
def test_ports_as_docker_shows_them(ports: list[Port], text: str) -> None:
    assert shown_ports(ports) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "Less than a second"),
        (0.9, "Less than a second"),
        (1, "1 second"),
        (59, "59 seconds"),
        (60, "About a minute"),
        (120, "2 minutes"),
        (59 * 60, "59 minutes"),
        (60 * 60, "About an hour"),
        (90 * 60, "2 hours"),
        (47 * 3600, "47 hours"),
        (48 * 3600, "2 days"),
        (13 * 86400, "13 days"),
        (14 * 86400, "2 weeks"),
        (60 * 86400, "2 months"),
        (729 * 86400, "24 months"),
        (730 * 86400, "2 years"),
    ],
)
def test_ages_as_docker_tells_them(seconds: float, text: str) -> None:
    assert ago(seconds) == f"{text} ago"


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0B"), (999, "999B"), (1000, "1kB"), (1092, "1.09kB"), (5e9, "5GB")]
)
def test_sizes_as_docker_tells_them(count: float, text: str) -> None:
    assert size(count) == text
