"""Small faults, sown one by one into a copy of contctl, and the case that has to see each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """name: what is wrong.  file: below src/contctl.  text: what it reads.  wrong: what stands
    there instead.  line: of the case that sees it."""

    name: str
    file: str
    text: str
    wrong: str
    line: str


FAULTS: tuple[Fault, ...] = (
    Fault(
        "a wrong exit code",
        "commands/output/exit_status.py",
        "    NOT_FOUND = 3",
        "    NOT_FOUND = 1",
        "stop nope",
    ),
    Fault(
        "a flag that is dropped",
        "commands/container/rm.py",
        "Remove(force=force,",
        "Remove(force=False,",
        "rm -f @a",
    ),
    Fault(
        "swapped columns",
        "commands/container/listed.py",
        '("ID", "Image", "Command",',
        '("ID", "Command", "Image",',
        "ps --filter label=mark=@mark",
    ),
    Fault(
        "a missing newline",
        "commands/container/diff.py",
        '"\\n".join(lines)',
        '" ".join(lines)',
        "container diff @a",
    ),
    Fault(
        "standard error on standard output",
        "commands/container/logs.py",
        "app.terminal.error_bytes(data)",
        "app.terminal.write_bytes(data)",
        "logs @done",
    ),
    Fault(
        "IDs that are a digit short",
        "commands/container/rows.py",
        "_ID = 12",
        "_ID = 11",
        "ps -aq --filter label=mark=@mark",
    ),
    Fault(
        "a filter that is ignored",
        "commands/container/listed.py",
        "filters=pairs(asked.filters),",
        "filters=pairs(asked.filters)[:1],",
        "ps -a --filter label=mark=@mark --filter status=exited",
    ),
    Fault(
        "a working folder that is forgotten",
        "commands/container/exec.py",
        "workdir=workdir",
        "workdir=None",
        'exec -w /tmp -u nobody @up sh -c "pwd; id"',
    ),
    Fault(
        "a line too many",
        "commands/container/logs.py",
        "return int(text) if",
        "return int(text) + 1 if",
        "logs --tail 1 @done",
    ),
    Fault(
        "a column that is left out",
        "commands/container/port.py",
        "short=wanted is not None",
        "short=True",
        "port @up",
    ),
    Fault(
        "details that are not asked for",
        "backends/docker/reading.py",
        '"details": int(options.details)',
        '"details": 0',
        "logs --details @done",
    ),
)
