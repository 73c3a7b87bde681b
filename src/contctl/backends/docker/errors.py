"""The one place where foreign errors become contctl's own.

Messages are the engine's, on one line. An engine's answer is translated by a `Refusal`, a function
of HTTP status and message that the caller of a request picks; failures to get an answer at all by
`unavailable`.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from contctl.backends.docker.endpoint import Endpoint
from contctl.core.domain.containers import REQUEST_LABEL, no_such_container
from contctl.core.errors import ContctlError, ErrorCode

Refusal = Callable[[int, str], ContctlError]

_MAX_MESSAGE = 2000
_WRONG_VERSION = re.compile(r"client version [0-9.]+ is too (?:new|old)")
_CODES = {
    400: ErrorCode.USAGE,
    404: ErrorCode.NOT_FOUND,
    405: ErrorCode.UNSUPPORTED,
    409: ErrorCode.CONFLICT,
    501: ErrorCode.UNSUPPORTED,
}
_NOT_FOUND = ("executable file not found", "no such file or directory")
_NOT_EXECUTABLE = ("permission denied", "is a directory")
_BAD_COMMIT = ("is not a valid change command", "invalid reference format")
_NOT_YET = "id already in use"
"""The end of what a Docker engine says of a start while containerd still has the container's last
run (moby, `libcontainerd/remote/client.go`, NewContainer): nothing was made. It has then cleared up
and tried once more by itself (`daemon/start.go`; later `libcontainerd/replace.go`)."""
_PAUSES = (0.5, 1.0, 2.0, 4.0)
"""Seconds before a start that was refused so is asked for again."""
_NO_IMAGE_HERE = ("no such image",)
_NO_IMAGE_ANYWHERE = ("no such image", "manifest unknown", "not found", "does not exist")


def one_line(message: str) -> str:
    """An engine's message without its line ends, its prefix and its final full stop."""
    text = " ".join(message[:_MAX_MESSAGE].split())
    return text.removeprefix("Error response from daemon: ").rstrip(".") or "no reason given"


def refused(status: int, message: str) -> ContctlError:
    """A status of 400 and more, as the Docker Engine API uses them."""
    text = one_line(message)
    if status == 404 and text == "page not found":
        return ContctlError(ErrorCode.UNSUPPORTED, "the engine does not know this operation")
    if status == 400 and _WRONG_VERSION.match(text):
        return ContctlError(
            ErrorCode.UNSUPPORTED,
            f"the engine does not speak the version of its API that contctl uses: {text}",
            hint="'contctl doctor' shows the engine; another version of it, or of contctl, helps",
        )
    return ContctlError(_CODES.get(status, ErrorCode.FAILED), text)


def of_container(container_id: str) -> Refusal:
    """For what is asked of one container."""

    def refusal(status: int, message: str) -> ContctlError:
        if status == 404 and "no such container" in message.lower():
            return no_such_container(container_id)
        if status == 500 and message.rstrip().endswith("is not paused"):
            return ContctlError(ErrorCode.CONFLICT, one_line(message))
        return refused(status, message)

    return refusal


def of_command(container_id: str) -> Refusal:
    """For starting a process; tells commands that cannot be run by docker's own rule for its exit
    codes 127 and 126 (docker/cli, `cli/command/container/run.go`, toStatusError)."""
    general = of_container(container_id)

    def refusal(status: int, message: str) -> ContctlError:
        error = general(status, message)
        if error.code in (ErrorCode.CONFLICT, ErrorCode.UNSUPPORTED) or (
            error.code is ErrorCode.NOT_FOUND and "no such container" in error.message
        ):
            return error
        text = message.lower()
        if any(words in text for words in _NOT_FOUND):
            return _failed(error.message, "command-not-found")
        if any(words in text for words in _NOT_EXECUTABLE):
            return _failed(error.message, "command-not-executable")
        return error

    return refusal


