"""A KeyringCredentialStore in a process of its own, whose environment names a bus.

keyring and its D-Bus library read the process's environment and keep what they found, so the real
code cannot be pointed at another bus inside the process that runs the tests.
"""

import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from contctl.backends.keyring import DEADLINE, KeyringCredentialStore
from contctl.core.domain.credentials import Credential, StoreKind
from contctl.core.errors import ContctlError, ErrorCode

_ANSWER_SECONDS = 60.0
_ROOT = Path(__file__).parents[2]


class KeyringProcess:
    """CredentialStore that lets a child process do the work; `modules` are those it imported."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    @property
    def kind(self) -> StoreKind:
        return StoreKind(self._ask("kind"))

    @property
    def location(self) -> str:
        return str(self._ask("location"))

    def backend_name(self) -> str:
        return str(self._ask("backend_name"))

    def modules(self) -> set[str]:
        return set(self._ask("modules"))

    def probe(self) -> None:
        self._ask("probe")

    def read(self, authority: str) -> Credential | None:
        text = self._ask("read", authority)
        return None if text is None else Credential.from_json(text)

    def write(self, authority: str, credential: Credential) -> None:
        self._ask("write", authority, credential.to_json())

    def delete(self, authority: str) -> None:
        self._ask("delete", authority)

    def _ask(self, *request: str) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        ready, _, _ = select.select([self._process.stdout], [], [], _ANSWER_SECONDS)
        assert ready, "the keyring's process does not answer"
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            error = answer["error"]
            raise ContctlError(
                ErrorCode(error["code"]),
                error["message"],
                hint=error["hint"],
                details=error["details"],
            )
        return answer["value"]


@contextmanager
def keyring_process(
    environ: Mapping[str, str], *, backend: str = "", deadline: float = DEADLINE
) -> Iterator[KeyringProcess]:
    """Run one with exactly `environ`; backend: the recorded one; deadline: seconds a call."""
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, backend, str(deadline)],
        env=dict(environ),
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
    )
    try:
        yield KeyringProcess(process)
    finally:
        process.kill()
        process.wait(10)
        for stream in (process.stdin, process.stdout):
            assert stream is not None
            stream.close()


def _answer(store: KeyringCredentialStore, name: str, *arguments: str) -> Any:
    if name == "modules":
        return sorted(sys.modules)
    if name == "read":
        credential = store.read(*arguments)
        return None if credential is None else credential.to_json()
    if name == "write":
        authority, text = arguments
        return store.write(authority, Credential.from_json(text))
    found = getattr(store, name)
    return found(*arguments) if callable(found) else found


def _serve(backend: str, deadline: str) -> None:
    """Answer requests, one JSON line each, until there are no more."""
    store = KeyringCredentialStore(os.environ, backend=backend or None, deadline=float(deadline))
    for line in sys.stdin:
        try:
            answer = {"value": _answer(store, *json.loads(line))}
        except ContctlError as error:
            shown = {"code": error.code, "message": error.message, "hint": error.hint}
            answer = {"error": {**shown, "details": error.details}}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    _serve(*sys.argv[1:])
