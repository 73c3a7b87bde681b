"""Writing the audit trail: intent before, outcome after, denials, reads."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

from contctl.core.domain.audit import AuditEntry, Phase
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.ports import AuditLog, Clock
from contctl.core.services.caller import Caller, Deed

_ON_ENGINES = ("container:", "image:")
_LONGEST = 1000
"""Characters of what a caller says that a record keeps: a request may be a thousand times longer,
and records stay for ever."""


class Recorder:
    """Writes entries for one operating-system user; whose they are is said with each. engine:
    gives the name to say with what is done on an engine; empty where that needs no saying."""

    def __init__(
        self, log: AuditLog, clock: Clock, uid: int, engine: Callable[[], str] = lambda: ""
    ) -> None:
        self._log = log
        self._engine = engine
        self._clock = clock
        self._uid = uid

    def intent(self, caller: Caller | None, deed: Deed) -> int:
        """Record that `deed` is about to be done; the number that its outcome refers to."""
        return self._log.append(self._entry(caller, deed, Phase.INTENT))

    def intents(self, caller: Caller, deeds: Sequence[Deed]) -> Sequence[int]:
        """As `intent` for each of `deeds`, all of them or none."""
        if len(deeds) == 1:
            # One goes to the disk together with those of other callers.
            return (self.intent(caller, deeds[0]),)
        entries = [self._entry(caller, deed, Phase.INTENT) for deed in deeds]
        return self._log.append_all(entries) if entries else ()

    def outcome(
        self, caller: Caller | None, deed: Deed, intent: int, error: ContctlError | None = None
    ) -> None:
        """Record how the deed of `intent` ended. STORE, saying that it was done, if that fails."""
        result = "ok" if error is None else str(error.code)
        try:
            self._log.append(self._entry(caller, deed, Phase.OUTCOME, intent=intent, result=result))
        except ContctlError as failure:
            if error is not None:
                return
            raise ContctlError(
                ErrorCode.STORE,
                f"{deed.action} was done, but that could not be recorded: {failure.message}",
                hint=failure.hint,
                details=failure.details,
            ) from failure

    def denied(self, caller: Caller | None, deed: Deed, result: ErrorCode) -> None:
        """Record a refusal. One that cannot be recorded is a refusal all the same."""
        try:
            self._log.append(self._entry(caller, deed, Phase.DENIED, result=str(result)))
        except ContctlError:
            return

    def read(self, caller: Caller, deed: Deed) -> None:
        """Record that something is about to be read."""
        self._log.append(self._entry(caller, deed, Phase.READ, result="ok"))

    def reads(self, caller: Caller, deeds: Sequence[Deed]) -> None:
        """As `read` for each of `deeds`, all of them or none."""
        if len(deeds) == 1:
            self.read(caller, deeds[0])
            return
        entries = [self._entry(caller, deed, Phase.READ, result="ok") for deed in deeds]
        if entries:
            self._log.append_all(entries)

    @contextmanager
    def recorded(self, caller: Caller | None, deed: Deed) -> Iterator[None]:
        """Record the intent, run the body, record the outcome; an interrupted body has none."""
        intent = self.intent(caller, deed)
        try:
            yield
        except ContctlError as error:
            self.outcome(caller, deed, intent, error)
            raise
        self.outcome(caller, deed, intent)

    def _entry(
        self,
        caller: Caller | None,
        deed: Deed,
        phase: Phase,
        intent: int | None = None,
        result: str = "",
    ) -> AuditEntry:
        entry = AuditEntry(
            at=int(self._clock.now() * 1000),
            phase=phase,
            action=deed.action,
            uid=self._uid,
            target=deed.target,
            target_name=deed.target_name[:_LONGEST],
            intent=intent,
            result=result,
            detail=self._detail(deed)[:_LONGEST],
        )
        if caller is not None:
            entry = replace(
                entry,
                user_id=caller.user.id,
                user=caller.user.name,
                session_id=caller.session_id,
                token_id=caller.token_id,
            )
        return entry

    def _detail(self, deed: Deed) -> str:
        engine = self._engine() if deed.action.startswith(_ON_ENGINES) else ""
        if not engine:
            return deed.detail
        return f"on the engine {engine}{'; ' if deed.detail else ''}{deed.detail}"
