"""Running a case with one program."""

import hashlib
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pexpect

from devtools.http_unix import request
from tests.differential.compare import Seen
from tests.differential.table import WORD, Case, words_of
from tests.e2e.machine import CONTCTL, Machine

SECONDS = 60
_FRESH = 300.0
"""Seconds after which a session's tokens are renewed; they are good for 600."""
_STATE = "{{.Name}} {{.State.Status}} {{.State.ExitCode}}"


@dataclass
class Program:
    """A program, and what it runs in.  machine: of contctl's, whose session is kept."""

    name: str
    path: str
    environ: Mapping[str, str]
    machine: Machine | None = None
    _renewed: float = field(default_factory=time.monotonic)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def kept(self) -> None:
        """Renew the session in time."""
        with self._lock:
            if self.machine and time.monotonic() - self._renewed > _FRESH:
                self.machine.done("refresh")
                self._renewed = time.monotonic()


@dataclass(frozen=True)
class Place:
    """Where cases run.  words: what `@word` stands for, beside a case's own containers."""

    engine: str
    docker: Program
    words: Mapping[str, str]
    folder: Path

    def seen(self, case: Case, program: Program) -> Seen:
        """Run the case with `program`, and leave nothing behind."""
        program.kept()
        key = hashlib.sha256(case.name.encode()).hexdigest()[:6]
        names = {letter: f"{letter}-{key}x" for letter in case.own}
        folder = self.folder / key
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        words = {**self.words, **names, "dir": str(folder)}
        try:
            return self._seen(case, program, words, names, folder)
        finally:
            for name in names.values():
                self._remove(name)

    def _seen(
        self,
        case: Case,
        program: Program,
        words: Mapping[str, str],
        names: Mapping[str, str],
        folder: Path,
    ) -> Seen:
        for name, content in case.files.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        made = [case.shapes[letter] for letter in names if letter in case.shapes]
        for line in (*made, *case.before):
            done = run(self.docker, line.removeprefix("-"), words, folder)
            assert done.code == 0 or line.startswith("-"), f"{line}: {done.err}"
        seen = run_case(case, program, {**words, **self._ids(case, names, folder)}, folder)
        after = [run(self.docker, line, words, folder) for line in case.after]
        states = self._states([names[letter] for letter in names if letter in case.shapes], folder)
        text = "".join(f"{each.code}\n{each.out}" for each in after)
        return Seen(seen.code, seen.out, seen.err, f"{text}{states}", listing(folder))

    def _ids(self, case: Case, names: Mapping[str, str], folder: Path) -> dict[str, str]:
        line = "container inspect -f {{.Id}} @it"
        return {
            f"{letter}_id": run(self.docker, line, {"it": name}, folder).out.strip()
            for letter, name in names.items()
            if f"{letter}_id" in WORD.findall(case.line)
        }

    def _states(self, names: Sequence[str], folder: Path) -> str:
        if not names:
            return ""
        line = " ".join(("container inspect -f", f"'{_STATE}'", *names))
        return run(self.docker, line, {}, folder).out

    def _remove(self, name: str) -> None:
        try:
            request(self.engine, "DELETE", f"/containers/{name}?force=1&v=1")
        except (OSError, RuntimeError):
            return


def filled(line: str, words: Mapping[str, str]) -> list[str]:
    """The arguments that a line stands for; KeyError for a word that stands for nothing."""
    return [WORD.sub(lambda match: words[match[1]], part) for part in words_of(line)]


def run(program: Program, line: str, words: Mapping[str, str], folder: Path) -> Seen:
    """Run one line to its end, off any terminal."""
    done = subprocess.run(
        [program.path, *filled(line, words)],
        env=dict(program.environ),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=SECONDS,
    )
    return _seen(done.returncode, done.stdout, done.stderr)


def run_case(case: Case, program: Program, words: Mapping[str, str], folder: Path) -> Seen:
    """Run the case's own line."""
    command = [program.path, *filled(case.line, words)]
    if case.dialog is not None:
        return _on_terminal(case, command, program, folder)
    process = subprocess.Popen(
        command,
        env=dict(program.environ),
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        if case.interrupt:
            time.sleep(case.interrupt)
            process.send_signal(signal.SIGINT)
        out, err = process.communicate(case.stdin.encode("utf-8", "surrogateescape"), SECONDS)
    finally:
        process.kill()
        process.wait()
    return _seen(process.returncode, out, err)


def _on_terminal(case: Case, command: list[str], program: Program, folder: Path) -> Seen:
    terminal: pexpect.spawn[str] = pexpect.spawn(
        command[0],
        command[1:],
        env={"TERM": "xterm", **program.environ},
        cwd=str(folder),
        timeout=SECONDS,
        dimensions=(30, 120),
        encoding="utf-8",
        codec_errors="surrogateescape",
    )
    shown = ""
    try:
        for awaited, typed in case.dialog or ():
            terminal.expect(awaited)
            shown += f"{terminal.before}{terminal.after}"
            terminal.send(typed)
        terminal.expect(pexpect.EOF)
        shown += terminal.before or ""
    finally:
        terminal.close(force=True)
    code = terminal.exitstatus if terminal.exitstatus is not None else -(terminal.signalstatus or 0)
    return Seen(code, shown, "")


def _seen(code: int, out: bytes, err: bytes) -> Seen:
    return Seen(code, *(text.decode("utf-8", "surrogateescape") for text in (out, err)))


def listing(folder: Path) -> str:
    """All below `folder`: modes, names, targets of links, and what is in small files."""
    lines = []
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_symlink():
            lines.append(f"{name} -> {path.readlink()}")
        elif path.is_dir():
            lines.append(f"{path.stat().st_mode:o} {name}/")
        else:
            data = path.read_bytes()
            shown = repr(data)[2:-1] if len(data) < 200 else f"{len(data)} bytes"
            lines.append(f"{path.stat().st_mode:o} {name} {shown}")
    return "\n".join(lines)


def docker_program(host: str, home: Path) -> Program | None:
    """docker's own; None where it is not installed."""
    path = shutil.which("docker")
    if path is None:
        return None
    environ = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}
    return Program("docker", path, {**environ, "DOCKER_HOST": host})


def contctl_program(machine: Machine, path: Path = CONTCTL) -> Program:
    """contctl on that machine."""
    environ = {**machine.environment(), "PYTHONDONTWRITEBYTECODE": "1"}
    return Program("contctl", str(path), environ, machine)
