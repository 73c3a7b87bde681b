"""How long a retired key is needed."""

import pytest

from contctl.core.domain.keys import RetiredKey, still_verifies

RETIRED = RetiredKey("old", retired_at=1000)


@pytest.mark.parametrize(
    ("now", "in_use", "expected"),
    [
        (1000, (), True),
        (1049, (), True),
        (1050, (), True),
        (1051, (), False),
        (1051, ("other",), False),
        (1050, ("other",), True),
        (1051, ("other", "old"), True),
        (10**9, ("old",), True),
    ],
)
def test_a_key_verifies_while_a_token_of_it_may_be_good(
    now: int, in_use: tuple[str, ...], expected: bool
) -> None:
    assert still_verifies(RETIRED, now, 50, in_use) is expected
