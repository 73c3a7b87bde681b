"""What a gateway's client says of itself: roles are enforced only where nothing was found."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from contctl.core.answers import Check, Level
from contctl.core.domain.ci_tokens import GivenToken
from contctl.core.domain.host_access import GatewayInfo, host_of, is_this_host, sockets_of
from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.services.client_doctor import ClientDoctorService
from tests.fakes.credentials import FakeCredentialStores
from tests.fakes.host_access import FakeHostAccess, Thing
from tests.fakes.ports import FakeModes

LOCAL = "unix:///run/contctl/contctl.sock"
STORE = "/var/lib/contctl"
SOCKET = "/var/run/docker.sock"


class FakeGateway:
    """A gateway of `version` and `api`, or the `error` in its place."""

    def __init__(self) -> None:
        self.version, self.api = "0.1.0", 1
        self.error: ContctlError | None = None
        self.ends: float | None = None

    def info(self) -> GatewayInfo:
        """As the port says."""
        if self.error:
            raise self.error
        return GatewayInfo(self.version, self.api)

    def certificate_ends(self) -> float | None:
        """As the port says."""
        return self.ends


@dataclass
class Ports:
    """Those of a client of `address`, of an ordinary user on a host that was set up well."""

    address: str = LOCAL
    reason: str = "for a test"
    environment_token: GivenToken | None = None
    stores: FakeCredentialStores = field(default_factory=FakeCredentialStores)
    modes: FakeModes = field(default_factory=FakeModes)
    gateway: FakeGateway = field(default_factory=FakeGateway)
    host_access: FakeHostAccess = field(
        default_factory=lambda: FakeHostAccess(
            things={STORE: Thing(False, 900), SOCKET: Thing(False, 999)}
        )
    )


def _authority() -> Any:
    raise ContctlError(ErrorCode.NOT_AUTHENTICATED, "not logged in", hint="run 'contctl login'")


def _check(ports: Ports, name: str) -> Check:
    checks = ClientDoctorService(_authority, ports).examine()
    assert [check.name for check in checks] == [
        "gateway", "files", "credentials", "session", "roles",
    ]  # fmt: skip
    (found,) = [check for check in checks if check.name == name]
    return found


def test_when_the_certificate_ends() -> None:
    ports = Ports(address="https://ops.example:8443")
    ports.gateway.ends = 1_795_000_000.5
    detail = "contctl 0.1.0 at https://ops.example:8443, API 1, its certificate ends 2026-11-18"
    assert _check(ports, "gateway").detail == f"{detail} (for a test)"


def test_enforced_where_nothing_was_found() -> None:
    roles = _check(Ports(), "roles")
    assert roles.level is Level.OK
    assert roles.detail.startswith("enforced: ")


def _advisory(ports: Ports) -> str:
    roles = _check(ports, "roles")
    assert roles.level is Level.FAILED
    assert "enforced" not in roles.detail
    prefix = "advisory for this user: "
    assert roles.detail.startswith(prefix)
    return roles.detail.removeprefix(prefix)


@pytest.mark.parametrize(
    "path",
    [SOCKET, "/run/docker.sock", "/run/podman/podman.sock", "/run/containerd/containerd.sock"],
)
def test_a_socket_that_is_open(path: str) -> None:
    ports = Ports()
    ports.host_access.things[path] = Thing(True, 999)
    assert _advisory(ports) == f"it can open {path}"


def test_a_socket_that_dockers_configuration_names() -> None:
    ports = Ports()
    ports.host_access.addresses = ("unix:///srv/d.sock",)
    assert _check(ports, "roles").level is Level.OK
    ports.host_access.things["/srv/d.sock"] = Thing(True)
    assert _advisory(ports) == "it can open /srv/d.sock"


def test_root() -> None:
    ports = Ports()
    ports.host_access.uid = 0
    assert _advisory(ports) == "it is root"


@pytest.mark.parametrize("name", ["docker", "root", "sudo", "wheel", "lxd", "disk"])
def test_a_group_that_is_as_good_as_root(name: str) -> None:
    ports = Ports()
    ports.host_access.members[77] = name
    assert _advisory(ports) == f"it is in the group {name}"


def test_the_group_of_root_whatever_its_name() -> None:
    ports = Ports()
    ports.host_access.members[0] = "toor"
    assert _advisory(ports) == "it is in the group toor"


def test_the_group_that_owns_a_socket() -> None:
    """Also where the socket was not opened: the next login may be in the group."""
    ports = Ports()
    ports.host_access.members[999] = "crew"
    assert _advisory(ports) == f"it is in the group crew, which owns {SOCKET}"


@pytest.mark.parametrize("inside", ["", "/contctl.db", "/keys"])
def test_a_store_that_can_be_read(inside: str) -> None:
    ports = Ports()
    ports.host_access.things[STORE] = Thing(True)
    ports.host_access.things |= {f"{STORE}/contctl.db": Thing(False), f"{STORE}/keys": Thing(False)}
    assert _advisory(ports) == f"it can read {STORE}"
    ports.host_access.things[f"{STORE}{inside}"] = Thing(True)
    assert f"it can read {STORE}{inside}" in _advisory(ports)


def test_a_store_that_is_elsewhere_was_not_checked() -> None:
    ports = Ports()
    del ports.host_access.things[STORE]
    assert _advisory(ports).startswith(f"no store is at {STORE}")


def test_every_reason_is_said() -> None:
    ports = Ports()
    ports.host_access.uid = 0
    ports.host_access.members[999] = "docker"
    ports.host_access.things = {SOCKET: Thing(True, 999), STORE: Thing(True)}
    assert _advisory(ports).split("; ") == [
        "it is root",
        f"it can open {SOCKET}",
        f"it is in the group docker, which owns {SOCKET}",
        f"it can read {STORE}",
    ]


def test_an_engine_on_a_port_of_this_host_was_not_tried() -> None:
    ports = Ports()
    ports.host_access.addresses = ("tcp://127.0.0.1:2375", "tcp://elsewhere:2375")
    assert (
        _advisory(ports)
        == "this user's tools are set up for tcp://127.0.0.1:2375, which was not tried"
    )


def test_a_damaged_configuration_of_dockers() -> None:
    class Damaged(FakeHostAccess):
        def engine_addresses(self) -> tuple[str, ...]:
            raise ContctlError(ErrorCode.STORE, "config.json is damaged")

    ports = Ports()
    ports.host_access = Damaged(things=ports.host_access.things)
    assert "which engines docker knows cannot be told: config.json is damaged" in _advisory(ports)


def test_a_gateway_elsewhere() -> None:
    """What this host's sockets allow says nothing about that host."""
    ports = Ports("https://ops.example:8443")
    ports.host_access.things[SOCKET] = Thing(True)
    roles = _check(ports, "roles")
    assert roles.level is Level.NOTE
    assert "enforced" not in roles.detail
    assert "ops.example" in roles.detail
    ports.host_access.addresses = ("ssh://root@OPS.example", "tcp://other:1")
    assert _advisory(ports) == "this user's tools are set up for ssh://root@OPS.example"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_a_gateway_on_a_port_of_this_host(host: str) -> None:
    ports = Ports(f"https://{host}:8443")
    assert _check(ports, "roles").level is Level.OK
    ports.host_access.things[SOCKET] = Thing(True)
    assert _advisory(ports) == f"it can open {SOCKET}"


