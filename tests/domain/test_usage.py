"""What is worked out of the engine's readings."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contctl.core.domain.usage import Usage, usage_of


def cpu(total: int, system: int, **others: Any) -> dict[str, Any]:
    return {"cpu_usage": {"total_usage": total, **others}, "system_cpu_usage": system}


def test_the_processor() -> None:
    before = cpu(100, 1000)
    for now, percent in (
        ({**cpu(150, 1200), "online_cpus": 4}, 100.0),
        (cpu(150, 1200, percpu_usage=[1, 2]), 50.0),
        ({**cpu(100, 1200), "online_cpus": 4}, 0.0),
        ({**cpu(50, 1200), "online_cpus": 4}, 0.0),
        ({**cpu(150, 1000), "online_cpus": 4}, 0.0),
        ({**cpu(150, 900), "online_cpus": 4}, 0.0),
        ({**cpu(101, 1001), "online_cpus": 1}, 100.0),
        (cpu(150, 1200), 0.0),
        (cpu(150, 1200, percpu_usage=4), 0.0),
        ({**cpu(150, 1200, percpu_usage=[1, 2]), "online_cpus": 1}, 25.0),
    ):
        assert usage_of("a", {"cpu_stats": now, "precpu_stats": before}).cpu == percent


def test_memory_without_the_cache() -> None:
    for stats, used in (
        ({"total_inactive_file": 30, "inactive_file": 1}, 70),
        ({"inactive_file": 10}, 90),
        ({"total_inactive_file": 200, "inactive_file": 10}, 100),
        ({"inactive_file": 99}, 1),
        ({"inactive_file": 100}, 100),
        ({}, 100),
    ):
        usage = usage_of("a", {"memory_stats": {"usage": 100, "limit": 400, "stats": stats}})
        assert (usage.memory, usage.memory_share) == (used, used / 4)


def test_what_is_not_said_is_nothing_used() -> None:
    assert usage_of("a", {}) == Usage("a", "", 0.0, 0, 0, 0.0, 0, 0, 0, 0, 0)
    unlimited = usage_of("a", {"name": 1, "memory_stats": {"usage": 100}})
    assert unlimited == Usage("a", "", 0.0, 100, 0, 0.0, 0, 0, 0, 0, 0)


def test_entries_that_are_none_do_not_hide_others() -> None:
    blocks = [1, {"op": None, "value": 2}, {"op": "Read", "value": "4"}, {"op": "Read", "value": 8}]
    reading = {
        "networks": {"a": 1, "b": {"rx_bytes": 16, "tx_bytes": None}},
        "blkio_stats": {"io_service_bytes_recursive": blocks},
    }
    usage = usage_of("a", reading)
    assert (usage.received, usage.sent, usage.read, usage.written) == (16, 0, 8, 0)


def test_sums_over_networks_and_disks() -> None:
    entries = [("Read", 1), ("write", 2), ("read", 4), ("Sync", 8), ("", 16)]
    usage = usage_of(
        "a",
        {
            "name": "/web",
            "memory_stats": {"limit": 9},
            "networks": {"a": {"rx_bytes": 1, "tx_bytes": 2}, "b": {"rx_bytes": 4}},
            "blkio_stats": {
                "io_service_bytes_recursive": [{"op": op, "value": value} for op, value in entries]
            },
            "pids_stats": {"current": 7},
        },
    )
    assert (usage.name, usage.received, usage.sent) == ("web", 5, 2)
    assert (usage.container_id, usage.memory_limit) == ("a", 9)
    assert (usage.read, usage.written, usage.processes) == (5, 2, 7)


garbage = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
    ),
    max_leaves=5,
)
KEYS = st.sampled_from(
    ["name", "cpu_stats", "precpu_stats", "memory_stats", "networks", "blkio_stats", "pids_stats"]
)


@given(st.dictionaries(KEYS, garbage))
def test_garbage_is_nothing_used(reading: dict[str, Any]) -> None:
    usage = usage_of("a", reading)
    assert usage.cpu >= 0
