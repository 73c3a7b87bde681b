"""Which containers can be attached to."""

from contctl.core.domain.containers import Json
from contctl.core.errors import ContctlError, ErrorCode

_REFUSED = (
    ("Paused", "a paused container, unpause it first"),
    ("Restarting", "a restarting container, wait until it is running"),
)


def refusal_to_attach(inspected: Json) -> ContctlError | None:
    """CONFLICT, in docker's words (docker/cli, `cli/command/container/attach.go`), for a container
    whose main process does not run now; None for one that can be attached to.

    inspected: the engine's own answer; LookupError or TypeError where it is none.
    """
    state = inspected["State"]
    if not state["Running"]:
        return _conflict("a stopped container, start it first")
    refused = [words for key, words in _REFUSED if state.get(key)]
    return _conflict(refused[0]) if refused else None


def _conflict(which: str) -> ContctlError:
    return ContctlError(ErrorCode.CONFLICT, f"you cannot attach to {which}")
