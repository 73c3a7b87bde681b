"""A CI token's rights: its owner's grants cut with its own role and scope."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from contctl.core.domain.grants import (
    EVERYTHING,
    Grant,
    Scope,
    Subject,
    allows,
    covers,
    cut,
    describe,
    foreign_label,
    holds,
    is_admin,
    reaches,
    sees,
)
from contctl.core.domain.roles import ROLE_PERMISSIONS, Permission, Role, narrower
from tests.domain.test_grants import engines, held, labels, permissions, scopes, subjects

roles = st.sampled_from(Role)


@given(roles, roles)
def test_the_narrower_role_has_what_both_have(one: Role, other: Role) -> None:
    both = ROLE_PERMISSIONS[one] & ROLE_PERMISSIONS[other]
    assert ROLE_PERMISSIONS[narrower(one, other)] == both


@given(held, roles, scopes, permissions, subjects, subjects)
def test_it_allows_what_one_grant_and_the_token_both_allow(
    own: list[Grant],
    role: Role,
    scope: Scope,
    permission: Permission,
    one: Subject,
    other: Subject,
) -> None:
    by_token = permission in ROLE_PERMISSIONS[role] and covers(scope, one) and covers(scope, other)
    expected = allows(own, permission, one, other) and by_token
    assert allows(cut(own, role, scope), permission, one, other) is expected


@given(held, roles, scopes, permissions)
def test_what_is_not_about_containers_needs_both_on_everything(
    own: list[Grant], role: Role, scope: Scope, permission: Permission
) -> None:
    scoped = permission.split(":")[0] in ("container", "image")
    by_token = permission in ROLE_PERMISSIONS[role] and (scoped or scope == EVERYTHING)
    assert holds(cut(own, role, scope), permission) is (holds(own, permission) and by_token)


@given(held, roles, scopes, subjects)
def test_it_sees_what_both_cover(
    own: list[Grant], role: Role, scope: Scope, subject: Subject
) -> None:
    assert sees(cut(own, role, scope), subject) is (sees(own, subject) and covers(scope, subject))


@given(held, roles, scopes, permissions, engines)
def test_it_reaches_an_engine_that_both_reach(
    own: list[Grant], role: Role, scope: Scope, permission: Permission, engine: str
) -> None:
    token = [Grant("token", role, 0, scope)]
    both = reaches(own, permission, engine) and reaches(token, permission, engine)
    assert reaches(cut(own, role, scope), permission, engine) is both


@given(held, roles, scopes)
def test_only_an_admins_token_for_everything_is_an_admins(
    own: list[Grant], role: Role, scope: Scope
) -> None:
    admins = role is Role.ADMIN and scope == EVERYTHING
    assert is_admin(cut(own, role, scope)) is (is_admin(own) and admins)


@given(held, roles, scopes, labels, st.sets(st.sampled_from(["team", "tier"])))
def test_a_token_may_set_no_label_that_its_owner_may_not(
    own: list[Grant], role: Role, scope: Scope, wanted: dict[str, str], used: set[str]
) -> None:
    by_owner = foreign_label(own, Permission.CREATE, wanted, used)
    by_token = foreign_label(cut(own, role, scope), Permission.CREATE, wanted, used)
    if by_owner is not None:
        assert by_token is not None
    if role in (Role.DEVELOPER, Role.ADMIN):
        assert by_token == by_owner


@given(held)
def test_a_token_without_limits_has_its_owners_rights(own: list[Grant]) -> None:
    assert cut(own, Role.ADMIN, EVERYTHING) == tuple(own)


def test_a_cut_scope_in_words() -> None:
    scope = replace(Scope(("shop-*",)), within=Scope(("shop-web",), (("tier", "1"),)))
    assert describe(scope) == "name shop-*, of these only: name shop-web, label tier=1"
    assert describe(Scope(within=EVERYTHING)) == "all containers, of these only: all containers"


def test_a_scope_is_everything_where_the_one_around_it_is() -> None:
    some = Scope(names=("web*",))
    assert Scope(within=EVERYTHING).is_everything
    for scope in (some, Scope(within=some), Scope(within=Scope(within=some))):
        assert not scope.is_everything


def test_a_token_for_some_containers_is_no_admin() -> None:
    own = [Grant("g", Role.ADMIN, 0)]
    some = cut(own, Role.ADMIN, Scope(names=("web*",)))
    assert is_admin(cut(own, Role.ADMIN, EVERYTHING))
    assert not is_admin(some)
    assert holds(some, Permission.STOP)
    assert not holds(some, Permission.USER_MANAGE)
