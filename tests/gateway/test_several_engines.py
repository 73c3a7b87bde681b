"""Several engines behind one gateway: a request is for one of them; grants keep them apart."""

from collections.abc import Callable, Iterator

import pytest

from contctl.core.answers import AuditQuery
from contctl.core.api import Authority
from contctl.core.domain.actions import Stop
from contctl.core.domain.containers import ListQuery
from contctl.core.domain.create import CreateSpec
from contctl.core.domain.grants import Scope
from contctl.core.domain.images import ImageQuery
from contctl.core.domain.roles import Permission, Role
from contctl.core.domain.secret import Secret
from contctl.core.domain.streams import AttachSpec, Condition, EventQuery, ExecSpec, LogOptions
from contctl.core.errors import ContctlError, ErrorCode
from tests.bounded import talk
from tests.fakes.engine import FakeEngine
from tests.gateway.served import Peer
from tests.gateway.several import SeveralEngines, several

NEAR, FAR = Scope(engine="near"), Scope(engine="far")
IDLE = CreateSpec("busybox", ("sleep", "600"), name="web")

CALLS: dict[str, Callable[[Authority], object]] = {
    "list": lambda api: api.containers.list(ListQuery()),
    "inspect": lambda api: api.containers.inspect(["web"]),
    "act": lambda api: list(api.containers.act(Stop(None), ["web"])),
    "create": lambda api: api.containers.create(IDLE, "request"),
    "logs": lambda api: api.containers.logs(["web"], LogOptions()),
    "stats": lambda api: api.containers.stats(["web"]),
    "events": lambda api: api.containers.events(EventQuery()),
    "wait": lambda api: api.containers.wait(["web"], Condition.NOT_RUNNING),
    "top": lambda api: api.containers.top("web", ()),
    "ports": lambda api: api.containers.ports("web"),
    "changes": lambda api: api.containers.changes("web"),
    "exec": lambda api: api.containers.exec("web", ExecSpec(("true",))),
    "attach": lambda api: api.containers.attach("web", AttachSpec()),
    "stat": lambda api: api.containers.stat("web", "/"),
    "get_archive": lambda api: api.containers.get_archive("web", "/"),
    "put_archive": lambda api: api.containers.put_archive("web", "/", [b""]),
    "export": lambda api: api.containers.export("web"),
    "images": lambda api: api.containers.images(ImageQuery()),
    "pull": lambda api: api.containers.pull("busybox", None),
    "can": lambda api: api.rights.can(Permission.STOP, "web", None),
    "all": lambda api: api.rights.all("web", None),
}


@pytest.fixture(scope="module")
def engines() -> dict[str, FakeEngine]:
    """Two with a container `web` each, and a third without any."""
    engines = {name: FakeEngine(name=name) for name in ("near", "far", "third")}
    for name in ("near", "far"):
        engines[name].start(engines[name].create(IDLE, "r").id)
    return engines


@pytest.fixture(scope="module")
def gateway(engines: dict[str, FakeEngine]) -> Iterator[SeveralEngines]:
    """One that has no default."""
    with several(engines) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def developer(gateway: SeveralEngines) -> Secret:
    """The token of one who has a grant about `near` only."""
    return gateway.user("bob", (Role.DEVELOPER, NEAR))


def refused(attempt: Callable[[Authority], object], api: Authority) -> ContctlError:
    with pytest.raises(ContctlError) as caught:
        attempt(api)
    return caught.value


def test_each_request_is_for_the_engine_that_it_names(gateway: SeveralEngines) -> None:
    token = gateway.admin
    ids = {}
    for engine in ("near", "far"):
        (container,) = gateway.api(token, engine).containers.list(ListQuery())
        ids[engine] = container.id
        process = gateway.api(token, engine).containers.exec("web", ExecSpec(("echo", engine)))
        assert talk(process)[0] == f"{engine}\n".encode()
    assert gateway.api(token, "third").containers.list(ListQuery()) == ()
    (found,) = gateway.api(token, "near").containers.inspect([ids["far"]])
    assert found.error is not None
    assert found.error.code is ErrorCode.NOT_FOUND


