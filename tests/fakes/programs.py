"""The tiny programs that run in the fake engine's containers, each in a thread of its own.

`sh -c` knows statements between semicolons: echo (also `>&2`), sleep, exit, cat, env, pwd, true,
false, `trap 'exit N' SIGNAL` and the endless loop `while :; do sleep N; done`.
"""

import re
import shlex
import threading
from collections.abc import Callable, Mapping

from contctl.core.domain.streams import Err, Out
from contctl.core.errors import ContctlError, ErrorCode
from tests.fakes.engine_streams import NotYet, Pipe

PROGRAMS = ("cat", "echo", "env", "false", "pwd", "sh", "sleep", "true")
_LOOP = re.compile(r"while (:|true); do sleep [0-9.]+; done")
_KILLED = 137


class _Ended(Exception):
    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def check_command(argv: tuple[str, ...]) -> None:
    """ContctlError FAILED, as an engine's start has it, where `argv` cannot be run."""
    name = argv[0] if argv else ""
    if name in PROGRAMS or name.removeprefix("/bin/") in PROGRAMS:
        return
    exists = name in ("/", "/bin", "/etc", "/tmp")
    why = "permission denied" if exists else "executable file not found in $PATH"
    reason = "command-not-executable" if exists else "command-not-found"
    raise ContctlError(ErrorCode.FAILED, f'exec: "{name}": {why}', details={"reason": reason})


class Process:
    """A program that runs. say: takes its output.  ended: called with its exit code.

    Everything is guarded by `changed`, which is notified of all that happens.
    """

    def __init__(
        self,
        changed: threading.Condition,
        argv: tuple[str, ...],
        stdin: Pipe,
        environment: Mapping[str, str],
        files: Mapping[str, bytes],
        workdir: str,
        say: Callable[[Out | Err], None],
        ended: Callable[[int], None],
    ) -> None:
        self._changed = changed
        self._argv = argv
        self._stdin = stdin
        self._environment = environment
        self._files = files
        self._workdir = workdir
        self._say = say
        self._ended = ended
        self._traps: dict[str, int] = {}
        self._killed: int | None = None
        self.code: int | None = None

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()

    def signal(self, name: str) -> None:
        """Like the first process of a container, it ignores what it has no trap for but KILL."""
        with self._changed:
            if name == "KILL":
                self._killed = _KILLED
            elif name in self._traps:
                self._killed = self._traps[name]
            self._changed.notify_all()

    def _run(self) -> None:
        try:
            code = self._execute(self._argv)
        except _Ended as end:
            code = end.code
        with self._changed:
            self.code = code
            self._ended(code)
            self._changed.notify_all()

    def _execute(self, argv: tuple[str, ...]) -> int:
        name, *arguments = argv
        match name.removeprefix("/bin/"):
            case "echo":
                self._print(" ".join(arguments) + "\n")
            case "env":
                self._print("".join(f"{k}={v}\n" for k, v in self._environment.items()))
            case "pwd":
                self._print(self._workdir + "\n")
            case "sleep":
                self._sleep(float(arguments[0]))
            case "cat":
                return self._cat(arguments)
            case "false":
                return 1
            case "sh":
                return self._script(arguments[1]) if arguments[:1] == ["-c"] else self._cat([])
        return 0

    def _script(self, text: str) -> int:
        code = 0
        for statement in _LOOP.sub("sleep inf", text).split(";"):
            words = shlex.split(statement)
            match words:
                case []:
                    continue
                case ["exit", number]:
                    return int(number)
                case ["trap", action, name]:
                    self._traps[name] = int(action.removeprefix("exit "))
                case [*head, ">&2"]:
                    self._put(Err((" ".join(head[1:]) + "\n").encode()))
                case _:
                    code = self._execute(tuple(words))
        return code

    def _cat(self, paths: list[str]) -> int:
        for path in paths:
            if path not in self._files:
                self._put(Err(f"cat: can't open '{path}'\n".encode()))
                return 1
            self._put(Out(self._files[path]))
        while not paths:
            data = self._wait(self._stdin.read)
            if not data:
                break
            self._put(Out(data))
        return 0

    def _sleep(self, seconds: float) -> None:
        import time

        end = time.monotonic() + seconds

        def over() -> bytes:
            if time.monotonic() < end:
                raise NotYet
            return b""

        self._wait(over, end - time.monotonic())

    def _wait(self, take: Callable[[], bytes], longest: float = 1.0) -> bytes:
        with self._changed:
            while True:
                self._check_killed()
                try:
                    return take()
                except NotYet:
                    self._changed.wait(max(0.001, min(longest, 1.0)))

    def _print(self, text: str) -> None:
        self._put(Out(text.encode()))

    def _put(self, output: Out | Err) -> None:
        with self._changed:
            self._check_killed()
            if output.data:
                self._say(output)
            self._changed.notify_all()

    def _check_killed(self) -> None:
        if self._killed is not None:
            raise _Ended(self._killed)
