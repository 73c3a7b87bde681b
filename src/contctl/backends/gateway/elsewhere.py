"""What cannot be done through a gateway: it needs the store itself."""

from pathlib import Path
from typing import NoReturn

from contctl.core.answers import Check
from contctl.core.domain.accounts import User
from contctl.core.domain.secret import Secret
from contctl.core.domain.store import Upgraded
from contctl.core.errors import ContctlError, ErrorCode


class RecoveryElsewhere:
    """Implements the inbound port `Recovery`: UNSUPPORTED, with a hint that says where."""

    def admin(self, name: str | None) -> User:  # noqa: ARG002 - the port's
        _refuse("recover-admin")

    def reset(self, name: str, password: Secret) -> User:  # noqa: ARG002
        _refuse("recover-admin")


class MaintenanceElsewhere:
    """Implements the inbound port `Maintenance`: UNSUPPORTED, with a hint that says where."""

    def examine(self) -> tuple[Check, ...]:
        _refuse("check")

    def upgrade(self) -> Upgraded | None:
        _refuse("check --migrate")

    def back_up(self, path: Path) -> None:  # noqa: ARG002
        _refuse("backup FILE")


def _refuse(command: str) -> NoReturn:
    raise ContctlError(
        ErrorCode.UNSUPPORTED,
        "a gateway's store is managed on its own host only",
        hint="run there: sudo -u contctl env CONTCTL_HOME=/var/lib/contctl"
        f" contctl --context default store {command}",
    )
