"""A diagnosis of the installation: each part is tried, and what fails is said."""

from collections.abc import Callable

from contctl.core.api import Check, Level
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.services.shared import Shared


class DoctorService:
    """Implements the inbound port `Doctor` for embedded mode."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._ports = shared.ports

    def examine(self) -> tuple[Check, ...]:
        return (
            _check("engine", self._engine),
            _check("store", self._store),
            _check("files", self._files),
            _check("credentials", self._credentials),
            _check("session", self._session),
            Check(
                "roles",
                Level.NOTE,
                "advisory here: embedded mode guides and records, it is no boundary;"
                " who can run contctl as this user can also use the engine's socket directly",
            ),
        )

    def _engine(self) -> str:
        info = self._ports.engine.info()
        return f"{info.product} {info.version} at {info.address} ({info.reason})"

    def _store(self) -> str:
        return f"authority {self._ports.store.identity()}"

    def _files(self) -> str:
        problems = self._ports.modes.problems()
        if problems:
            raise ContctlError(ErrorCode.STORE, "; ".join(problems))
        return "private to this user"

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


def _check(name: str, examine: Callable[[], str]) -> Check:
    try:
        return Check(name, Level.OK, examine())
    except ContctlError as error:
        expected = error.code is ErrorCode.NOT_AUTHENTICATED
        level = Level.NOTE if expected else Level.FAILED
        return Check(name, level, error.message, error.hint)
