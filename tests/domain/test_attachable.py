"""Which containers can be attached to, and what is said of the others."""

import pytest

from contctl.core.domain.attachable import refusal_to_attach
from contctl.core.domain.containers import Json
from contctl.core.errors import ErrorCode

STOPPED = "you cannot attach to a stopped container, start it first"
PAUSED = "you cannot attach to a paused container, unpause it first"
RESTARTING = "you cannot attach to a restarting container, wait until it is running"


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"Running": False}, STOPPED),
        ({"Running": False, "Paused": True, "Restarting": True}, STOPPED),
        ({"Running": True, "Paused": True, "Restarting": True}, PAUSED),
        ({"Running": True, "Paused": True}, PAUSED),
        ({"Running": True, "Paused": False, "Restarting": True}, RESTARTING),
    ],
)
def test_what_cannot_be_attached_to(state: Json, message: str) -> None:
    refusal = refusal_to_attach({"State": state})
    assert refusal is not None
    assert (refusal.code, refusal.message) == (ErrorCode.CONFLICT, message)


@pytest.mark.parametrize("state", [{"Running": True}, {"Running": True, "Paused": False}])
def test_what_can_be_attached_to(state: Json) -> None:
    assert refusal_to_attach({"State": state}) is None


@pytest.mark.parametrize("inspected", [{}, {"State": {}}, {"State": None}])
def test_an_answer_that_does_not_say(inspected: Json) -> None:
    with pytest.raises((LookupError, TypeError)):
        refusal_to_attach(inspected)
