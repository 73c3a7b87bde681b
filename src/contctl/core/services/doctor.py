"""A diagnosis of the installation: each part is tried, and what fails is said."""

import time
from collections.abc import Callable

from contctl.core.answers import Check, Level
from contctl.core.domain.engines import EngineInfo
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import EmbeddedPorts, FileModes
from contctl.core.services.context_checks import context_checks
from contctl.core.services.shared import Shared


class DoctorService:
    """Implements the inbound port `Doctor` for embedded mode."""

    def __init__(self, shared: Shared, ports: EmbeddedPorts) -> None:
        self._shared = shared
        self._ports = ports

    def examine(self) -> tuple[Check, ...]:
        return (
            check("engine", self._engine),
            check("store", self._store),
            check("files", self._files),
            check("credentials", self._credentials),
            check("session", self._session),
            Check(
                "roles",
                Level.NOTE,
                "advisory here: embedded mode guides and records, it is no boundary;"
                " who can run contctl as this user can also use the engine's socket directly",
            ),
            *context_checks(self._ports.context_probe),
        )

    def repair_modes(self) -> tuple[str, ...]:
        return self._ports.modes.repair()

    def _engine(self) -> str:
        return engine_text(self._ports.engine.info())

    def _store(self) -> str:
        return f"authority {self._ports.store.identity()}"

    def _files(self) -> str:
        return private_files(self._ports.modes)

    def _credentials(self) -> str:
        token = self._ports.environment_token
        if token is not None:
            return f"not needed: {token.variable} is set"
        try:
            authority = self._ports.store.identity()
        except ContctlError:
            authority = ""
        store = self._ports.stores.choose(None, authority)
        store.probe()
        return f"{store.location} takes, gives and deletes items"

    def _session(self) -> str:
        caller = self._shared.access.caller()
        if caller.token_id:
            return f"the CI token {caller.token_id} of {caller.user.name}"
        return f"logged in as {caller.user.name}"


def engine_text(info: EngineInfo) -> str:
    """Which engine answered, where, and why that one."""
    return f"{info.product} {info.version} at {info.address} ({info.reason})"


def certificate_text(ends: float | None) -> str:
    """What is to be said of a gateway's certificate behind other things; empty where it has none.
    ends: seconds since the epoch."""
    if ends is None:
        return ""
    return f", its certificate ends {time.strftime('%Y-%m-%d', time.gmtime(ends))}"


def private_files(modes: FileModes) -> str:
    """What is to be said of contctl's own files; STORE where some are not private."""
    problems = modes.problems()
    if problems:
        raise ContctlError(
            ErrorCode.STORE,
            "; ".join(problems),
            hint="'contctl doctor --repair-modes' takes other users' access away; links are yours"
            " to remove",
        )
    return "private to this user"


def check(name: str, examine: Callable[[], str]) -> Check:
    """One line of a diagnosis: what `examine` answers, or the error that it raises."""
    try:
        return Check(name, Level.OK, examine())
    except ContctlError as error:
        expected = error.code is ErrorCode.NOT_AUTHENTICATED
        level = Level.NOTE if expected else Level.FAILED
        return Check(name, level, error.message, error.hint)
