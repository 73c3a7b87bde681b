"""Scoped grants, as every implementation of the inbound port owes them."""

import secrets
from collections.abc import Callable

import pytest

from contctl.core.answers import AuditQuery
from contctl.core.api import Contctl
from contctl.core.domain.actions import Remove, Rename, Start, Stop
from contctl.core.domain.audit import Phase
from contctl.core.domain.containers import ListQuery
from contctl.core.domain.create import CreateSpec
from contctl.core.domain.grants import EVERYTHING, Scope
from contctl.core.domain.images import ImageQuery
from contctl.core.domain.roles import Permission, Role
from contctl.core.domain.streams import AttachSpec, Condition, ExecSpec, LogOptions
from contctl.core.domain.transfers import PruneQuery
from contctl.core.errors import ErrorCode
from tests.contracts.container_services import act, unique
from tests.contracts.services import ADMIN, IMAGE, PASSWORD, Services, ServicesFixture, refused

QUESTIONS: tuple[Callable[[Contctl, str], object], ...] = (
    lambda api, ref: api.containers.logs([ref], LogOptions()),
    lambda api, ref: api.containers.exec(ref, ExecSpec(("true",))),
    lambda api, ref: api.containers.attach(ref, AttachSpec()),
    lambda api, ref: api.containers.stat(ref, "/"),
    lambda api, ref: api.containers.get_archive(ref, "/"),
    lambda api, ref: api.containers.export(ref),
    lambda api, ref: api.containers.put_archive(ref, "/", []),
    lambda api, ref: api.containers.stats([ref]),
    lambda api, ref: api.containers.top(ref, ()),
    lambda api, ref: api.containers.top(ref, ("-o", "pid")),
    lambda api, ref: api.containers.ports(ref),
    lambda api, ref: api.containers.changes(ref),
    lambda api, ref: api.containers.list(ListQuery(filters=(("before", ref),))),
    lambda api, ref: api.rights.can(Permission.STOP, ref, None),
)


