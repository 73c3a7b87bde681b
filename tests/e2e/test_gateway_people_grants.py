"""Real Unix users before an installed gateway: each does exactly what the grants say."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from contctl.core.domain.containers import Json
from tests.e2e.machine import IMAGE
from tests.e2e.people import Person, Town

pytestmark = pytest.mark.docker
ROLES = (None, "viewer", "operator", "developer", "admin")
MINE, SEEN, HIDDEN = "mine", "seen", "hidden"
"""The caller has the role on the first, is a viewer of the second, and has nothing on the third."""

COMMANDS: tuple[tuple[str, str], ...] = (
    ("viewer", "inspect {}-web"),
    ("viewer", "logs {}-web"),
    ("developer", "exec {}-web true"),
    ("operator", "stop -t 0 {}-web"),
    ("operator", "start {}-web"),
    ("operator", "restart -t 0 {}-web"),
    ("operator", "kill {}-web"),
    ("developer", "start -a {}-job"),
    ("developer", "rm {}-old"),
    ("developer", f"run --rm --name {{}}-new {IMAGE} true"),
)
OTHERS = {
    5: (
        "user ls", "user add bob --password-stdin", "user grant {} admin", "user show ada",
        "user passwd ada --password-stdin", "user disable ada", "user enable {}", "user rm ada",
        "user unlock {}", "session ls --user ada", "token ls --user ada",
        "auth can-i stop --as ada", "audit ls", "audit tail", "audit head", "audit verify",
        "audit rotate", "audit export", "key rotate", "init --username bob --password-stdin",
    ),
    0: (
        "whoami", "auth status", "auth can-i --list", "user show {}", "session ls", "token ls",
        "refresh",
    ),
    8: ("store check",),
}  # fmt: skip

_WEB, _JOB, _OLD = {"refs": ["{}-web"]}, {"refs": ["{}-job"]}, {"refs": ["{}-old"]}
OPERATIONS: tuple[tuple[str, Json], ...] = (
    ("viewer", {"operation": "containers/inspect", "arguments": _WEB}),
    ("viewer", {"operation": "containers/logs", "arguments": {**_WEB, "options": {}}}),
    ("viewer", {"operation": "containers/stats", "arguments": _WEB}),
    (
        "viewer",
        {"operation": "containers/wait", "arguments": {**_JOB, "until": "not-running"}},
    ),
    ("viewer", {"operation": "containers/top", "arguments": {"ref": "{}-web", "args": []}}),
    ("viewer", {"operation": "containers/ports", "arguments": {"ref": "{}-web"}}),
    ("viewer", {"operation": "containers/changes", "arguments": {"ref": "{}-web"}}),
    (
        "developer",
        {"operation": "containers/top", "arguments": {"ref": "{}-web", "args": ["-o", "pid"]}},
    ),
    *(
        (role, {"operation": "containers/act", "arguments": {**refs, "action": action}})
        for role, refs, action in (
            ("operator", _WEB, {"type": "pause"}),
            ("operator", _WEB, {"type": "unpause"}),
            ("operator", _WEB, {"type": "kill", "signal": "CONT"}),
            ("developer", _OLD, {"type": "rename", "name": "{}-renamed"}),
        )
    ),
    (
        "developer",
        {
            "operation": "containers/exec",
            "arguments": {"ref": "{}-web", "spec": {"argv": ["true"]}},
            "duplex": True,
        },
    ),
    (
        "developer",
        {
            "operation": "containers/attach",
            "arguments": {"ref": "{}-web", "spec": {}},
            "duplex": True,
        },
    ),
    (
        "developer",
        {"operation": "containers/get_archive", "arguments": {"ref": "{}-web", "path": "/etc"}},
    ),
    (
        "developer",
        {
            "operation": "containers/put_archive",
            "frames": [
                ["ARGUMENTS", '{{"ref":"{}-web","path":"/"}}'],
                ["IN", "\0" * 1024],
                ["END", ""],
            ],
        },
    ),
)


def rank(role: str | None) -> int:
    return ROLES.index(role)


def expected(role: str | None, needed: str, place: str) -> str:
    """What becomes of what needs the role `needed`, done at `place` by whoever has `role` there."""
    if role is None or rank(role) < rank(needed):
        return "forbidden"
    if place == HIDDEN:
        return "not-found"
    return "ok" if place == MINE or needed == "viewer" else "forbidden"


@pytest.fixture
def containers(town: Town) -> None:
    """A running container, a job and an old one of each place."""
    for place in (MINE, SEEN, HIDDEN):
        town.container(f"{place}-web", Cmd=["sh", "-c", "echo hello; exec sleep 600"])
        town.container(f"{place}-job", running=False, Cmd=["true"])
        town.container(f"{place}-old", running=False)


@pytest.fixture(params=ROLES)
def role(request: pytest.FixtureRequest, town: Town, alice: Person) -> Iterator[str | None]:
    """What `alice` has on MINE, and then she is a viewer of SEEN too; None for no grants at all."""
    if request.param is None:
        yield None
        return
    with (
        town.granted(alice, request.param, "--name", f"{MINE}-*"),
        town.granted(alice, "viewer", "--name", f"{SEEN}-*"),
    ):
        yield request.param


CODES = {"ok": 0, "not-found": 3, "forbidden": 5}


@pytest.mark.usefixtures("containers")
def test_every_command_does_what_the_grants_say(
    town: Town, alice: Person, role: str | None
) -> None:
    names = {f"{place}-{kind}" for place in (MINE, SEEN) for kind in ("web", "job", "old")}
    listed = alice.run("ps", "-a", "--format", "{{.Names}}")
    assert listed.code == (5 if role is None else 0)
    assert set(listed.out.split()) == (set() if role is None else names)
    refused = int(role is None)
    for needed, line in COMMANDS:
        for place in (MINE, SEEN, HIDDEN) if role == "developer" else (MINE, HIDDEN):
            wanted = expected(role, needed, place)
            if line.startswith("run ") and place == HIDDEN:
                wanted = "forbidden"
            args = line.format(place).split()
            result = alice.run(*args)
            of_a_process = args[0] in ("run", "exec") or "-a" in args
            code = 125 if of_a_process and wanted != "ok" else CODES[wanted]
            assert result.code == code, (args, result)
            if code:
                kind = f"error[{wanted}]: " if code == 125 else "error: "
                assert result.err.startswith(kind), (args, result)
                assert result.out == ("[]\n" if args[0] == "inspect" and code == 3 else "")
            refused += wanted == "forbidden"
    left = town.names()
    assert {f"{place}-old" for place in (SEEN, HIDDEN)} <= left
    assert not {f"{place}-new" for place in (MINE, SEEN, HIDDEN)} & left
    assert (f"{MINE}-old" in left) == (role is None or rank(role) < rank("developer"))
    records = town.records(alice)
    assert {each["uid"] for each in records} == {alice.uid}
    denied = [each for each in records if each["phase"] == "denied"]
    assert {each["result"] for each in denied} <= {"forbidden"}
    assert len(denied) == refused
    assert [each for each in records if each["result"] == "unknown"] == []


@pytest.mark.usefixtures("containers")
def test_every_operation_does_what_the_grants_say(
    town: Town, alice: Person, role: str | None
) -> None:
    asked = [
        (expected(role, needed, place), filled(request, place))
        for needed, request in OPERATIONS
        for place in (MINE, SEEN, HIDDEN)
    ]
    found = alice.ask(*(request for _, request in asked), token=alice.token())
    for (wanted, request), answer in zip(asked, found, strict=True):
        assert outcome(answer) == wanted, (request, answer)
    query = {"operation": "containers/list", "arguments": {"query": {"all": True}}}
    since = {"operation": "containers/events", "arguments": {"query": {"since": 0.0}}}
    since["arguments"]["query"]["until"] = time.time()  # type: ignore[index]
    pull = {"operation": "containers/pull", "arguments": {"image": "127.0.0.1:1/no", "auth": None}}
    create = [
        {
            "operation": "containers/create",
            "arguments": {"spec": {"image": IMAGE, "name": f"{place}-made"}, "request": "r"},
        }
        for place in (MINE, SEEN, HIDDEN)
    ]
    move = {"type": "rename", "name": f"{HIDDEN}-moved"}
    steal = {"operation": "containers/act", "arguments": {"action": move, "refs": [f"{MINE}-web"]}}
    listed, events, pulled, *created, moved = alice.ask(
        query, since, pull, *create, steal, token=alice.token()
    )
    if role is None:
        assert {outcome(each) for each in (listed, events, pulled, *created, moved)} == {
            "forbidden"
        }
        return
    places = {each["names"][0].partition("-")[0] for each in listed[1]}
    assert places == {MINE, SEEN}
    assert outcome(events) == "ok"
    makes = rank(role) >= rank("developer")
    assert (outcome(pulled) == "forbidden") != makes
    assert [outcome(each) for each in created] == [
        "ok" if makes else "forbidden",
        *["forbidden"] * 2,
    ]
    assert outcome(moved) == "forbidden"
    if makes:
        town.ada.done("rm", f"{MINE}-made")


def test_a_role_on_some_containers_is_none_on_anything_else(town: Town, alice: Person) -> None:
    with town.granted(alice, "admin", "--name", f"{MINE}-*"):
        for code, lines in OTHERS.items():
            for line in lines:
                result = alice.run(
                    *line.format(alice.name).split(), stdin="a password of some length"
                )
                assert result.code == code, (line, result)
                assert code == 0 or result.out == "", (line, result)
    assert town.ada.done("whoami") == "ada\n"


def filled(value: Any, place: str) -> Any:
    """`value` with `{}` in its texts replaced by `place`."""
    if isinstance(value, str):
        return value.format(place)
    if isinstance(value, dict):
        return {key: filled(each, place) for key, each in value.items()}
    return [filled(each, place) for each in value] if isinstance(value, list) else value


def outcome(answer: list[Any]) -> str:
    """`ok`, or the code of the error in an answer: the whole one's, or its item's own."""
    status, content = answer
    item = content[0] if isinstance(content, list) and content else content
    if isinstance(item, dict):
        error = item if "code" in item and "title" in item else item.get("error")
        if error:
            return str(error["code"])
    assert status in (101, 200), answer
    return "ok"
