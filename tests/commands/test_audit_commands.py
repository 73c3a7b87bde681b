"""audit: what its commands print and how they end."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from contctl.core.domain.audit import AuditEntry, Phase
from contctl.core.errors import ContctlError, ErrorCode
from tests.commands.harness import Shell

WEB = "0123456789ab" + "c" * 52
STOP = AuditEntry(
    at=1_700_000_000_000,
    phase=Phase.INTENT,
    action="container:stop",
    uid=1000,
    user="bob",
    target=WEB,
    target_name="web",
)


@pytest.fixture
def logged(shell: Shell) -> Shell:
    """bob stopped web, which is recorded, and was cut off when he started it."""
    intent = shell.ports.audit.append(STOP)
    done = replace(STOP, phase=Phase.OUTCOME, intent=intent, result="ok", token_id="token-1")
    shell.ports.audit.append(done)
    shell.ports.audit.append(replace(STOP, action="container:start", at=STOP.at + 60_000))
    return shell


def phases(shell: Shell, *args: str) -> list[str]:
    """Action, phase and result of what `audit ls ARGS` lists."""
    shown = ("--format", "{{.Action}} {{.Phase}} {{.Result}}")
    return shell.done("audit", "ls", *shown, *args).splitlines()


BOBS = ["container:stop intent ", "container:stop outcome ok", "container:start intent unknown"]


@pytest.mark.parametrize(
    ("args", "found"),
    [
        ("--user bob", BOBS),
        ("--user bob -n 1", BOBS[2:]),
        ("--action stop", BOBS[:2]),
        ("--action container:start", BOBS[2:]),
        ("--action container:", BOBS),
        ("--action container", []),
        ("--container web", BOBS),
        ("--container 0123456789ab", BOBS),
        ("--container 0123456789", []),
        ("--container ada", []),
        ("--since 2023-11-14T22:14:20Z --until 1s", BOBS[2:]),
        ("--user bob --until 2023-11-14T22:14:20Z", BOBS[:2]),
        ("--user bob --since 5s", BOBS[2:]),
        ("--user bob --action start --container web --since 0", BOBS[2:]),
        ("--user nobody", []),
    ],
)
def test_filters(logged: Shell, args: str, found: list[str]) -> None:
    logged.clock.advance(62)
    assert phases(logged, *args.split()) == found
    tail = logged.done(
        "audit", "tail", "--format", "{{.Action}} {{.Phase}} {{.Result}}", *args.split()
    )
    assert tail.splitlines() == found


@pytest.mark.parametrize("command", ["ls", "tail", "export"])
@pytest.mark.parametrize("option", ["--since", "--until"])
def test_a_time_that_is_none(shell: Shell, command: str, option: str) -> None:
    result = shell.run("audit", command, option, "soon")
    assert (result.code, result.out) == (2, "")
    error, hint = result.err.splitlines()
    assert error == "error: not a time: 'soon'"
    assert hint.startswith("hint: times are written ")


def test_json_has_the_token_and_an_unknown_end(logged: Shell) -> None:
    for command in ("ls", "tail"):
        records = json.loads(logged.done("audit", command, "--json", "-n", "2"))["records"]
        assert [(each["result"], each["token_id"]) for each in records] == [
            ("ok", "token-1"),
            ("unknown", ""),
        ]


def test_tail_prints_columns_without_a_head(logged: Shell) -> None:
    lines = logged.done("audit", "tail", "-n", "2").splitlines()
    assert [line.split()[2:] for line in lines] == [
        ["bob", "container:stop", "web", "outcome", "ok", "(by", "token", "token-1)"],
        ["bob", "container:start", "web", "intent", "unknown"],
    ]
    assert logged.done("audit", "tail", "-n", "0") == ""
    assert len(logged.done("audit", "tail").splitlines()) == len(logged.ports.audit.kept)


def test_names_cannot_steer_the_terminal(shell: Shell) -> None:
    shell.ports.audit.append(replace(STOP, target_name="a\x1b[31m\nb\u202e", detail="[red]"))
    for args in (("ls", "-n", "1"), ("tail", "-n", "1")):
        for tty in (False, True):
            out = shell.run("audit", *args, tty=tty).out
            assert "a\\x1b[31m\\nb\\u202e" in out
            assert "[red]" in out
    for tty in (False, True):
        assert "\\u001b[31m\\nb\\u202e" in shell.run("audit", "export", tty=tty).out


def test_a_followed_log_is_no_document(shell: Shell) -> None:
    result = shell.run("audit", "tail", "-f", "--json")
    assert (result.code, result.out) == (2, "")
    assert "--format json" in result.err


@pytest.mark.parametrize("args", [("ls",), ("tail",), ("tail", "-f")])
def test_a_template_that_is_none(shell: Shell, args: tuple[str, ...]) -> None:
    result = shell.run("audit", *args, "--format", "{{.Nope}}")
    assert (result.code, result.out) == (2, "")


def test_export_is_json_lines_with_the_chain(logged: Shell) -> None:
    lines = [json.loads(line) for line in logged.done("audit", "export").splitlines()]
    assert [line["number"] for line in lines] == list(range(1, len(lines) + 1))
    stop = lines[-3]
    assert (stop["at_ms"], stop["at"], stop["user"], stop["segment"]) == (
        STOP.at,
        "2023-11-14T22:13:20Z",
        "bob",
        1,
    )
    assert bytes.fromhex(stop["mac"]) == logged.ports.audit.kept[-3][-1]


def test_verify_head_and_rotate(logged: Shell, tmp_path: Path) -> None:
    count = len(logged.ports.audit.kept)
    assert logged.done("audit", "verify") == f"{count} records in 1 segment are in order\n"
    anchor = tmp_path / "anchor"
    anchor.write_text(logged.done("audit", "head"))
    out = logged.done("audit", "rotate")
    assert out == f"segment 1 is sealed: records 1 to {count + 1}\n"
    document = json.loads(logged.done("audit", "rotate", "--json"))
    assert sorted(document) == ["first", "head", "last", "sealed_at", "segment"]
    assert "the anchored one" in logged.done("audit", "verify", "--anchor", str(anchor))


def test_verify_names_the_first_bad_record(logged: Shell) -> None:
    kept = logged.ports.audit.kept
    number = len(kept) - 1
    kept[number - 1] = (*kept[number - 1][:6], "eve", *kept[number - 1][7:])
    result = logged.run("audit", "verify")
    assert (result.code, result.out) == (1, "")
    assert result.err.splitlines() == [
        f"error: the audit log is not as it was written: record {number} was changed,"
        " or is not contctl's",
        f"hint: the first bad record is {number}, after {number - 1} records in order",
    ]
    result = logged.run("audit", "verify", "--json")
    assert result.code == 1
    assert json.loads(result.out)["first_bad_record"] == number


def test_without_the_key(logged: Shell) -> None:
    logged.ports.audit_keys.keys = None
    result = logged.run("audit", "verify")
    assert (result.code, result.out) == (9, "")
    assert "keys/audit.json" in result.err
    assert logged.run("user", "disable", "ada").code == 9
    assert logged.run("audit", "ls").code == 0


def test_what_cannot_be_recorded_is_not_rotated(logged: Shell) -> None:
    full = ContctlError(ErrorCode.STORE, "it is full", details={"reason": "full"})
    logged.ports.store.content.unwritable = full
    before = list(logged.ports.audit.segments)
    assert logged.run("audit", "rotate").code == 9
    assert logged.ports.audit.segments == before
