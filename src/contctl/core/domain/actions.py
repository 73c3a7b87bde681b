"""What can be done to an existing container, and how each attempt ended."""

from dataclasses import dataclass, field

from contctl.core.domain.resources import Resources, RestartPolicy
from contctl.core.domain.roles import Permission
from contctl.core.errors import ContctlError


@dataclass(frozen=True, slots=True)
class Start:
    """Start a container that is not running."""

    permission = Permission.START


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop it. grace: seconds before it is killed (-1: never), None for the container's own."""

    grace: int | None = None
    signal: str | None = None
    permission = Permission.STOP


@dataclass(frozen=True, slots=True)
class Restart:
    """Stop it, where it runs, and start it. grace and signal as for Stop."""

    grace: int | None = None
    signal: str | None = None
    permission = Permission.RESTART


@dataclass(frozen=True, slots=True)
class Kill:
    """Send a signal, named or numbered, to the main process."""

    signal: str = "KILL"
    permission = Permission.KILL


@dataclass(frozen=True, slots=True)
class Pause:
    """Freeze its processes."""

    permission = Permission.PAUSE


@dataclass(frozen=True, slots=True)
class Unpause:
    """Let its processes go on."""

    permission = Permission.PAUSE


@dataclass(frozen=True, slots=True)
class Remove:
    """Remove it. force: kill it first; an absent one is no error. volumes: anonymous ones too."""

    force: bool = False
    volumes: bool = False
    permission = Permission.REMOVE


@dataclass(frozen=True, slots=True)
class Rename:
    """Give it another name."""

    name: str
    permission = Permission.RENAME


@dataclass(frozen=True, slots=True)
class Update:
    """Change what it may use, and when it is started again; what is empty or None stays."""

    resources: Resources = field(default_factory=Resources)
    restart: RestartPolicy | None = None
    permission = Permission.UPDATE


Action = Start | Stop | Restart | Kill | Pause | Unpause | Remove | Rename | Update


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the attempt on one target ended.

    ref: as the caller gave it.  container_id: the full ID, None where it meant none.
    error: None where it was done, or the state asked for was there already.
    warnings: the engine's.
    """

    ref: str
    container_id: str | None
    error: ContctlError | None = None
    warnings: tuple[str, ...] = ()
