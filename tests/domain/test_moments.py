"""Moments as `--since` and `--until` take them."""

import os
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contctl.core.domain.moments import parse_moment
from contctl.core.errors import ContctlError, ErrorCode

NOW = 1_700_000_000.0


@pytest.fixture
def in_india() -> Iterator[None]:
    """Local time that is five and a half hours ahead of UTC."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = "XXX-5:30"
    time.tzset()
    yield
    os.environ.pop("TZ")
    if before is not None:
        os.environ["TZ"] = before
    time.tzset()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("10m", NOW - 600),
        ("1h30m", NOW - 5400),
        ("1.5h", NOW - 5400),
        ("7d", NOW - 7 * 86400),
        ("500ms", NOW - 0.5),
        ("0s", NOW),
        ("1136073600", 1136073600),
        ("1136073600.5", 1136073600.5),
        ("2023-11-14T22:13:20Z", NOW),
        ("2023-11-14t22:13:20z", NOW),
        ("2023-11-14T22:13:20.25Z", NOW + 0.25),
        ("2023-11-14T22:13:20.123456789Z", NOW + 0.123456),
        ("2023-11-15T00:13:20+02:00", NOW),
        ("2023-11-14T22:13Z", NOW - 20),
        ("2023-11-14T22Z", NOW - 800),
        ("2023-11-14Z", NOW - 80000),
        ("2023-11-15T03:43:20", NOW),
        ("2023-11-15T03:43", NOW - 20),
        ("2023-11-15", NOW - 13400),
        ("2023-11-15+05:30", NOW - 13400),
    ],
)
@pytest.mark.usefixtures("in_india")
def test_moments(text: str, seconds: float) -> None:
    assert parse_moment(text, NOW) == pytest.approx(seconds, abs=1e-5)


@pytest.mark.parametrize(
    "text",
    [
        *("", "yesterday", "-1h", "10 m", "10x", "m", "1d" * 6, "1" * 40, "\u0661m", "nan", "1e5"),
        *("2023-13-01", "2023-02-30", "2023-11-14T25Z", "2023-W46-2", "2023-11-14T22:13:20Z\n"),
        *("2023-11-14T22:13:20+25:00", "2023-11-14 22:13:20 UTC", "0000-01-01"),
    ],
)
def test_what_is_no_moment(text: str) -> None:
    with pytest.raises(ContctlError) as caught:
        parse_moment(text, NOW)
    assert caught.value.code is ErrorCode.USAGE
    assert caught.value.message.isprintable()


@given(st.text("0123456789.:-+TZzdhms ", max_size=40))
def test_any_text_is_a_moment_that_the_store_can_compare_or_a_usage_error(text: str) -> None:
    with suppress(ContctlError):
        assert abs(parse_moment(text, NOW) * 1000) < 2**63
