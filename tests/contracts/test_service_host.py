"""This machine, in a mount namespace of its own, and the one in memory, keep the contract."""

import os
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from contctl.core.domain.gateway_plan import EngineSocket, Step, SystemUser
from contctl.core.errors import ContctlError
from tests.contracts.service_host import ServiceHostContract, Site
from tests.fakes.service_host import FakeServiceHost
from tests.private_host import PrivateHost, private_host

_SOCKET = "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])"
_ROOT = Path(__file__).parents[2]


class FakeSite(Site):
    def __init__(self) -> None:
        self.fake = self.host = FakeServiceHost()
        self.top = "/opt/site"

    def members(self, group: str) -> set[str]:
        return self.fake.members[group]

    def folder(self, path: str) -> tuple[int, str, str]:
        return self.fake.folders[path]

    def content(self, path: str) -> str:
        return self.fake.files[path]

    def put_folder(self, path: str, mode: int, user: str) -> None:
        self.fake.folders[path] = (mode, user, "root")

    def put_link(self, path: str) -> None:
        self.fake.links.add(path)

    def put_socket(self, path: str, group: str, mode: int) -> None:
        gid = self.fake.groups[group]
        self.fake.sockets[path] = EngineSocket(group, gid, bool(mode & 0o020))


class RemoteHost:
    """A `ServiceHost` that lets a process in a private host do the work."""

    uid = 0

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process

    def has_systemd(self) -> bool:
        return bool(self._ask("has_systemd"))

    def program_parts(self) -> tuple[str, ...]:
        return tuple(self._ask("program_parts"))

    def weakness(self) -> str | None:
        found: str | None = self._ask("weakness")
        return found

    def has_modules(self, names: Sequence[str]) -> bool:
        return bool(self._ask("has_modules", names))

    def user(self, name: str) -> SystemUser | None:
        found: SystemUser | None = self._ask("user", name)
        return found

    def group_id(self, name: str) -> int | None:
        found: int | None = self._ask("group_id", name)
        return found

    def engine_socket(self, path: str) -> EngineSocket | None:
        found: EngineSocket | None = self._ask("engine_socket", path)
        return found

    def perform(self, step: Step) -> bool:
        return bool(self._ask("perform", step))

    def _ask(self, name: str, *args: object) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        pickle.dump((name, args), self._process.stdin)
        self._process.stdin.flush()
        kind, answer = pickle.load(self._process.stdout)
        if kind == "error":
            code, message, hint = answer
            raise ContctlError(code, message, hint=hint)
        return answer


class RealSite(Site):
    def __init__(self, private: PrivateHost, host: RemoteHost) -> None:
        self.private = private
        self.host = host
        self.top = "/opt/site"
        private.done("mkdir", self.top)

    def members(self, group: str) -> set[str]:
        line = self.private.done("getent", "group", group).strip()
        return set(line.rpartition(":")[2].split(","))

    def folder(self, path: str) -> tuple[int, str, str]:
        mode, user, group = self.private.done("stat", "-c", "%a %U %G", path).split()
        return int(mode, 8), user, group

    def content(self, path: str) -> str:
        assert self.private.done("stat", "-c", "%a %U %G", path) == "644 root root\n"
        return self.private.done("cat", path)

    def put_folder(self, path: str, mode: int, user: str) -> None:
        self.private.done("install", "-d", "-m", f"{mode:o}", "-o", user, path)

    def put_link(self, path: str) -> None:
        self.private.done("ln", "-s", "/opt/site/nothing", path)

    def put_socket(self, path: str, group: str, mode: int) -> None:
        self.private.done(sys.executable, "-c", _SOCKET, path)
        self.private.done("chgrp", group, path)
        self.private.done("chmod", f"{mode:o}", path)


class TestInMemory(ServiceHostContract):
    @pytest.fixture
    def site(self) -> Site:
        return FakeSite()


class TestThisMachine(ServiceHostContract):
    @pytest.fixture
    def site(self) -> Iterator[Site]:
        module = "tests.contracts.service_host_process"
        with private_host() as private:
            process = subprocess.Popen(
                private.command(sys.executable, "-m", module),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": str(_ROOT)},
            )
            try:
                yield RealSite(private, RemoteHost(process))
            finally:
                process.kill()
                process.communicate(timeout=60)
