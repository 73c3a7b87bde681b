"""What an installation has decided for itself, and the defaults (CONTRACT, "Configuration")."""

from dataclasses import dataclass

from contctl.core.domain.credentials import StoreKind
from contctl.core.domain.sessions import Lifetimes

DEFAULT_LIFETIMES = Lifetimes(access=10 * 60, idle=7 * 86400, absolute=30 * 86400)


SyslogAddress = str | tuple[str, int]
"""The path of a Unix socket, or an IP address and a UDP port."""


@dataclass(frozen=True, slots=True)
class Settings:
    """lifetimes: in seconds. bind_mounts: host folders that containers may mount from.
    syslog: where copies of audit records go, None for nowhere."""

    lifetimes: Lifetimes = DEFAULT_LIFETIMES
    min_password_length: int = 15
    credential_store: StoreKind = StoreKind.KEYRING
    bind_mounts: tuple[str, ...] = ()
    syslog: SyslogAddress | None = None