@pytest.mark.parametrize("operation", CALLS)
def test_an_engine_without_a_grant_is_not_there(
    gateway: SeveralEngines, engines: dict[str, FakeEngine], developer: Secret, operation: str
) -> None:
    before = [list(engine.changes) for engine in engines.values()]
    hint = "your grants are about near; 'contctl context create' takes --engine"
    for engine in ("far", "nosuch"):
        error = refused(CALLS[operation], gateway.api(developer, engine))
        assert (error.code, error.message) == (ErrorCode.NOT_FOUND, f"no such engine: {engine}")
        assert error.hint == hint
    error = refused(CALLS[operation], gateway.api(developer))
    assert (error.code, error.hint) == (ErrorCode.USAGE, hint)
    assert error.message == "the gateway has several engines, and the request names none"
    assert [list(engine.changes) for engine in engines.values()] == before


def test_roles_come_before_engines(gateway: SeveralEngines) -> None:
    viewer = gateway.user("vera", (Role.VIEWER, NEAR))
    nobody = gateway.user("nora")
    for token in (viewer, nobody):
        for engine in ("near", "far", "nosuch", None):
            error = refused(CALLS["act"], gateway.api(token, engine))
            assert error.code is ErrorCode.FORBIDDEN
            assert "container:stop" in error.message
    error = refused(CALLS["list"], gateway.api(None, "near"))
    assert error.code is ErrorCode.NOT_AUTHENTICATED


def test_what_a_default_is_for(engines: dict[str, FakeEngine]) -> None:
    with several(engines, default="near") as gateway:
        (container,) = gateway.api(gateway.admin).containers.list(ListQuery())
        assert container in engines["near"].list(ListQuery())
        other = gateway.user("olga", (Role.VIEWER, FAR))
        error = refused(CALLS["list"], gateway.api(other))
        assert error.code is ErrorCode.USAGE
        assert "near" not in f"{error.message}{error.hint}"
        (container,) = gateway.api(other, "far").containers.list(ListQuery())
        assert container in engines["far"].list(ListQuery())


def test_one_engine_needs_no_name(engines: dict[str, FakeEngine]) -> None:
    with several({"near": engines["near"]}) as gateway:
        for name in (None, "near"):
            found = gateway.api(gateway.admin, name).containers.list(ListQuery())
            assert [container.name for container in found] == ["web"]
        other = gateway.user("olga", (Role.VIEWER, FAR))
        assert gateway.api(other).containers.list(ListQuery()) == ()


def test_grants_with_and_without_engines(gateway: SeveralEngines) -> None:
    both = gateway.user(
        "both", (Role.VIEWER, NEAR), (Role.OPERATOR, Scope(engine="far", names=("w*",)))
    )
    assert gateway.api(both, "far").rights.can(Permission.STOP, "web", None)
    assert not gateway.api(both, "near").rights.can(Permission.STOP, "web", None)
    (outcome,) = gateway.api(both, "near").containers.act(Stop(None), ["web"])
    assert outcome.error is not None
    assert outcome.error.code is ErrorCode.FORBIDDEN
    made = gateway.api(both).ci_tokens.create("job", Role.VIEWER, NEAR, 3600)
    assert gateway.api(made.text, "near").containers.list(ListQuery())
    assert refused(CALLS["list"], gateway.api(made.text, "far")).message == ("no such engine: far")


def test_what_is_done_is_recorded_with_its_engine(gateway: SeveralEngines) -> None:
    for engine in ("near", "far"):
        gateway.api(gateway.admin, engine).containers.create(
            CreateSpec("busybox", name="recorded"), f"request {engine}"
        )
    found = [
        (record.entry.phase, record.entry.detail)
        for record in gateway.api(gateway.admin).audit.list(AuditQuery())
        if record.entry.target_name == "recorded"
    ]
    assert sorted(found) == [
        ("intent", "on the engine far; image busybox"),
        ("intent", "on the engine near; image busybox"),
        ("outcome", "on the engine far; image busybox"),
        ("outcome", "on the engine near; image busybox"),
    ]


def test_an_engine_that_is_down_holds_up_no_other(
    gateway: SeveralEngines, engines: dict[str, FakeEngine]
) -> None:
    token = gateway.admin
    engines["far"].fail_next("list", ContctlError(ErrorCode.UNAVAILABLE, "it is down"))
    assert refused(CALLS["list"], gateway.api(token, "far")).message == "it is down"
    assert CALLS["list"](gateway.api(token, "near"))


@pytest.mark.parametrize("name", ["", "Near", "a b", "../x", "x" * 65, "é"])
def test_what_is_no_name_is_a_bad_request(gateway: SeveralEngines, name: str) -> None:
    peer = Peer(gateway.path, gateway.admin.reveal())
    answer = peer.send("/v1/containers/list", b'{"query": {}}', Contctl_Engine=name)
    assert answer.is_problem(400, "usage")
