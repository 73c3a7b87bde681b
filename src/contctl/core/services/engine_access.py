"""Which of several engines a caller may use, and know of."""

from contctl.core.domain.engines import EngineChoice
from contctl.core.domain.grants import engines_within
from contctl.core.domain.roles import Permission
from contctl.core.errors import ContctlError, ErrorCode
from contctl.core.services.access import Access
from contctl.core.services.caller import Caller


class EngineAccess(Access):
    """As `Access`, for what is done on an engine of a gateway."""

    def require(self, permission: Permission, asked: str = "") -> Caller:
        """As `Access.require`, and then as `check_engine`."""
        caller = super().require(permission, asked)
        check_engine(self._ports.engine_choice, caller)
        return caller


def check_engine(choice: EngineChoice | None, caller: Caller) -> None:
    """NOT_FOUND for an engine that is not there, or of which none of the caller's grants is about
    anything; USAGE where the request names none and the gateway has none to choose for this caller.
    No error names an engine that the caller does not know."""
    if choice is None:
        return
    known = engines_within(caller.grants, choice.names)
    if choice.asked is None:
        if len(choice.names) > 1 and choice.default not in known:
            raise ContctlError(
                ErrorCode.USAGE,
                "the gateway has several engines, and the request names none",
                hint=_hint(known),
            )
    elif choice.asked not in known:
        raise ContctlError(
            ErrorCode.NOT_FOUND, f"no such engine: {choice.asked}", hint=_hint(known)
        )


def _hint(known: tuple[str, ...]) -> str:
    if not known:
        return "none of your grants is about an engine of this gateway"
    return f"your grants are about {', '.join(known)}; 'contctl context create' takes --engine"
