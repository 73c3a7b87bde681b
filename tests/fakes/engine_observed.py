"""What the fake engine sees of its containers from outside."""

from collections.abc import Sequence
from pathlib import PurePosixPath

from contctl.core.domain.observed import Change, ChangeKind, Processes
from contctl.core.errors import ContctlError, ErrorCode
from tests.fakes.engine_containers import FakeContainer

_CELLS = {
    "UID": "root",
    "PID": "4711",
    "PPID": "4700",
    "C": "0",
    "STIME": "12:00",
    "TTY": "?",
    "TIME": "00:00:00",
    "CMD": "",
}
_BY_OPTION = {"pid": "PID", "comm": "COMMAND", "args": "COMMAND"}


def processes(container: FakeContainer, args: Sequence[str]) -> Processes:
    """Its main process; of ps' options it knows `-o` with the columns pid, comm and args."""
    container.require_running()
    command = container.row(size=False).command
    if not args:
        return Processes(tuple(_CELLS), ((*tuple(_CELLS.values())[:-1], command),))
    names = args[1].split(",") if len(args) == 2 and args[0] == "-o" else []
    if not names or not set(names) <= set(_BY_OPTION):
        raise ContctlError(ErrorCode.FAILED, "ps: error: unsupported option")
    if "pid" not in names:
        raise ContctlError(ErrorCode.FAILED, "Couldn't find PID field in ps output")
    cells = {"pid": _CELLS["PID"], "comm": command.partition(" ")[0], "args": command}
    return Processes(
        tuple(_BY_OPTION[name] for name in names), (tuple(cells[name] for name in names),)
    )


def changed_files(container: FakeContainer) -> tuple[Change, ...]:
    """The files that were put into it, each after its folder."""
    found: dict[str, ChangeKind] = {}
    for path in container.files:
        for folder in reversed(PurePosixPath(path).parents):
            if str(folder) != "/":
                found[str(folder)] = ChangeKind.CHANGED
        found[path] = ChangeKind.ADDED
    return tuple(Change(kind, path) for path, kind in found.items())
