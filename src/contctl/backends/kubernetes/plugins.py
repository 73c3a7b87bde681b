"""Programs that a kubeconfig names to get credentials from.

Source: Kubernetes, client-go credential plugins (client.authentication.k8s.io, ExecCredential).
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from contctl.backends.kubernetes.kubeconfig import Access
    from contctl.core.domain.containers import Json

SECONDS = 60.0
_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
_NOT_FOR_THEM = ("CONTCTL_TOKEN", "CONTCTL_TOKEN_FILE")
_MOST = 1024 * 1024
"""Bytes of an answer."""


def run_plugin(plugin: object, access: Access, environ: Mapping[str, str]) -> Json:
    """The status that a kubeconfig's exec plugin answers. STORE where it fails or is silent; its
    own answer is never quoted, for it holds a secret."""
    if not isinstance(plugin, dict) or not isinstance(plugin.get("command"), str):
        raise _failed(access, "the exec plugin has no command")
    version = plugin.get("apiVersion")
    if version not in _VERSIONS:
        raise _failed(access, f"the exec plugin speaks {version!s}, which is not known")
    info = {"apiVersion": version, "kind": "ExecCredential", "spec": {"interactive": False}}
    variables = {name: value for name, value in environ.items() if name not in _NOT_FOR_THEM}
    variables |= {str(each["name"]): str(each["value"]) for each in plugin.get("env") or ()}
    variables["KUBERNETES_EXEC_INFO"] = json.dumps(info)
    command = plugin["command"]
    if "/" in command:
        command = str(Path(access.source).parent / command)
    try:
        code, answer = _run([command, *map(str, plugin.get("args") or ())], variables)
    except subprocess.TimeoutExpired:
        raise _failed(access, f"the exec plugin {command} does not answer") from None
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it cannot be run"
        raise _failed(access, f"the exec plugin {command}: {why}") from None
    if code != 0:
        raise _failed(access, f"the exec plugin {command} ended with {code}")
    try:
        status = json.loads(answer)["status"]
    except (ValueError, KeyError, TypeError, RecursionError):
        status = None
    if not isinstance(status, dict):
        raise _failed(access, f"the exec plugin {command} answered no credential")
    return status


def _run(command: Sequence[str], variables: Mapping[str, str]) -> tuple[int, bytes]:
    """The exit code and the answer, of which what is too much is cut off. TimeoutExpired where it
    takes too long; it and its children are ended then."""
    deadline = time.monotonic() + SECONDS
    process = subprocess.Popen(  # noqa: S603 - the kubeconfig's owner is who runs it
        command,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    with cast(IO[bytes], process.stdout) as output:
        try:
            answer = _read(output, deadline)
            output.close()
            return process.wait(max(0.0, deadline - time.monotonic())), answer
        except BaseException:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise


def _read(output: IO[bytes], deadline: float) -> bytes:
    answer, poll = b"", select.poll()
    poll.register(output, select.POLLIN)
    while len(answer) <= _MOST:
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise subprocess.TimeoutExpired("", SECONDS)
        piece = os.read(output.fileno(), 65536)
        if not piece:
            break
        answer += piece
    return answer


def _failed(access: Access, why: str) -> ContctlError:
    return ContctlError(ErrorCode.STORE, f"{access.source}: {why}")
