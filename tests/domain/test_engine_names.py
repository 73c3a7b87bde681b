"""Engines as grants and configurations name them."""

import pytest

from contctl.core.domain.engines import EngineKind, cannot, is_engine_name
from contctl.core.domain.grants import EVERYTHING, Grant, Scope, engines_within
from contctl.core.domain.roles import Role
from contctl.core.errors import ErrorCode

NAMES = ("near", "far")


@pytest.mark.parametrize("name", ["a", "0", "shop-1", "a.b_c", "x" * 64])
def test_names(name: str) -> None:
    assert is_engine_name(name)


@pytest.mark.parametrize("name", ["", "-a", ".a", "A", "a b", "a\n", "é", "x" * 65])
def test_what_is_no_name(name: str) -> None:
    assert not is_engine_name(name)


@pytest.mark.parametrize(
    ("scopes", "known"),
    [
        ([], ()),
        ([EVERYTHING], NAMES),
        ([Scope(names=("web",))], NAMES),
        ([Scope(engine="far")], ("far",)),
        ([Scope(engine="other")], ()),
        ([Scope(engine="far"), Scope(engine="near", names=("web",))], NAMES),
        ([Scope(within=Scope(engine="near"))], ("near",)),
        ([Scope(engine="far", within=Scope(engine="near"))], ()),
    ],
)
def test_the_engines_that_grants_are_about(scopes: list[Scope], known: tuple[str, ...]) -> None:
    grants = [Grant(str(place), Role.VIEWER, 0, scope) for place, scope in enumerate(scopes)]
    assert engines_within(grants, NAMES) == known
    assert engines_within(iter(grants), iter(NAMES)) == known


def test_what_an_engine_cannot_do() -> None:
    error = cannot("pause", "it has no brakes")
    assert error.code is ErrorCode.UNSUPPORTED
    assert error.message == "this engine cannot pause: it has no brakes"
    assert [str(kind) for kind in EngineKind] == ["docker", "podman", "kubernetes"]
