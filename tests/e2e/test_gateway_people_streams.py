"""A real Unix user before an installed gateway: what runs ends when the rights do."""

import json
import subprocess
import threading
import time
from collections.abc import Callable

import pytest

from tests.e2e.machine import SECONDS
from tests.e2e.people import Person, Town, ended

pytestmark = pytest.mark.docker
PROMISED = 5.0
"""Seconds in which a stream ends after the right to it has (issue 4, "Done means")."""
CHATTER = ["sh", "-c", "while true; do echo hello; sleep 1; done"]
FOLLOW = ("logs", "-f", "mine-web")
EXEC = ("exec", "mine-web", *CHATTER)


@pytest.fixture
def grant(town: Town, alice: Person) -> str:
    """The grant that lets `alice` see and enter a container that talks, and its ID."""
    town.container("mine-web", Cmd=CHATTER)
    return town.ada.done("user", "grant", alice.name, "developer", "--name", "mine-*").strip()


def begun(person: Person, *args: str, **environ: str) -> "subprocess.Popen[bytes]":
    """`contctl ARGS`, which has said something."""
    process = person.start(*args, **environ)
    timer = threading.Timer(SECONDS, process.kill)
    timer.start()
    assert process.stdout is not None
    assert process.stdout.readline() == b"hello\n"
    timer.cancel()
    return process


def end(act: Callable[[], object], *processes: "subprocess.Popen[bytes]") -> list[tuple[int, str]]:
    """The exit code and the one error line of each process; all of them end soon after `act`."""
    assert [process.poll() for process in processes] == [None] * len(processes)
    act()
    started = time.monotonic()
    results = [ended(process) for process in processes]
    assert time.monotonic() - started < PROMISED
    for result in results:
        assert all(line.startswith("hint: ") for line in result.err.splitlines()[1:]), result.err
    return [(result.code, result.err.splitlines()[0]) for result in results]


WAYS = {
    "user disable NAME": "the session has ended",
    "session revoke SESSION": "the session has ended",
    "user revoke NAME GRANT": "you are not allowed to do this: NAME lacks container:",
    "user rm NAME": "the session has ended",
}


@pytest.mark.parametrize("way", WAYS)
def test_running_streams_end(town: Town, alice: Person, grant: str, way: str) -> None:
    (session,) = json.loads(alice.done("session", "ls", "--json"))["sessions"]
    words = {"NAME": alice.name, "SESSION": session["id"], "GRANT": grant}
    command = [words.get(word, word) for word in way.split()]
    message = WAYS[way].replace("NAME", alice.name)
    code, kind = (5, "forbidden") if "GRANT" in way else (4, "not-authenticated")
    uid = alice.uid
    running = begun(alice, *EXEC), begun(alice, *FOLLOW)
    entered, followed = end(lambda: town.ada.done(*command), *running)
    assert (followed[0], followed[1].startswith(f"error: {message}")) == (code, True), followed
    assert (entered[0], entered[1].startswith(f"error[{kind}]: {message}")) == (125, True), entered
    result = alice.run(*FOLLOW)
    assert (result.code, result.out) == (code, "")
    told = [
        (each["phase"], each["result"], each["uid"])
        for each in town.records(alice)
        if each["action"] == "container:exec"
    ]
    assert told == [("intent", "", uid), ("outcome", kind, uid)]


def test_a_revoked_token_ends_its_streams_and_no_others(
    town: Town, alice: Person, grant: str
) -> None:
    token = alice.done("token", "create", "deploy", "--role", "viewer").strip()
    (listed,) = json.loads(alice.done("token", "ls", "--json"))["tokens"]
    own, by_token = begun(alice, *FOLLOW), begun(alice, *FOLLOW, CONTCTL_TOKEN=token)
    told = end(lambda: alice.done("token", "revoke", listed["id"]), by_token)
    assert told == [(4, "error: the CI token is not valid any more")]
    assert own.poll() is None
    ((code, _),) = end(lambda: town.ada.done("user", "revoke", alice.name, grant), own)
    assert code == 5
    reads = [each for each in town.records(alice) if each["action"] == "container:logs"]
    assert sorted(each["token_id"] for each in reads) == ["", listed["id"]]
    assert {each["uid"] for each in reads} == {alice.uid}


def test_a_demoted_admin_sees_no_more_of_the_audit_log(town: Town, alice: Person) -> None:
    grant = town.ada.done("user", "grant", alice.name, "admin").strip()
    process = alice.start("audit", "tail", "-f")
    assert process.stdout is not None
    assert process.stdout.readline() != b""
    ((code, line),) = end(lambda: town.ada.done("user", "revoke", alice.name, grant), process)
    assert (code, "lacks audit:read" in line) == (5, True)
