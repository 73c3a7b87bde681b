"""Real Unix users before an installed gateway: what each of them can reach, and be told of."""

import json

import pytest

from tests.e2e.machine import PASSWORD
from tests.e2e.people import (
    CALLERS,
    CONFIGURATION,
    ENGINE_GROUP,
    ENGINE_SOCKET,
    GATEWAY_SOCKET,
    STORE,
    Person,
    Town,
    ended,
)

pytestmark = pytest.mark.docker
REFUSALS = ("EACCES", "EPERM")
SECOND = "/run/contctl/second.sock"


def roles_line(person: Person) -> tuple[int, str, str]:
    """The exit code of `doctor`, and what it says of roles: level and detail."""
    result = person.run("doctor", "--json")
    checks = {each["name"]: each for each in json.loads(result.out)["checks"]}
    return result.code, checks["roles"]["level"], checks["roles"]["detail"]


def test_only_the_gateway_reaches_engine_and_store(town: Town, alice: Person) -> None:
    found = town.host.done("find", STORE, "-printf", "%y %p\n").splitlines()
    inside = [("list" if line[0] == "d" else "read", line[2:]) for line in found]
    assert {f"{STORE}/contctl.db", f"{STORE}/keys/audit.json"} <= {path for _, path in inside}
    secret = [("connect", ENGINE_SOCKET), ("enter", STORE), ("enter", f"{STORE}/keys"), *inside]
    assert town.gateway.reach(*secret) == ["ok"] * len(secret)
    assert alice.reach(*secret) == ["EACCES"] * len(secret)
    others = [
        ("make", f"{STORE}/new"),
        ("make", "/run/contctl/new"),
        ("remove", GATEWAY_SOCKET),
        ("link", GATEWAY_SOCKET),
        ("write", CONFIGURATION),
        ("make", "/etc/contctl/new"),
        ("remove", CONFIGURATION),
        ("end", str(town.pid)),
        ("read", f"/proc/{town.pid}/mem"),
        ("read", f"/proc/{town.pid}/environ"),
        ("list", f"/proc/{town.pid}/fd"),
        ("follow", f"/proc/{town.pid}/cwd"),
    ]
    outcomes = dict(zip(others, alice.reach(*others), strict=True))
    assert {each: found for each, found in outcomes.items() if found not in REFUSALS} == {}


def test_who_may_call_and_what_doctor_says(town: Town, alice: Person) -> None:
    eve = town.settle()
    assert eve.reach(("connect", GATEWAY_SOCKET), ("connect", ENGINE_SOCKET)) == ["EACCES"] * 2
    assert eve.run("login", "ada", "--password-stdin", stdin=PASSWORD).code == 7
    assert alice.reach(("connect", GATEWAY_SOCKET)) == ["ok"]
    code, level, detail = roles_line(alice)
    assert (code, level, detail.partition(":")[0]) == (0, "ok", "enforced")
    bob = town.settle(CALLERS, ENGINE_GROUP)
    assert bob.reach(("connect", ENGINE_SOCKET)) == ["ok"]
    code, level, detail = roles_line(bob)
    assert (code, level) == (1, "failed")
    assert detail.startswith("advisory for this user: it can open /var/run/docker.sock")
    assert f"it is in the group {ENGINE_GROUP}, which owns " in detail


def test_two_people_do_not_see_each_others_credentials(town: Town) -> None:
    people = [town.settle(CALLERS) for _ in range(2)]
    again = [each.start("login", each.name, "--password-stdin") for each in people]
    assert [ended(process, PASSWORD).code for process in again] == [0, 0]
    for own, other in (people, reversed(people)):
        assert own.done("whoami").strip() == own.name
        files = town.host.done("find", own.home, "-type", "f").splitlines()
        reads = [("read", path) for path in files]
        assert any("credentials" in path for path in files)
        assert own.reach(*reads) == ["ok"] * len(reads)
        assert other.reach(*reads) == ["EACCES"] * len(reads)
        result = other.run("whoami", XDG_DATA_HOME=f"{own.home}/.local/share")
        assert (result.code, result.out) == (9, "")
        listed = json.loads(other.done("session", "ls", "--json"))
        assert own.name not in json.dumps(listed)


def test_only_root_and_the_gateways_user_initialise(town: Town, alice: Person) -> None:
    town.host.done("install", "-d", "-m", "700", "-o", "contctl", "/var/lib/second")
    town.host.done(
        "tee",
        "/etc/contctl/second.toml",
        stdin=f'data = "/var/lib/second"\n[listen]\nsocket = "{SECOND}"\ngroup = "{CALLERS}"\n',
    )
    init = ("init", "-c", "second", "--username", "eva", "--password-stdin")
    with town.serving("/etc/contctl/second.toml"):
        for person in (alice, town.gateway, town.ada):
            person.done("context", "create", "second", "--gateway", f"unix://{SECOND}")
        result = alice.run(*init, stdin=PASSWORD)
        assert (result.code, result.out) == (5, "")
        assert result.err.startswith("error: only root, or the user that the gateway runs as, may")
        given = {"username": "alice", "password": PASSWORD}
        request = {"operation": "session/initialise", "arguments": given}
        ((status, problem),) = alice.ask(request, socket=SECOND)
        assert (status, problem["code"]) == (403, "forbidden")
        ((status, problem),) = alice.ask(request)
        assert (status, problem["code"]) == (403, "forbidden")
        assert town.gateway.run(*init, stdin=PASSWORD).code == 0
        assert town.ada.run(*init, stdin=PASSWORD).code == 6


def test_the_audit_log_names_the_unix_user(town: Town, alice: Person) -> None:
    town.container("mine-web")
    with town.granted(alice, "developer", "--name", "mine-*"):
        alice.done("stop", "-t", "0", "mine-web")
        alice.done("logs", "mine-web")
        assert alice.run("audit", "ls").code == 5
    records = town.records(alice)
    assert {each["uid"] for each in records} == {alice.uid}
    told = [(each["action"], each["phase"], each["result"]) for each in records]
    assert told[-4:] == [
        ("container:stop", "intent", ""),
        ("container:stop", "outcome", "ok"),
        ("container:logs", "read", "ok"),
        ("audit:read", "denied", "forbidden"),
    ]
    assert records[-3]["intent"] == records[-4]["number"]
    grants = [each for each in town.records() if each["action"] == "user:grant"]
    assert {each["uid"] for each in grants} == {0}
