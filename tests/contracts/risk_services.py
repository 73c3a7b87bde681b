"""Dangerous containers, as every implementation of the inbound port owes them."""

import secrets
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from typing import Protocol

import pytest

from contctl.core.api import Contctl
from contctl.core.domain.actions import Kill, Pause, Remove, Restart, Start, Stop, Unpause, Update
from contctl.core.domain.audit import Phase
from contctl.core.domain.containers import Json, Port
from contctl.core.domain.create import CreateSpec
from contctl.core.domain.grants import EVERYTHING, Scope
from contctl.core.domain.mounts import Storage
from contctl.core.domain.resources import Resources, RestartPolicy
from contctl.core.domain.roles import Permission, Role
from contctl.core.domain.streams import AttachSpec, ExecSpec, LogOptions
from contctl.core.errors import ErrorCode
from tests.contracts.container_services import act, archive, said
from tests.contracts.engine_basics import unique
from tests.contracts.engine_surroundings import VolumeMaker
from tests.contracts.services import IMAGE, Services, ServicesFixture, refused
from tests.contracts.typed_dangers import foreign, typed_dangers


class ContainerMaker(Protocol):
    """Makes a container with this `HostConfig`; its full ID."""

    def __call__(self, host_config: Json, *, running: bool = True) -> str: ...


INSIDE: dict[str, Callable[[Contctl, str], object]] = {
    "container:exec": lambda api, ref: api.containers.exec(ref, ExecSpec(("true",))),
    "container:attach": lambda api, ref: api.containers.attach(ref, AttachSpec()),
    "container:copy": lambda api, ref: api.containers.get_archive(ref, "/"),
    "container:export": lambda api, ref: api.containers.export(ref),
}
DANGEROUS: Json = {"NetworkMode": "host"}
LOW_PORT = (Port(80, "tcp", "127.0.0.1", 81),)


