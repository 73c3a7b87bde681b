"""Listing and inspecting."""

import time

import pytest

from contctl.core.domain.containers import REQUEST_LABEL, ListQuery
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import Engine
from tests.contracts.engine_basics import (
    IDLE,
    IMAGE,
    EngineBasics,
    Workshop,
    listed,
    needs,
    state,
    unique,
)


class ListingContract(EngineBasics):
    def test_info_names_the_product(self, engine: Engine) -> None:
        info = engine.info()
        assert info.product
        assert info.version
        assert info.address
        assert info.reason

    def test_a_row_tells_what_was_created(self, engine: Engine, workshop: Workshop) -> None:
        name, before = unique("row"), int(time.time())
        made = workshop.create("echo", "hi", name=name, labels={"a": "b"}, request="r-1")
        row = listed(engine, made)
        assert row is not None
        assert row.names == (name,)
        assert row.image == IMAGE
        assert row.image_id.startswith("sha256:")
        assert row.command == "echo hi"
        assert before - 5 <= row.created <= time.time() + 5
        assert (row.state, row.status) == ("created", "Created")
        assert dict(row.labels) == {"a": "b", REQUEST_LABEL: "r-1"}
        assert row.networks in ((("none",), ()) if "list" in engine.remarks else (("none",),))
        assert (row.ports, row.mounts, row.local_volumes) == ((), (), 0)
        assert (row.size, row.virtual_size) == (None, None)

    def test_only_running_ones_unless_all(self, engine: Engine, workshop: Workshop) -> None:
        running, created = workshop.run(*IDLE), workshop.create(*IDLE)
        shown = {container.id for container in engine.list(ListQuery())}
        assert running in shown
        assert created not in shown
        shown = {container.id for container in engine.list(ListQuery(all=True))}
        assert {running, created} <= shown

    @needs("kill")
    def test_states(self, engine: Engine, workshop: Workshop) -> None:
        container = workshop.run(*IDLE)
        assert state(engine, container) == "running"
        engine.kill(container, "KILL")
        workshop.exit_code(container)
        assert state(engine, container) == "exited"
        row = listed(engine, container)
        assert row is not None
        assert row.status.startswith("Exited (137)")

    @needs("pause", "unpause")
    def test_a_paused_one_is_shown_as_such(self, engine: Engine, workshop: Workshop) -> None:
        container = workshop.run(*IDLE)
        engine.pause(container)
        assert state(engine, container) == "paused"
        engine.unpause(container)
        assert state(engine, container) == "running"

    def test_the_newest_first_and_the_last_ones(self, engine: Engine, workshop: Workshop) -> None:
        label = unique("order")
        made = [workshop.create(*IDLE, labels={label: ""}) for _ in range(3)]
        query = ListQuery(all=True, filters=(("label", label),))
        assert [row.id for row in engine.list(query)] == made[::-1]
        last = engine.list(ListQuery(last=2, filters=(("label", label),)))
        assert [row.id for row in last] == [made[2], made[1]]

    def test_filters(self, engine: Engine, workshop: Workshop) -> None:
        label, name = unique("filter"), unique("name")
        one = workshop.create(*IDLE, name=name, labels={label: "1"})
        two = workshop.run(*IDLE)

        def ids(*filters: tuple[str, str]) -> set[str]:
            return {row.id for row in engine.list(ListQuery(all=True, filters=filters))}

        assert ids(("label", f"{label}=1")) == {one}
        assert ids(("label", f"{label}=2")) == set()
        assert ids(("name", name)) == {one}
        assert two in ids(("status", "running"))
        assert one not in ids(("status", "running"))
        assert {one, two} <= ids(("status", "running"), ("status", "created"))

    def test_an_unknown_filter_is_a_usage_error(self, engine: Engine) -> None:
        with pytest.raises(ContctlError) as caught:
            engine.list(ListQuery(filters=(("nosuchfilter", "x"),)))
        assert caught.value.code is ErrorCode.USAGE

    def test_sizes_where_asked_for(self, engine: Engine, workshop: Workshop) -> None:
        made = workshop.create(*IDLE)
        rows = engine.list(ListQuery(all=True, size=True, filters=(("id", made),)))
        assert rows[0].size == 0
        assert rows[0].virtual_size is not None

    def test_inspect_is_the_engines_own_answer(self, engine: Engine, workshop: Workshop) -> None:
        name = unique("inspected")
        made = workshop.create("echo", "hi", name=name, labels={"a": "b"})
        answer = engine.inspect(made)
        assert answer["Id"] == made
        assert answer["Name"] == f"/{name}"
        assert answer["State"]["Running"] is False
        assert answer["Config"]["Cmd"] == ["echo", "hi"]
        assert answer["Config"]["Labels"]["a"] == "b"
        assert answer["Config"]["Tty"] is False
        assert "SizeRw" not in answer
        sized = engine.inspect(made, size=True)
        assert (sized["Id"], sized["SizeRw"]) == (made, 0)
        assert sized["SizeRootFs"] > 0
