"""The one place where failures to get a gateway's answer become contctl's own errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from contctl import __version__
from contctl.backends.gateway.address import GatewayAddress
from contctl.core.errors import ContctlError, ErrorCode

NO_ANSWER = "no-answer"
"""The reason of an error that leaves open whether the gateway did what it was asked for."""

_OTHER = "or name another place with --context"
_TOO_NEW = ("no-such-operation", "unknown-field")


class Gateway(NamedTuple):
    """A gateway, as the one that errors name."""

    address: GatewayAddress

    @contextmanager
    def reaching(self) -> Iterator[None]:
        """Translate what sockets and decoders raise while the gateway is talked with."""
        try:
            yield
        except (OSError, EOFError, ValueError, RecursionError) as error:
            raise self.unavailable(error) from error

    @contextmanager
    def understanding(self, version: str | None) -> Iterator[None]:
        """Translate what taking apart its answer raises. version: the gateway's, if it is known."""
        try:
            yield
        except ContctlError as error:
            raise self.of_version(error, version) or self.garbage() from error

    def unavailable(self, error: BaseException) -> ContctlError:
        """For a gateway that gave no answer, or none that is an answer."""
        reach = f"cannot reach the gateway at {self.address}"
        if isinstance(error, FileNotFoundError):
            return _unavailable(f"{reach}: no such socket", f"start the gateway, {_OTHER}")
        if isinstance(error, ConnectionRefusedError):
            return _unavailable(f"{reach}: nobody listens there", f"start the gateway, {_OTHER}")
        if isinstance(error, PermissionError):
            return _unavailable(
                f"{reach}: permission denied",
                "are you in the group contctl? 'id' shows it; a new group counts from the next"
                " login to this machine on",
            )
        if isinstance(error, TimeoutError):
            return _no_answer(f"the gateway at {self.address} did not answer in time", None)
        if isinstance(error, ConnectionError | EOFError):
            return self.cut()
        import socket

        if isinstance(error, socket.gaierror):
            return _unavailable(f"{reach}: no such host", f"check the address, {_OTHER}")
        if isinstance(error, OSError):
            why = " ".join((error.strerror or str(error)).split())
            return _unavailable(f"{reach}: {why}", None)
        return self.garbage()

    def cut(self) -> ContctlError:
        """For a connection that ended before the answer did."""
        return _no_answer(f"the connection to the gateway at {self.address} was cut", None)

    def garbage(self) -> ContctlError:
        """For an answer that a gateway does not give."""
        return _no_answer(
            f"what answers at {self.address} does not speak as a contctl gateway does",
            "check that the address is a gateway's",
        )

    def unknown_outcome(self, request: str) -> ContctlError:
        """For a create whose answer was lost. request: its id."""
        from contctl.core.domain.containers import REQUEST_LABEL

        return ContctlError(
            ErrorCode.UNAVAILABLE,
            f"the gateway at {self.address} gave no answer; whether the container was made is"
            " unknown",
            hint=f"look for it with 'contctl ps -a --filter label={REQUEST_LABEL}={request}'",
            details={"reason": "unknown-outcome", "request": request},
        )

    def of_version(self, error: ContctlError, version: str | None) -> ContctlError | None:
        """UNSUPPORTED, where `error` comes of one side being older than the other; else None.

        version: the gateway's own, if it is known.
        """
        if error.reason not in _TOO_NEW or version is None or version == __version__:
            return None
        theirs, ours = _numbers(version), _numbers(__version__)
        if not theirs or theirs == ours:
            return None
        if theirs < ours:
            who, hint = "the gateway is older", "upgrade the gateway, or use an older contctl"
        else:
            who, hint = "this contctl is older", "upgrade contctl here"
        shown = ".".join(map(str, theirs))
        return ContctlError(
            ErrorCode.UNSUPPORTED,
            f"the gateway at {self.address} is version {shown} and this contctl {__version__};"
            f" {who} and does not know all that this needs",
            hint=hint,
        )


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version in front of the first part that is none."""
    numbers: list[int] = []
    for part in version[:40].split("."):
        if not (part.isascii() and part.isdecimal()):
            break
        numbers.append(int(part))
    return tuple(numbers)


def _unavailable(message: str, hint: str | None) -> ContctlError:
    return ContctlError(ErrorCode.UNAVAILABLE, message, hint=hint)


def _no_answer(message: str, hint: str | None) -> ContctlError:
    return ContctlError(ErrorCode.UNAVAILABLE, message, hint=hint, details={"reason": NO_ANSWER})
