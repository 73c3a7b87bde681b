"""What the risk of a container depends on besides the container.

Source: Docker Engine API v1.41, `GET /volumes/{name}`, `GET /networks/{id}` and `GET /info`.
"""

import re

from contctl.backends.docker.errors import garbage, understanding
from contctl.backends.docker.transport import Transport
from contctl.core.domain.containers import Json
from contctl.core.domain.field_rules import EngineDefaults
from contctl.core.errors import ContctlError, ErrorCode

_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]*", re.ASCII)


def volume(http: Transport, name: str) -> Json | None:
    """The engine's answer about a volume; None where it has none of that name."""
    if _NAME.fullmatch(name) is None:
        return None
    try:
        answer = http.ask(f"/volumes/{name}")
    except ContctlError as error:
        if error.code is ErrorCode.NOT_FOUND:
            return None
        raise
    if not isinstance(answer, dict) or answer.get("Name") != name:
        raise garbage(http.endpoint)
    return answer


def network(http: Transport, name: str) -> Json | None:
    """The engine's answer about a network; None where it has none of that name, ID or beginning of
    an ID."""
    if _NAME.fullmatch(name) is None:
        return None
    try:
        answer = http.ask(f"/networks/{name}")
    except ContctlError as error:
        if error.code is ErrorCode.NOT_FOUND:
            return None
        raise
    if not isinstance(answer, dict):
        raise garbage(http.endpoint)
    return answer


def defaults(http: Transport) -> EngineDefaults:
    """What the engine gives to containers that ask for nothing else."""
    answer = http.ask("/info")
    with understanding(http.endpoint):
        return EngineDefaults(
            private_cgroups="name=cgroupns" in (answer.get("SecurityOptions") or ()),
            log_driver=str(answer["LoggingDriver"]),
            runtime=str(answer["DefaultRuntime"]),
        )
