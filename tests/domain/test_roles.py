"""Roles, grants and what they allow."""

from hypothesis import given
from hypothesis import strategies as st

from contctl.core.domain.grants import Grant, allows, is_admin
from contctl.core.domain.roles import ROLE_PERMISSIONS, Permission, Role, parse_permission

CONTRACT = {
    Role.VIEWER: "list inspect logs stats wait top port diff events",
    Role.OPERATOR: "start stop restart kill pause",
    Role.DEVELOPER: "create exec attach copy rename update remove export inspect-env"
    " image:list image:pull",
    Role.ADMIN: "create-privileged prune commit user:manage token:manage session:manage"
    " audit:read key:manage store:manage",
}
grants = st.lists(st.sampled_from(Role), max_size=4).map(
    lambda roles: [Grant(str(number), role, 0) for number, role in enumerate(roles)]
)


def test_each_role_adds_what_the_contract_says() -> None:
    held: set[str] = set()
    for role, added in CONTRACT.items():
        names = {name if ":" in name else f"container:{name}" for name in added.split()}
        assert held.isdisjoint(names)
        held |= names
        assert {str(permission) for permission in ROLE_PERMISSIONS[role]} == held
    assert held == {str(permission) for permission in Permission}


@given(grants, st.sampled_from(Permission))
def test_one_grant_that_allows_is_enough_and_none_allows_nothing(
    held: list[Grant], permission: Permission
) -> None:
    expected = any(permission in ROLE_PERMISSIONS[grant.role] for grant in held)
    assert allows(held, permission) is expected
    assert allows([], permission) is False


@given(grants)
def test_an_admin_is_who_holds_the_role(held: list[Grant]) -> None:
    assert is_admin(held) is any(grant.role is Role.ADMIN for grant in held)


@given(st.sampled_from(Permission))
def test_a_permission_is_read_by_its_name(permission: Permission) -> None:
    assert parse_permission(permission) is permission
    assert parse_permission(permission.removeprefix("container:")) is permission
