"""Scopes, and what grants allow in them."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contctl.core.domain.grants import (
    EVERYTHING,
    Grant,
    Scope,
    Subject,
    allows,
    check_scope,
    covers,
    describe,
    foreign_label,
    holds,
    is_admin,
    reaches,
    sees,
    strongest,
)
from contctl.core.domain.roles import ROLE_PERMISSIONS, Permission, Role
from contctl.core.errors import ContctlError, ErrorCode

names = st.sampled_from(["web", "web-1", "db", "db-1", ""])
labels = st.dictionaries(st.sampled_from(["team", "tier"]), st.sampled_from(["a", "b"]))
engines = st.sampled_from(["one", "two"])
subjects = st.builds(Subject, names, labels, engines)
scopes = st.builds(
    Scope,
    st.lists(st.sampled_from(["web*", "db", "*-1", "?b"]), max_size=2).map(tuple),
    labels.map(lambda chosen: tuple(chosen.items())),
    st.none() | engines,
)
grants = st.builds(Grant, st.text(max_size=3), st.sampled_from(Role), st.just(0), scopes)
held = st.lists(grants, max_size=4)
permissions = st.sampled_from(Permission)


@given(scopes, subjects)
def test_a_scope_covers_what_all_its_parts_match(scope: Scope, subject: Subject) -> None:
    matches = (
        not scope.names or any(fnmatchcase(subject.name, glob) for glob in scope.names),
        all(subject.labels.get(key) == value for key, value in scope.labels),
        scope.engine is None or scope.engine == subject.engine,
    )
    assert covers(scope, subject) is all(matches)
    assert covers(EVERYTHING, subject)


@given(held, permissions, subjects)
def test_each_grant_is_judged_alone_and_one_that_allows_is_enough(
    own: list[Grant], permission: Permission, subject: Subject
) -> None:
    alone = [
        permission in ROLE_PERMISSIONS[grant.role] and covers(grant.scope, subject) for grant in own
    ]
    assert allows(own, permission, subject) is any(alone)
    if any(alone):
        assert sees(own, subject)
        assert reaches(own, permission, subject.engine)


@given(held, permissions, subjects, subjects)
def test_two_subjects_need_one_grant_for_both(
    own: list[Grant], permission: Permission, one: Subject, other: Subject
) -> None:
    both = allows(own, permission, one, other)
    assert both is any(
        allows([grant], permission, one) and allows([grant], permission, other) for grant in own
    )


@given(held, permissions)
def test_what_is_not_about_containers_needs_a_grant_on_everything(
    own: list[Grant], permission: Permission
) -> None:
    scoped = permission.split(":")[0] in ("container", "image")
    expected = any(
        permission in ROLE_PERMISSIONS[grant.role] and (scoped or grant.scope == EVERYTHING)
        for grant in own
    )
    assert holds(own, permission) is expected


@given(held)
def test_only_an_admin_of_everything_is_one(own: list[Grant]) -> None:
    admins = [grant for grant in own if grant.role is Role.ADMIN and grant.scope == EVERYTHING]
    assert is_admin(own) is bool(admins)


@given(held, subjects)
def test_the_strongest_covers_and_nothing_that_covers_is_stronger(
    own: list[Grant], subject: Subject
) -> None:
    found = strongest(own, subject)
    covering = [grant for grant in own if covers(grant.scope, subject)]
    assert (found is None) is (not covering)
    if found is not None:
        assert found in covering
        most = max(len(ROLE_PERMISSIONS[grant.role]) for grant in covering)
        assert len(ROLE_PERMISSIONS[found.role]) == most


@given(held, labels, st.sets(st.sampled_from(["team", "tier"])))
def test_a_label_of_somebodys_scope_is_for_its_holders(
    own: list[Grant], wanted: dict[str, str], used: set[str]
) -> None:
    mine = {
        label
        for grant in own
        if grant.role in (Role.DEVELOPER, Role.ADMIN)
        for label in grant.scope.labels
    }
    found = foreign_label(own, Permission.CREATE, wanted, used)
    foreign = {key for key, value in wanted.items() if key in used and (key, value) not in mine}
    assert (found in foreign) if foreign else found is None


def test_a_label_of_another_value_is_for_others() -> None:
    own = [Grant("1", Role.DEVELOPER, 0, Scope(labels=(("team", "bank"),)))]
    for value, found in (("bank", None), ("payroll", "team"), ("", "team")):
        assert foreign_label(own, Permission.CREATE, {"team": value}, {"team"}) == found


def test_a_scope_within_a_scope_is_not_for_grants() -> None:
    with pytest.raises(ContctlError, match="within another") as raised:
        check_scope(Scope(within=Scope(names=("web",))))
    assert raised.value.code is ErrorCode.USAGE


def test_scopes_in_words() -> None:
    assert describe(EVERYTHING) == "all containers"
    scope = Scope(("web*", "db"), (("team", "shop"),), "unix:///run/docker.sock")
    assert describe(scope) == (
        "name web* or name db, label team=shop, engine unix:///run/docker.sock"
    )
    assert describe(Scope(labels=(("team", "shop"),))) == "label team=shop"
    assert describe(Scope(engine="local")) == "engine local"


@pytest.mark.parametrize(
    ("scope", "engine", "expected"),
    [
        (EVERYTHING, "one", True),
        (Scope(names=("web",), engine="one"), "one", True),
        (Scope(engine="two"), "one", False),
        (Scope(within=Scope(engine="one")), "one", True),
        (Scope(within=Scope(engine="two")), "one", False),
        (Scope(engine="two", within=Scope(engine="one")), "one", False),
    ],
)
def test_which_engines_a_grant_reaches(scope: Scope, engine: str, expected: bool) -> None:
    own = [Grant("id", Role.OPERATOR, 0, scope)]
    assert reaches(own, Permission.STOP, engine) is expected
    assert not reaches(own, Permission.CREATE, engine)


@pytest.mark.parametrize(
    "scope",
    [
        EVERYTHING,
        Scope(names=("x" * 128, "web-[0-9]?*", "[!a]")),
        Scope(labels=(("team", "shop"), ("x" * 256, ""), ("contctl", "x"))),
        Scope(engine="unix:///run/docker.sock"),
        Scope(("web",), (("team", "shop"),), "local"),
    ],
)
def test_possible_scopes(scope: Scope) -> None:
    check_scope(scope)


@pytest.mark.parametrize(
    "scope",
    [
        Scope(names=("",)),
        Scope(names=("a b",)),
        Scope(names=("web;",)),
        Scope(names=("x" * 129,)),
        Scope(labels=(("", "x"),)),
        Scope(labels=(("a b", "x"),)),
        Scope(labels=(("contctl.request", "x"),)),
        Scope(engine=""),
        Scope(engine="\udcff"),
        Scope(engine="one\ntwo"),
    ],
)
def test_impossible_scopes(scope: Scope) -> None:
    with pytest.raises(ContctlError, check=lambda error: error.code is ErrorCode.USAGE):
        check_scope(scope)
