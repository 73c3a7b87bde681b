"""How a reference finds a container, and what an inspect shows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contctl.core.domain.containers import Container, for_display, public_labels, resolve
from contctl.core.errors import ContctlError, ErrorCode

ids = st.text("0123456789abcdef", min_size=64, max_size=64)
names = st.text("abcdef0123456789", min_size=1, max_size=5)


def container(container_id: str, *own_names: str) -> Container:
    return Container(
        id=container_id,
        names=own_names,
        image="image",
        image_id="sha256:0",
        command="sleep",
        created=0,
        state="running",
        status="Up",
        ports=(),
        labels={},
        mounts=(),
        local_volumes=0,
        networks=(),
    )


@given(st.dictionaries(ids, names, min_size=1, max_size=8), st.data())
def test_references_resolve_in_dockers_order(named: dict[str, str], data: st.DataObject) -> None:
    containers = [container(container_id, name) for container_id, name in named.items()]
    ref = data.draw(
        st.one_of(
            st.sampled_from(list(named)),
            st.sampled_from(list(named.values())),
            st.sampled_from(list(named)).map(lambda container_id: container_id[:3]),
            names,
        )
    )
    by_name = [each for each in containers if ref in each.names]
    by_prefix = [each for each in containers if each.id.startswith(ref)]
    if ref in named:
        assert resolve(ref, containers).id == ref
    elif by_name:
        assert resolve(ref, containers) in by_name
    elif len(by_prefix) == 1:
        assert resolve(ref, containers) == by_prefix[0]
    else:
        code = ErrorCode.CONFLICT if by_prefix else ErrorCode.NOT_FOUND
        with pytest.raises(ContctlError, check=lambda error: error.code is code):
            resolve(ref, containers)


def test_a_name_may_have_its_slash_and_nothing_matches_everything() -> None:
    web = container("a" * 64, "web", "web/alias")
    assert resolve("/web", [web]) == web
    assert resolve("web/alias", [web]) == web
    for ref in ("", "/", "we", "WEB", "a" * 65):
        with pytest.raises(ContctlError, check=lambda error: error.code is ErrorCode.NOT_FOUND):
            resolve(ref, [web])


def test_its_own_name_comes_before_its_links() -> None:
    assert container("a" * 64, "web", "shop/web").name == "web"
    assert container("a" * 64).name == ""


def test_contctls_own_labels_are_not_shown() -> None:
    labels = {"contctl.request": "1", "contctl.": "2", "contctl": "3", "team": "4"}
    assert public_labels(labels) == {"contctl": "3", "team": "4"}


def test_inspect_hides_values_only_from_those_who_may_not_see_them() -> None:
    data = {
        "Id": "x",
        "Config": {"Env": ["A=1", "B=", "C", "D=x=y"], "Labels": {"contctl.request": "1"}},
    }
    hidden = for_display(data, with_environment=False)
    assert hidden["Config"]["Env"] == ["A=***", "B=***", "C=***", "D=***"]
    shown = for_display(data, with_environment=True)
    assert shown["Config"]["Env"] == ["A=1", "B=", "C", "D=x=y"]
    assert shown["Config"]["Labels"] == {}
    assert data["Config"]["Labels"] == {"contctl.request": "1"}  # type: ignore[index]  # a literal
    assert for_display({"Config": {"Env": None}}, with_environment=False) == {
        "Config": {"Env": None}
    }