def asking_again(start: Callable[[], object]) -> None:
    """Call `start`, a start or a restart, and again after a while where the engine has refused it
    only because it is not done yet with the container's last run; a few times."""
    for pause in _PAUSES:
        try:
            start()
        except ContctlError as error:
            if not error.message.endswith(_NOT_YET):
                raise
            time.sleep(pause)
        else:
            return
    start()


def of_path(container_id: str, path: str) -> Refusal:
    """For archives: a 404 that is not the container's is the path's. An answer to HEAD has no
    message (RFC 9110, section 9.3.2)."""
    general = of_container(container_id)

    def refusal(status: int, message: str) -> ContctlError:
        error = general(status, message)
        if error.code is ErrorCode.NOT_FOUND and "no such container" not in error.message:
            words = error.message if message else f"no such path in the container: {path}"
            return _not_found(words, "no-path")
        return error

    return refusal


def of_commit(container_id: str) -> Refusal:
    """For making an image: what is wrong with a change or a name is told with a status of 500."""
    general = of_container(container_id)

    def refusal(status: int, message: str) -> ContctlError:
        error = general(status, message)
        if status == 500 and any(words in message.lower() for words in _BAD_COMMIT):
            return ContctlError(ErrorCode.USAGE, error.message)
        return error

    return refusal


def of_name(name: str | None, general: Refusal) -> Refusal:
    """For giving a container a name. The engine's words for one in use tell the ID of the container
    that has it, which the caller may not be allowed to know."""

    def refusal(status: int, message: str) -> ContctlError:
        error = general(status, message)
        if error.code is ErrorCode.CONFLICT and "already in use" in message:
            return ContctlError(ErrorCode.CONFLICT, f"the container name {name} is already in use")
        return error

    return refusal


def of_image(status: int, message: str) -> ContctlError:
    """For what is done with an image that the engine should have."""
    return _of_image(status, message, _NO_IMAGE_HERE)


def of_pull(status: int, message: str) -> ContctlError:
    """For what is asked of registries. An error that comes after the pull had begun has no status:
    500 stands for it."""
    return _of_image(status, message, _NO_IMAGE_ANYWHERE)


def _of_image(status: int, message: str, absent: tuple[str, ...]) -> ContctlError:
    error = refused(status, message)
    if status in (404, 500) and any(words in message.lower() for words in absent):
        return _not_found(error.message, "no-image")
    return error


def unavailable(endpoint: Endpoint, error: BaseException) -> ContctlError:
    """For an engine that gave no answer, or none that is an answer."""
    if endpoint.path is None:
        from contctl.backends.docker.remote_errors import of_remote

        if (known := of_remote(endpoint, error)) is not None:
            return known
    reach = f"cannot reach the engine at {endpoint.address}"
    other = "name another with --context or DOCKER_HOST"
    if isinstance(error, FileNotFoundError):
        return _unavailable(f"{reach}: no such socket", f"start the engine, or {other}")
    if isinstance(error, ConnectionRefusedError):
        return _unavailable(f"{reach}: nobody listens there", f"start the engine, or {other}")
    if isinstance(error, PermissionError):
        return _unavailable(
            f"{reach}: permission denied",
            f"this user may not open the engine's socket; use a user who may, or {other}",
        )
    if isinstance(error, TimeoutError):
        return _unavailable(f"the engine at {endpoint.address} did not answer in time", None)
    if isinstance(error, ConnectionError | EOFError):
        return cut(endpoint)
    if isinstance(error, OSError):
        return _unavailable(f"{reach}: {one_line(error.strerror or str(error))}", None)
    return garbage(endpoint)


def garbage(endpoint: Endpoint) -> ContctlError:
    """For an answer that the Docker Engine API does not give."""
    return _unavailable(
        f"what answers at {endpoint.address} does not speak as a Docker engine does",
        "check that the address is a Docker engine's",
    )


