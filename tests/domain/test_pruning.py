"""Which stopped containers a prune removes."""

from dataclasses import replace

import pytest

from contctl.core.domain.transfers import PruneQuery, to_prune
from tests.domain.test_references import container

OLD = replace(
    container("a" * 64, "old"), state="exited", created=100, labels={"team": "web", "tier": ""}
)


@pytest.mark.parametrize(
    ("query", "removed"),
    [
        (PruneQuery(), True),
        (PruneQuery(until=100), True),
        (PruneQuery(until=101), True),
        (PruneQuery(until=99), False),
        (PruneQuery(until=0), False),
        (PruneQuery(labels=("team",)), True),
        (PruneQuery(labels=("team=web", "tier", "tier=")), True),
        (PruneQuery(labels=("team=web=1",)), False),
        (PruneQuery(labels=("team=",)), False),
        (PruneQuery(labels=("tier=web",)), False),
        (PruneQuery(labels=("team=web", "other")), False),
        (PruneQuery(labels=("other", "team=web")), False),
        (PruneQuery(labels=("other=",)), False),
        (PruneQuery(without_labels=("team",)), False),
        (PruneQuery(without_labels=("team=web", "tier")), False),
        (PruneQuery(without_labels=("team=web", "other")), True),
        (PruneQuery(without_labels=("team=shop",)), True),
        (PruneQuery(100, ("team",), ("tier",)), False),
        (PruneQuery(100, ("team",), ("other",)), True),
    ],
)
def test_queries(query: PruneQuery, *, removed: bool) -> None:
    assert to_prune(OLD, query) is removed


def test_a_label_with_an_equals_sign_in_its_value() -> None:
    made = replace(OLD, labels={"team": "web=1"})
    assert to_prune(made, PruneQuery(labels=("team=web=1",)))
    assert not to_prune(made, PruneQuery(labels=("team=web",)))


@pytest.mark.parametrize(
    ("state", "removed"),
    [
        *((state, True) for state in ("created", "exited", "dead")),
        *((state, False) for state in ("running", "paused", "restarting", "removing", "")),
    ],
)
def test_only_what_does_not_run(state: str, *, removed: bool) -> None:
    assert to_prune(replace(OLD, state=state), PruneQuery()) is removed
