"""Which changes a commit takes: no label of contctl's own comes into an image."""

import pytest

from contctl.core.domain.transfers import check_changes
from contctl.core.errors import ContctlError, ErrorCode

OWN = "labels that begin with contctl. are contctl's own"
LINE = "a change is one line"
VARIABLE = "the labels of a change may not have variables"


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("LABEL contctl.request=mine", OWN),
        ("label a=b contctl.x=1", OWN),
        ("LABEL\tcontctl.x=1", OWN),
        ('LABEL "contctl.x"=1', OWN),
        ("LABEL con\\tctl.x=1", OWN),
        ("LABEL con`tctl.x=1", OWN),
        ("ONBUILD LABEL contctl.x=1", OWN),
        ("LABEL ${A}tctl.x=1", VARIABLE),
        ("LABEL ${A:-con}tctl.x=1", VARIABLE),
        ("ENV A=con\nLABEL contctl.x=1", LINE),
        ("# escape=`\rLABEL a=b", LINE),
    ],
)
def test_what_is_refused(change: str, why: str) -> None:
    with pytest.raises(ContctlError) as caught:
        check_changes(["CMD true", "LABEL a=b", change])
    assert caught.value.code is ErrorCode.USAGE
    assert caught.value.message == f"the change {change!r} is refused: {why}"


def test_what_is_taken() -> None:
    check_changes(["ENV A=$B", "CMD echo LABELS contctl.x", "LABEL a=b c='d e'", "USER contctl."])
    check_changes(["LABEL conXtctl.x=1", "ENV X=1"])
