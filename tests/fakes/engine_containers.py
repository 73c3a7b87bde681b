"""A container of the fake engine. Every method is called with its condition variable held."""

import io
import itertools
import posixpath
import stat
import tarfile
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from contctl.core.domain.attachable import refusal_to_attach
from contctl.core.domain.containers import Container, Json
from contctl.core.domain.create import CreateSpec
from contctl.core.domain.create_request import create_request
from contctl.core.domain.engine_fields import CONFIG
from contctl.core.domain.risk import volumes_of
from contctl.core.domain.streams import (
    AttachSpec,
    Condition,
    Err,
    Event,
    ExecSpec,
    Exit,
    Frame,
    Out,
)
from contctl.core.domain.transfers import PathStat
from contctl.core.errors import ContctlError, ErrorCode
from tests.fakes.engine_rules import conflict, signal_name
from tests.fakes.engine_streams import NotYet, Pipe
from tests.fakes.programs import Process, check_command

_LONGEST = 30.0
_order = itertools.count()


@dataclass(frozen=True)
class Written:
    """A piece of the log. at: seconds since the epoch."""

    at: float
    output: Out | Err


def shown(piece: Out | Err, *, tty: bool) -> Out | Err:
    """As a terminal shows it, which has one output."""
    return Out(piece.data.replace(b"\n", b"\r\n")) if tty else piece