class ScopeServiceContract(ServicesFixture):
    """A container out of scope is not there; in scope, each grant is judged alone."""

    def user(self, services: Services, *grants: tuple[Role, Scope]) -> str:
        """Be a new user with `grants`; its name."""
        name = f"user-{secrets.token_hex(3)}"
        services.add(name, None)
        for role, scope in grants:
            services.api.users.grant(name, role, scope)
        services.login(name)
        return name

    def test_lists_hold_what_is_in_scope(self, services: Services) -> None:
        mark = secrets.token_hex(4)
        inside = services.container(name=f"shop-{mark}")
        services.container(name=f"bank-{mark}")
        self.user(services, (Role.VIEWER, Scope(names=(f"shop-{mark}",))))
        for query in (
            ListQuery(),
            ListQuery(last=1),
            ListQuery(all=True, filters=(("name", mark),)),
        ):
            assert [each.id for each in services.api.containers.list(query)] == [inside]

    def test_out_of_scope_answers_as_absent(self, services: Services) -> None:
        mark = secrets.token_hex(4)
        outside = services.container(name=f"bank-{mark}")
        self.user(services, (Role.DEVELOPER, Scope(names=("shop-*",))))
        for ref in (outside, outside[:12], f"bank-{mark}"):
            for question in QUESTIONS:
                with refused(ErrorCode.NOT_FOUND) as raised:
                    question(services.api, ref)
                assert raised.value.message == f"no such container: {ref}"
            for action in (Stop(grace=0), Remove(), Start()):
                outcome = act(services.api, action, ref)[ref]
                assert outcome.container_id is None
                assert outcome.error is not None
                assert outcome.error.code is ErrorCode.NOT_FOUND
            (answer,) = services.api.containers.inspect([ref])
            (end,) = services.api.containers.wait([ref], Condition.NOT_RUNNING)
            for error in (answer.error, end.error):
                assert error is not None
                assert error.code is ErrorCode.NOT_FOUND
                assert error.message == f"no such container: {ref}"
            assert end.container_id is None
        assert services.state(outside) == "running"

    def test_a_missing_permission_is_named_with_the_closest_grant(self, services: Services) -> None:
        mark = secrets.token_hex(4)
        seen, own = services.container(name=f"shop-{mark}"), services.container(name=f"own-{mark}")
        name = self.user(
            services,
            (Role.VIEWER, Scope(names=(f"shop-{mark}",))),
            (Role.OPERATOR, Scope(names=(f"own-{mark}",))),
        )
        outcomes = act(services.api, Stop(grace=0), f"shop-{mark}", f"own-{mark}")
        error = outcomes[f"shop-{mark}"].error
        assert error is not None
        assert error.code is ErrorCode.FORBIDDEN
        assert error.message == (
            f"you are not allowed to do this: {name} lacks container:stop on shop-{mark}"
        )
        assert error.hint == f"the grant that comes closest is 'viewer' on name shop-{mark}"
        assert outcomes[f"own-{mark}"].error is None
        assert (services.state(seen), services.state(own)) == ("running", "exited")
        denial = next(entry for entry in services.entries() if entry.phase is Phase.DENIED)
        assert (denial.target, denial.action) == (seen, "container:stop")

    def test_labels_decide_too(self, services: Services) -> None:
        services.login()
        label = unique("team")
        spec = CreateSpec(image=IMAGE, command=("sleep", "600"), labels={label: "shop"})
        inside = services.made(services.ports.engine.create(spec, "request").id)
        services.container()
        self.user(services, (Role.OPERATOR, Scope(labels=((label, "shop"),))))
        assert [each.id for each in services.api.containers.list(ListQuery(all=True))] == [inside]
        assert act(services.api, Start(), inside)[inside].error is None

    def test_a_prune_reaches_what_is_in_scope_and_may_be_pruned(self, services: Services) -> None:
        mark = secrets.token_hex(4)
        inside, watched, outside = (
            services.container(name=f"{name}-{mark}", running=False)
            for name in ("shop", "watched", "bank")
        )
        admin, viewer = (Scope(names=(f"{name}-{mark}",)) for name in ("shop", "watched"))
        self.user(services, (Role.ADMIN, admin), (Role.VIEWER, viewer))
        assert services.api.containers.prune(PruneQuery()).ids == (inside,)
        assert services.state(watched) == services.state(outside) == "created"

    def test_another_engines_grants_reach_nothing_here(self, services: Services) -> None:
        container_id = services.container()
        self.user(services, (Role.ADMIN, Scope(engine="elsewhere")))
        assert services.api.containers.list(ListQuery(all=True)) == ()
        with refused(ErrorCode.NOT_FOUND):
            services.api.containers.logs([container_id], LogOptions())
        with refused(ErrorCode.FORBIDDEN):
            services.api.containers.pull(IMAGE, None)
        with refused(ErrorCode.FORBIDDEN):
            services.api.containers.images(ImageQuery())
        denied = [entry.action for entry in services.entries() if entry.phase is Phase.DENIED]
        assert "image:list" in denied

    def test_images_are_for_whoever_may_make_containers(self, services: Services) -> None:
        self.user(services, (Role.DEVELOPER, Scope(names=("mine-*",))))
        images = services.api.containers.images(ImageQuery())
        assert IMAGE in [tag for image in images for tag in image.tags]
        assert [entry for entry in services.entries() if entry.action == "image:list"] == []

    def test_a_create_needs_name_and_labels_inside_one_grant(self, services: Services) -> None:
        mark, label = secrets.token_hex(4), unique("team")
        scope = Scope(names=(f"{mark}-*",), labels=((label, "shop"),))
        self.user(services, (Role.DEVELOPER, scope))
        containers = services.api.containers
        wrong: tuple[tuple[str | None, dict[str, str]], ...] = (
            (f"{mark}-a", {}),
            (f"{mark}-a", {label: "bank"}),
            ("other", {label: "shop"}),
            (None, {label: "shop"}),
        )
        for name, labels in wrong:
            with refused(ErrorCode.FORBIDDEN):
                containers.create(CreateSpec(image=IMAGE, name=name, labels=labels), "request")
        spec = CreateSpec(image=IMAGE, name=f"{mark}-a", labels={label: "shop"})
        created = services.made(containers.create(spec, "request").id)
        outcome = act(services.api, Rename("other"), created)[created]
        assert outcome.error is not None
        assert outcome.error.code is ErrorCode.FORBIDDEN
        assert act(services.api, Rename(f"{mark}-b"), created)[created].error is None
        # The slash is no part of the name, so it is not what a `?` stands for.
        self.user(services, (Role.DEVELOPER, Scope(names=(f"{mark}-b", f"?{mark}-c"))))
        outcome = act(services.api, Rename(f"/{mark}-c"), created)[created]
        assert outcome.error is not None
        assert outcome.error.code is ErrorCode.FORBIDDEN

    def test_nobody_else_may_set_a_label_of_somebodys_scope(self, services: Services) -> None:
        label = unique("team")
        self.user(services, (Role.VIEWER, Scope(labels=((label, "shop"),))))
        services.login_as(Role.DEVELOPER)
        spec = CreateSpec(image=IMAGE, labels={label: "shop"})
        with refused(ErrorCode.FORBIDDEN) as raised:
            services.api.containers.create(spec, "request")
        assert label in raised.value.message
        services.made(services.api.containers.create(CreateSpec(image=IMAGE), "request").id)

    def test_scoped_admins_manage_no_accounts(self, services: Services) -> None:
        name = self.user(services, (Role.ADMIN, Scope(names=("*",))))
        with refused(ErrorCode.FORBIDDEN):
            services.api.users.grant(name, Role.ADMIN, EVERYTHING)
        with refused(ErrorCode.FORBIDDEN):
            services.api.audit.list(AuditQuery())
        services.login()
        with refused(ErrorCode.CONFLICT):
            services.api.users.set_enabled(ADMIN, enabled=False)

    def test_granting_and_revoking_bind_the_next_command(self, services: Services) -> None:
        container_id = services.container()
        name = self.user(services)
        with refused(ErrorCode.FORBIDDEN):
            services.api.containers.list(ListQuery())
        own = services.put_aside()
        services.login()
        grant = services.api.users.grant(name, Role.OPERATOR, EVERYTHING)
        admins = services.put_aside()
        services.put_back(own)
        assert act(services.api, Stop(grace=0), container_id)[container_id].error is None
        services.put_back(admins)
        assert services.api.users.revoke(name, grant.id).grants == ()
        services.put_back(own)
        with refused(ErrorCode.FORBIDDEN):
            services.api.containers.act(Start(), [container_id])

    def test_the_last_admins_grant_stays(self, services: Services) -> None:
        services.login()
        (grant,) = services.api.users.show(None).grants
        with refused(ErrorCode.CONFLICT):
            services.api.users.revoke(ADMIN, grant.id)
        again = services.api.users.grant(ADMIN, Role.ADMIN, EVERYTHING)
        services.api.users.revoke(ADMIN, grant.id)
        with refused(ErrorCode.CONFLICT):
            services.api.users.revoke(ADMIN, again.id)
        with refused(ErrorCode.NOT_FOUND):
            services.api.users.revoke(ADMIN, "no-such-grant")
        services.api.users.add("bob", PASSWORD, Role.ADMIN)
        with refused(ErrorCode.NOT_FOUND):
            services.api.users.revoke("bob", again.id)

    @pytest.mark.parametrize("scope", [Scope(names=("a b",)), Scope(labels=(("contctl.x", ""),))])
    def test_impossible_scopes_are_usage_errors(self, services: Services, scope: Scope) -> None:
        services.login()
        with refused(ErrorCode.USAGE):
            services.api.users.grant(ADMIN, Role.VIEWER, scope)

    def test_rights_can_be_asked_for(self, services: Services) -> None:
        mark = secrets.token_hex(4)
        services.container(name=f"shop-{mark}")
        name = self.user(services, (Role.OPERATOR, Scope(names=("shop-*",))))
        rights = services.api.rights
        assert rights.can(Permission.STOP, None, None)
        assert rights.can(Permission.STOP, f"shop-{mark}", None)
        assert not rights.can(Permission.REMOVE, f"shop-{mark}", None)
        assert not rights.can(Permission.USER_MANAGE, None, None)
        with refused(ErrorCode.FORBIDDEN):
            rights.can(Permission.STOP, None, ADMIN)
        services.login()
        assert set(services.api.rights.all(None, None)) == set(Permission)
        assert services.api.rights.can(Permission.STOP, f"shop-{mark}", name)
        services.api.users.set_enabled(name, enabled=False)
        assert services.api.rights.all(None, name) == ()
        with refused(ErrorCode.NOT_FOUND):
            services.api.rights.all(None, "nobody")