def cut(endpoint: Endpoint) -> ContctlError:
    """For a connection that ended before the answer did."""
    return _unavailable(f"the connection to the engine at {endpoint.address} was cut", None)


def not_made(endpoint: Endpoint) -> ContctlError:
    """For a create whose answer was lost, and that the engine turned out not to have done."""
    return _unavailable(
        f"the connection to the engine at {endpoint.address} was cut; no container was made", None
    )


def unknown_outcome(endpoint: Endpoint, request: str) -> ContctlError:
    """For a create whose answer was lost while the engine cannot be asked what became of it."""
    return ContctlError(
        ErrorCode.UNAVAILABLE,
        f"the engine at {endpoint.address} gave no answer; whether the container was made"
        " is unknown",
        hint=f"look for it with 'contctl ps -a --filter label={REQUEST_LABEL}={request}'",
        details={"reason": "unknown-outcome", "request": request},
    )


def of_sdk(endpoint: Endpoint, error: Exception, refuse: Refusal) -> ContctlError | None:
    """For what the docker SDK raised on a request; None where the engine may have got the request
    and only its answer is missing."""
    from docker.errors import APIError, DockerException

    if isinstance(error, APIError):
        return refuse(error.status_code or 500, error.explanation or str(error))
    if isinstance(error, DockerException):
        return ContctlError(ErrorCode.UNSUPPORTED, one_line(str(error)))
    cause = _first_os_error(error)
    if isinstance(cause, FileNotFoundError | ConnectionRefusedError | PermissionError):
        return unavailable(endpoint, cause)
    return None


def is_timeout(error: Exception) -> bool:
    """Whether the docker SDK gave up waiting: the engine may still be at work."""
    from requests.exceptions import Timeout

    return isinstance(error, Timeout)


def unusable_config(error: Exception) -> ContctlError:
    """For a config.json of docker's in which the SDK stumbles."""
    return ContctlError(
        ErrorCode.STORE,
        f"docker's config.json is damaged: {type(error).__name__}",
        hint="repair or remove the file",
    )


@contextmanager
def reaching(endpoint: Endpoint) -> Iterator[None]:
    """Translate what sockets and decoders raise while the engine is talked with."""
    try:
        yield
    except (OSError, ValueError, EOFError, RecursionError) as error:
        raise unavailable(endpoint, error) from error


@dataclass(frozen=True, slots=True)
class DockerServer:
    """The engine at an endpoint, as the one that an answer's body comes from."""

    endpoint: Endpoint

    def reaching(self) -> AbstractContextManager[None]:
        """As `reaching`."""
        return reaching(self.endpoint)

    def cut(self) -> ContctlError:
        """As `cut`."""
        return cut(self.endpoint)

    def garbage(self) -> ContctlError:
        """As `garbage`."""
        return garbage(self.endpoint)


@contextmanager
def understanding(endpoint: Endpoint) -> Iterator[None]:
    """Translate what taking apart an answer of an unexpected shape raises."""
    try:
        yield
    except (LookupError, TypeError, AttributeError, ValueError, OverflowError) as error:
        raise garbage(endpoint) from error


def _first_os_error(error: BaseException) -> OSError | None:
    """requests and urllib3 wrap the error of the socket in the arguments of their own."""
    for argument in error.args:
        if isinstance(argument, OSError) and argument.errno is not None:
            return argument
        if isinstance(argument, BaseException) and (found := _first_os_error(argument)):
            return found
    return None


def _failed(message: str, reason: str) -> ContctlError:
    return ContctlError(ErrorCode.FAILED, message, details={"reason": reason})


def _not_found(message: str, reason: str) -> ContctlError:
    return ContctlError(ErrorCode.NOT_FOUND, message, details={"reason": reason})


def _unavailable(message: str, hint: str | None) -> ContctlError:
    return ContctlError(ErrorCode.UNAVAILABLE, message, hint=hint)