def test_the_gateway() -> None:
    ports = Ports()
    found = _check(ports, "gateway")
    assert (found.level, found.detail) == (
        Level.OK,
        f"contctl 0.1.0 at {LOCAL}, API 1 (for a test)",
    )
    ports.gateway.api = 2
    assert _check(ports, "gateway").level is Level.FAILED
    ports.gateway.error = ContctlError(ErrorCode.UNAVAILABLE, "nobody listens", hint="start it")
    assert _check(ports, "gateway") == Check("gateway", Level.FAILED, "nobody listens", "start it")


def test_session_and_files() -> None:
    ports = Ports()
    assert _check(ports, "session").level is Level.NOTE
    ports.modes.found = ("x is open",)
    assert _check(ports, "files").level is Level.FAILED
    assert ClientDoctorService(_authority, ports).repair_modes() == ("repaired: x is open",)
    assert _check(ports, "files").level is Level.OK


def test_a_ci_token_needs_no_credential_store() -> None:
    ports = Ports(environment_token=GivenToken("CONTCTL_TOKEN", Secret("x")))
    assert _check(ports, "credentials").detail == "not needed: CONTCTL_TOKEN is set"


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("unix:///x", None), ("npipe:////./pipe", None), ("garbage", None),
        ("tcp://Host:1", "host"), ("ssh://me@host/x", "host"), ("https://[::1]:8443", "::1"),
        ("fd://x", None), ("tcp://[FE80::A]:1", "fe80::a"), ("tcp://[fe80::a]:1]", "fe80::a"),
    ],
)  # fmt: skip
def test_hosts(address: str, host: str | None) -> None:
    assert host_of(address) == host
    assert is_this_host(host) is (host in (None, "::1"))


def test_sockets_are_named_once() -> None:
    found = sockets_of(["unix:///x", f"unix://{SOCKET}", "tcp://h:1", "unix://y", "unix:///x"])
    assert found[-1] == "/x"
    assert len(found) == len(set(found)) == 5