class FakeContainer:
    """What `docker create` would make of `spec`."""

    def __init__(
        self,
        changed: threading.Condition,
        spec: CreateSpec,
        labels: Mapping[str, str],
        record: Callable[[Event], None],
        forget: Callable[["FakeContainer"], None],
    ) -> None:
        self.id = uuid.uuid4().hex * 2
        self.name = spec.name or f"fake_{next(_order)}"
        self.spec = spec
        self.labels = dict(labels)
        self.order = next(_order)
        self.created = time.time()
        self.log: list[Written] = []
        self.paused = False
        self.removed = False
        self.runs = 0
        self.exits: list[int] = []
        self.files: dict[str, bytes] = {}
        self.host_config: Json = {}
        self.stdin = Pipe(changed, opened=spec.stdin)
        self._changed = changed
        self._record = record
        self._forget = forget
        self._process: Process | None = None
        self._execs: list[Process] = []

    @property
    def running(self) -> bool:
        return self.runs > len(self.exits)

    @property
    def state(self) -> str:
        if self.running:
            return "paused" if self.paused else "running"
        return "exited" if self.exits else "created"

    @property
    def status(self) -> str:
        if self.running:
            return "Up Less than a second (Paused)" if self.paused else "Up Less than a second"
        return f"Exited ({self.exits[-1]}) now" if self.exits else "Created"

    def row(self, *, size: bool) -> Container:
        network = self.spec.network or "bridge"
        return Container(
            id=self.id,
            names=(self.name,),
            image=self.spec.image,
            image_id="sha256:" + "0" * 64,
            command=" ".join(self._argv()),
            created=int(self.created),
            state=self.state,
            status=self.status,
            ports=self.spec.ports if self.running else (),
            labels=dict(self.labels),
            mounts=volumes_of(create_request(self.spec)),
            local_volumes=0,
            networks=(network,),
            size=0 if size else None,
            virtual_size=1024 if size else None,
        )

    def inspected(self) -> Json:
        asked = create_request(self.spec)
        return {
            "Id": self.id,
            "Name": f"/{self.name}",
            "State": {
                "Status": self.state,
                "Running": self.running,
                "Paused": self.paused,
                "ExitCode": self.exits[-1] if self.exits and not self.running else 0,
            },
            "Config": {
                "Cmd": [],
                "Env": [],
                "WorkingDir": "",
                "User": "",
                **{name: value for name, value in asked.items() if name in CONFIG},
                "Labels": dict(self.labels),
            },
            "HostConfig": {**asked["HostConfig"], **self.host_config},
        }

    def record(self, action: str, **attributes: str) -> None:
        known = {"image": self.spec.image, "name": self.name, **self.labels}
        self._record(Event(time.time_ns(), action, self.id, {**known, **attributes}))

    def require_running(self) -> None:
        if not self.running:
            raise conflict(f"Container {self.id} is not running")

    def require_attachable(self) -> None:
        refusal = refusal_to_attach(self.inspected())
        if refusal is not None:
            raise refusal

    def start(self) -> None:
        if self.paused:
            raise conflict("cannot start a paused container, try unpause instead")
        if self.running:
            return
        check_command(self._argv())
        self.runs += 1
        environment = dict(entry.partition("=")[::2] for entry in self.spec.env)
        self._process = Process(
            self._changed,
            self._argv(),
            self.stdin,
            environment,
            self.files,
            self.spec.workdir or "/",
            lambda output: self.log.append(Written(time.time(), shown(output, tty=self.spec.tty))),
            self._ended,
        )
        self.record("start")
        self._process.start()

    def stop(self, grace: int | None, signal_text: str | None) -> None:
        if not self.running:
            return
        name = signal_name(signal_text or "TERM")
        self.paused = False
        self.signal(name)
        seconds = 10.0 if grace is None else float(grace)
        run = self.runs
        self._changed.wait_for(
            lambda: len(self.exits) >= run, seconds if seconds >= 0 else _LONGEST
        )
        self.signal("KILL")
        self._changed.wait_for(lambda: len(self.exits) >= run, _LONGEST)
        self.record("stop")

    def signal(self, name: str) -> None:
        if self._process is not None:
            self._process.signal(name)

    def pause(self) -> None:
        self.require_running()
        if self.paused:
            raise conflict(f"Container {self.id} is already paused")
        self.paused = True
        self.record("pause")

    def unpause(self) -> None:
        if not self.paused:
            raise conflict(f"Container {self.id} is not paused")
        self.paused = False
        self.record("unpause")

    def exit_code(self, until: Condition) -> Callable[[], int]:
        """A function that answers the exit code, and raises NotYet before."""
        runs_then, exits_then = self.runs, len(self.exits)

        def take() -> int:
            if until is Condition.REMOVED:
                ready = self.removed
            elif until is Condition.NOT_RUNNING:
                ready = len(self.exits) >= runs_then
            else:
                ready = len(self.exits) > exits_then
            if not ready:
                raise NotYet
            return self.exits[-1] if self.exits else 0

        return take

    def joined(self, spec: AttachSpec) -> Callable[[], Frame]:
        """A function that answers the output of this run, or the next; StopIteration after it."""
        at = 0 if spec.logs else len(self.log)
        run = self.runs if self.running else self.runs + 1

        def take() -> Frame:
            nonlocal at
            while at < len(self.log):
                at += 1
                output = self.log[at - 1].output
                if spec.stdout if isinstance(output, Out) else spec.stderr:
                    return output
            if len(self.exits) >= run:
                raise StopIteration
            raise NotYet

        return take

    def execute(self, spec: ExecSpec) -> tuple[Callable[[], Frame], Pipe]:
        """Start a process beside the main one: what answers its frames, and its input."""
        check_command(spec.argv)
        output: list[Out | Err] = []
        stdin = Pipe(self._changed, opened=spec.stdin)
        self.record(f"exec_create: {' '.join(spec.argv)}")

        def say(piece: Out | Err) -> None:
            output.append(shown(piece, tty=spec.tty))

        process = Process(
            self._changed,
            spec.argv,
            stdin,
            dict(entry.partition("=")[::2] for entry in (*self.spec.env, *spec.env)),
            self.files,
            spec.workdir or self.spec.workdir or "/",
            say,
            lambda code: self.record("exec_die", exitCode=str(code)),
        )
        self._execs.append(process)
        self.record(f"exec_start: {' '.join(spec.argv)}")
        process.start()

        def take() -> Frame:
            if output:
                return output.pop(0)
            if process.code is None:
                raise NotYet
            return Exit(process.code)

        return take, stdin

    def check_folder(self, path: str) -> None:
        if not self._is_folder(_plain(path)):
            raise self._no_path(path)

    def stat(self, path: str) -> PathStat:
        plain = _plain(path)
        if self._is_folder(plain):
            return PathStat(posixpath.basename(plain), 4096, stat.S_IFDIR | 0o755, 0.0)
        content = self.files.get(plain)
        if content is None:
            raise self._no_path(path)
        return PathStat(posixpath.basename(plain), len(content), stat.S_IFREG | 0o644, 0.0)

    def packed(self, path: str) -> bytes:
        plain = _plain(path)
        is_folder = self._is_folder(plain)
        if plain not in self.files and not is_folder:
            raise self._no_path(path)
        base = "." if path.endswith("/.") else posixpath.basename(plain)
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w") as archive:
            if is_folder and base:
                folder = tarfile.TarInfo(base)
                folder.type, folder.mode = tarfile.DIRTYPE, 0o755
                archive.addfile(folder)
            for name, content in self.files.items():
                if name == plain or name.startswith(f"{plain.rstrip('/')}/"):
                    entry = tarfile.TarInfo(f"{base}{name[len(plain.rstrip('/')) :]}".lstrip("/"))
                    entry.size = len(content)
                    archive.addfile(entry, io.BytesIO(content))
        return buffer.getvalue()

    def _is_folder(self, path: str) -> bool:
        known = ("/", "/bin", "/etc", "/root", "/tmp")
        return path in known or any(name.startswith(f"{path}/") for name in self.files)

    def unpack(self, path: str, archive: tarfile.TarFile) -> None:
        for entry in archive:
            file = archive.extractfile(entry)
            if file is not None:
                self.files[_plain(f"{path}/{entry.name}")] = file.read()

    def _no_path(self, path: str) -> ContctlError:
        return ContctlError(
            ErrorCode.NOT_FOUND,
            f"Could not find the file {path} in container {self.id}",
            details={"reason": "no-path"},
        )

    def _argv(self) -> tuple[str, ...]:
        if self.spec.entrypoint:
            return (self.spec.entrypoint, *self.spec.command)
        return self.spec.command or ("sh",)

    def _ended(self, code: int) -> None:
        self.exits.append(code)
        self.paused = False
        self.stdin = Pipe(self._changed, opened=self.spec.stdin)
        for process in self._execs:
            process.signal("KILL")
        self.record("die", exitCode=str(code))
        if self.spec.auto_remove:
            self._forget(self)


def _plain(path: str) -> str:
    return "/" + posixpath.normpath(f"/{path}").lstrip("/")