class RiskServiceContract(ServicesFixture):
    """What gives a hold on the inside of a dangerous container is for admins.

    A subclass gives the fixtures `make`, `make_volume` and `admitted_folder`.
    """

    @pytest.fixture
    def make(self) -> ContainerMaker:
        raise NotImplementedError

    @pytest.fixture
    def make_volume(self) -> VolumeMaker:
        raise NotImplementedError

    @pytest.fixture
    def admitted_folder(self) -> str:
        """A trusted folder that the settings admit for bind mounts."""
        raise NotImplementedError

    @pytest.fixture
    def bound_volume(self, make_volume: VolumeMaker) -> str:
        """The name of a volume that is the host's /etc."""
        name = unique("bound")
        make_volume(name, {"type": "none", "o": "bind", "device": "/etc"})
        return name

    @pytest.fixture(params=["privileged", "socket", "network", "bind", "volume"])
    def dangerous(
        self, request: pytest.FixtureRequest, services: Services, bound_volume: str
    ) -> tuple[Json, str]:
        """A dangerous `HostConfig`, and its danger in words."""
        address = services.ports.engine.name.removeprefix("unix://")
        socket = address if address.startswith("/") else "/var/run/docker.sock"
        dangers: dict[str, tuple[Json, str]] = {
            "privileged": ({"Privileged": True}, "privileged mode"),
            "socket": (
                {"Binds": [f"{socket}:/run/engine.sock"]},
                f"bind mount of {socket} (it reaches the engine's socket)",
            ),
            "network": (DANGEROUS, "network host"),
            "bind": ({"Binds": ["/etc:/host:ro"]}, "bind mount of /etc"),
            "volume": ({"Binds": [f"{bound_volume}:/host"]}, f"volume {bound_volume} with the"),
        }
        return dangers[request.param]

    def test_the_inside_of_a_dangerous_container_is_not_for_developers(
        self, services: Services, make: ContainerMaker, dangerous: tuple[Json, str]
    ) -> None:
        host_config, danger = dangerous
        container_id = make(host_config, running=False)
        name = services.login_as(Role.DEVELOPER)
        before = list(getattr(services.ports.engine, "changes", ()))
        for permission, attempt in INSIDE.items():
            with refused(ErrorCode.FORBIDDEN) as raised:
                attempt(services.api, container_id)
            assert f"{name} lacks container:create-privileged on " in raised.value.message
            assert f", which carries {danger}" in raised.value.message
            denial = services.entries()[-1]
            assert (denial.phase, denial.action) == (Phase.DENIED, permission)
            assert (denial.target, denial.user) == (container_id, name)
            assert not services.api.rights.can(Permission(permission), container_id, None)
        with refused(ErrorCode.FORBIDDEN):
            services.api.containers.put_archive(container_id, "/", [archive("file", b"")])
        assert list(getattr(services.ports.engine, "changes", ())) == before

    def test_it_is_for_admins(self, services: Services, make: ContainerMaker) -> None:
        container_id = make(DANGEROUS)
        services.login()
        containers = services.api.containers
        assert said(containers.exec(container_id, ExecSpec(("true",)))) == (b"", b"", 0)
        containers.put_archive(container_id, "/", [archive("file", b"content")])
        assert b"content" in b"".join(containers.get_archive(container_id, "/file"))
        with closing(containers.attach(container_id, AttachSpec())):
            assert services.api.rights.can(Permission.ATTACH, container_id, None)

    def test_a_privileged_process_is_for_admins(self, services: Services) -> None:
        container_id = services.container()
        name = services.login_as(Role.DEVELOPER)
        spec = ExecSpec(("true",), privileged=True)
        before = list(getattr(services.ports.engine, "changes", ()))
        with refused(ErrorCode.FORBIDDEN) as raised:
            services.api.containers.exec(container_id, spec)
        assert f"{name} lacks container:create-privileged on " in raised.value.message
        denial = services.entries()[-1]
        assert (denial.phase, denial.action) == (Phase.DENIED, "container:exec")
        assert denial.detail == services.detail("needs container:create-privileged")
        assert list(getattr(services.ports.engine, "changes", ())) == before
        services.login()
        # What it may do is the engine's matter, and the kernel's beneath it.
        said(services.api.containers.exec(container_id, spec))
        details = [entry.detail for entry in services.entries() if entry.phase is Phase.INTENT]
        assert details[-1] == services.detail("true, 0 arguments, privileged")

    def test_its_outside_is_for_whoever_may(self, services: Services, make: ContainerMaker) -> None:
        container_id = make(DANGEROUS)
        services.login_as(Role.OPERATOR)
        for action in (Pause(), Unpause(), Stop(grace=0), Start(), Restart(grace=0), Kill()):
            assert act(services.api, action, container_id)[container_id].error is None
        with closing(services.api.containers.logs([container_id], LogOptions())):
            assert services.api.rights.can(Permission.STOP, container_id, None)
        services.login_as(Role.DEVELOPER)
        removed = act(services.api, Remove(force=True), container_id)
        assert removed[container_id].error is None

    def test_ordinary_containers_are_for_developers(
        self,
        services: Services,
        make: ContainerMaker,
        make_volume: VolumeMaker,
        admitted_folder: str,
    ) -> None:
        volume = unique("plain")
        make_volume(volume, {})
        containers = [
            services.container(),
            make({"Binds": [f"{volume}:/data"], "CapDrop": ["ALL"], "ReadonlyRootfs": True}),
            make({"Binds": [f"{admitted_folder}:/data"], "Memory": 1 << 26}),
        ]
        services.login_as(Role.DEVELOPER)
        for container_id in containers:
            duplex = services.api.containers.exec(container_id, ExecSpec(("true",)))
            assert said(duplex)[2] == 0
            with closing(services.api.containers.attach(container_id, AttachSpec())):
                assert services.api.rights.can(Permission.EXEC, container_id, None)

    def test_one_grant_has_to_give_it(self, services: Services, make: ContainerMaker) -> None:
        container_id = make(DANGEROUS)
        row = services.ports.engine.inspect(container_id)
        name = f"user-{secrets.token_hex(3)}"
        services.add(name, None)
        services.api.users.grant(name, Role.DEVELOPER, EVERYTHING)
        elsewhere = services.api.users.grant(name, Role.ADMIN, Scope(names=("elsewhere-*",)))
        assert not services.api.rights.can(Permission.EXEC, container_id, name)
        services.api.users.revoke(name, elsewhere.id)
        here = Scope(names=(row["Name"].removeprefix("/"),))
        services.api.users.grant(name, Role.ADMIN, here)
        assert services.api.rights.can(Permission.EXEC, container_id, name)
        services.login(name)
        duplex = services.api.containers.exec(container_id, ExecSpec(("true",)))
        assert said(duplex)[2] == 0

    def test_rights_leave_out_what_would_be_refused(
        self, services: Services, make: ContainerMaker
    ) -> None:
        dangerous, ordinary = make(DANGEROUS), services.container()
        name = services.login_as(Role.DEVELOPER)
        own = services.api.rights
        inside = {
            Permission.EXEC,
            Permission.ATTACH,
            Permission.COPY,
            Permission.EXPORT,
            Permission.UPDATE,
        }
        assert set(own.all(ordinary, None)) - set(own.all(dangerous, None)) == inside
        assert own.can(Permission.EXEC, None, None)
        services.login()
        assert not services.api.rights.can(Permission.EXEC, dangerous, name)
        assert services.api.rights.can(Permission.STOP, dangerous, name)
        assert services.api.rights.can(Permission.EXEC, ordinary, name)

    def test_a_create_that_carries_a_danger(self, services: Services) -> None:
        spec = CreateSpec(image=IMAGE, name=unique("web"), ports=LOW_PORT)
        name = services.login_as(Role.DEVELOPER)
        before = list(getattr(services.ports.engine, "changes", ()))
        with refused(ErrorCode.FORBIDDEN) as raised:
            services.api.containers.create(spec, "request")
        assert raised.value.message == (
            f"you are not allowed to do this: {name} lacks container:create-privileged"
            f" on {spec.name}, which carries host port 81"
        )
        denial = services.entries()[-1]
        assert (denial.phase, denial.action) == (Phase.DENIED, "container:create")
        assert list(getattr(services.ports.engine, "changes", ())) == before
        services.login()
        created = services.made(services.api.containers.create(spec, "request").id)
        services.login(name)
        with refused(ErrorCode.FORBIDDEN):
            services.api.containers.attach(created, AttachSpec())
        harmless = CreateSpec(image=IMAGE, ports=(Port(80, "tcp"), Port(81, "tcp", None, 18081)))
        services.made(services.api.containers.create(harmless, "request").id)

    @pytest.mark.parametrize("asked", [{"network": ""}, {"labels": {"contctl.request": "x"}}])
    def test_a_create_that_nobody_may_have_is_recorded(
        self, services: Services, asked: Json
    ) -> None:
        name = services.login_as(Role.DEVELOPER)
        spec = CreateSpec(image=IMAGE, name=unique("web"), **asked)
        with refused(ErrorCode.USAGE):
            services.api.containers.create(spec, "request")
        denial = services.entries()[-1]
        assert (denial.phase, denial.action) == (Phase.DENIED, "container:create")
        assert (denial.user, denial.target_name, denial.result) == (name, spec.name, "usage")

    def test_every_danger_that_a_create_can_ask_for(self, services: Services) -> None:
        base = unique("base")
        services.container(name=base)
        engine, name = services.ports.engine, services.login_as(Role.DEVELOPER)
        before = list(getattr(engine, "changes", ()))
        for danger, spec in typed_dangers(base).items():
            with refused(ErrorCode.FORBIDDEN) as raised:
                services.api.containers.create(spec, "request")
            assert danger in raised.value.message.partition(", which carries ")[2]
            denial = services.entries()[-1]
            assert (denial.phase, denial.action) == (Phase.DENIED, "container:create")
            assert denial.user == name
        assert list(getattr(engine, "changes", ())) == before

    def test_other_containers_are_named_within_the_scope(self, services: Services) -> None:
        mark, name = secrets.token_hex(4), f"user-{secrets.token_hex(3)}"
        theirs = services.container(name=f"theirs-{mark}")
        services.add(name, None)
        services.api.users.grant(name, Role.ADMIN, Scope(names=(f"{mark}-*",)))
        seen = services.api.users.grant(name, Role.VIEWER, Scope(names=(f"seen-{mark}",)))
        services.container(name=f"seen-{mark}")
        services.login(name)
        before = list(getattr(services.ports.engine, "changes", ()))
        for other in (f"theirs-{mark}", theirs, theirs[:20], f"nobody-{mark}"):
            for spec in foreign(other):
                with refused(ErrorCode.NOT_FOUND) as raised:
                    services.api.containers.create(replace(spec, name=f"{mark}-x"), "request")
                assert raised.value.message == f"no such container: {other}"
        for spec in foreign(f"seen-{mark}"):
            with refused(ErrorCode.FORBIDDEN):
                services.api.containers.create(replace(spec, name=f"{mark}-x"), "request")
        assert list(getattr(services.ports.engine, "changes", ())) == before
        own = services.container(name=f"{mark}-own")
        spec = CreateSpec(
            IMAGE, name=f"{mark}-x", storage=Storage(volumes_from=(f"{mark}-own:ro",))
        )
        made = services.made(services.api.containers.create(spec, "request").id)
        host_config = services.ports.engine.inspect(made)["HostConfig"]
        assert host_config["VolumesFrom"] == [f"{own}:ro"]
        assert seen.id

    def test_a_volume_is_the_containers_that_use_it(self, services: Services) -> None:
        mark, name = secrets.token_hex(4), f"user-{secrets.token_hex(3)}"
        engine = services.ports.engine
        for owner in (f"theirs-{mark}", f"{mark}-own"):
            storage = Storage(binds=(f"volume-of-{owner}:/data",))
            spec = CreateSpec(IMAGE, name=owner, storage=storage)
            services.made(engine.create(spec, "request").id)
        services.add(name, None)
        services.api.users.grant(name, Role.DEVELOPER, Scope(names=(f"{mark}-*",)))
        services.login(name)
        wanted = CreateSpec(IMAGE, name=f"{mark}-x")
        theirs = f"volume-of-theirs-{mark}"
        with refused(ErrorCode.FORBIDDEN) as raised:
            storage = Storage(binds=(f"{theirs}:/x:ro",))
            services.api.containers.create(replace(wanted, storage=storage), "request")
        assert f"the volume {theirs} of another container" in raised.value.message
        for volume in (f"volume-of-{mark}-own", f"new-{mark}"):
            storage = Storage(binds=(f"{volume}:/x",))
            spec = replace(wanted, name=unique(f"{mark}-x"), storage=storage)
            services.made(services.api.containers.create(spec, "request").id)

    def test_an_update_is_no_way_to_a_danger(
        self, services: Services, make: ContainerMaker
    ) -> None:
        dangerous, ordinary = make(DANGEROUS, running=False), services.container()
        services.login_as(Role.DEVELOPER)
        before = list(getattr(services.ports.engine, "changes", ()))
        more = Update(Resources(cpu_shares=100))
        for update, ref in (
            (more, dangerous),
            (Update(Resources(cpu_realtime_runtime=1000)), ordinary),
        ):
            error = act(services.api, update, ref)[ref].error
            assert error is not None
            assert (error.code, "create-privileged" in error.message) == (ErrorCode.FORBIDDEN, True)
            denial = services.entries()[-1]
            assert (denial.phase, denial.action) == (Phase.DENIED, "container:update")
        assert list(getattr(services.ports.engine, "changes", ())) == before
        assert act(services.api, more, ordinary)[ordinary].error is None
        config = services.ports.engine.inspect(ordinary)["HostConfig"]
        assert config["CpuShares"] == 100
        restarting = Update(restart=RestartPolicy("on-failure", 2))
        assert act(services.api, restarting, ordinary)[ordinary].error is None
        config = services.ports.engine.inspect(ordinary)["HostConfig"]
        assert config["RestartPolicy"] == {"Name": "on-failure", "MaximumRetryCount": 2}
        assert config["CpuShares"] == 100
        services.login()
        assert act(services.api, more, dangerous)[dangerous].error is None

    def test_a_record_keeps_the_beginning_of_a_long_name(self, services: Services) -> None:
        services.login_as(Role.DEVELOPER)
        spec = CreateSpec(image=IMAGE, name="w" * 5000)
        with refused(ErrorCode.USAGE):
            services.api.containers.create(spec, "request")
        assert services.entries()[-1].target_name == "w" * 1000

    def test_a_dangerous_create_needs_everything_in_one_grant(self, services: Services) -> None:
        mark, name = secrets.token_hex(4), f"user-{secrets.token_hex(3)}"
        services.add(name, None)
        services.api.users.grant(name, Role.DEVELOPER, EVERYTHING)
        services.api.users.grant(name, Role.ADMIN, Scope(names=(f"{mark}-*",)))
        services.login(name)
        containers = services.api.containers
        with refused(ErrorCode.FORBIDDEN):
            containers.create(CreateSpec(image=IMAGE, name="other", ports=LOW_PORT), "request")
        own = CreateSpec(image=IMAGE, name=f"{mark}-web", ports=LOW_PORT)
        services.made(containers.create(own, "request").id)
