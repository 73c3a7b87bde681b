"""The one place where a cluster's errors become contctl's own.

Source: Kubernetes API conventions, "HTTP Status codes" and "Response Status Kind".
"""

from __future__ import annotations

import http.client
import json
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from contctl.backends.kubernetes.kubeconfig import Access

_LONGEST = 2000
_CODES = {
    400: ErrorCode.USAGE,
    404: ErrorCode.NOT_FOUND,
    405: ErrorCode.UNSUPPORTED,
    406: ErrorCode.UNSUPPORTED,
    409: ErrorCode.CONFLICT,
    413: ErrorCode.USAGE,
    415: ErrorCode.UNSUPPORTED,
    422: ErrorCode.USAGE,
    429: ErrorCode.UNAVAILABLE,
    501: ErrorCode.UNSUPPORTED,
    502: ErrorCode.UNAVAILABLE,
    503: ErrorCode.UNAVAILABLE,
    504: ErrorCode.UNAVAILABLE,
}
_BEFORE_SENDING = {
    "SSLCertVerificationError",
    "ConnectionRefusedError",
    "NewConnectionError",
    "ConnectTimeoutError",
    "NameResolutionError",
    "gaierror",
}
_RBAC = re.compile(
    r'User "(?P<user>[^"]*)" cannot (?P<verb>\w+) resource "(?P<resource>[^"]*)"'
    r'(?: in API group "[^"]*")?(?: in the namespace "(?P<namespace>[^"]*)")?'
)
"""How RBAC refuses (kubernetes, staging/src/k8s.io/apiserver, handlers/responsewriters)."""


def one_line(message: str) -> str:
    """A cluster's message without its line ends and final full stop."""
    return " ".join(message[:_LONGEST].split()).rstrip(".") or "no reason given"


def refused(access: Access, status: int, body: bytes) -> ContctlError:
    """An answer with a status of 400 and more. details: `reason` is the Status object's."""
    answer = _status_object(body)
    if status == 401:
        return ContctlError(
            ErrorCode.STORE,
            f"the cluster {access.server} does not accept the credentials of the user"
            f" {access.user_name or 'without a name'} in {access.source}",
            hint="they may have expired; 'kubectl auth whoami' asks the same question",
        )
    if answer is None:
        if status in (429, 502, 503, 504):
            return ContctlError(
                ErrorCode.UNAVAILABLE, f"the cluster {access.server} is not ready: {status}"
            )
        return garbage(access)
    message = one_line(str(answer.get("message") or ""))
    details = {"reason": str(answer["reason"])} if answer.get("reason") else None
    if status == 403:
        return _forbidden(message)
    return ContctlError(_CODES.get(status, ErrorCode.FAILED), message, details=details)


def garbage(access: Access) -> ContctlError:
    """For an answer that is none of Kubernetes'."""
    return ContctlError(
        ErrorCode.UNAVAILABLE,
        f"what answers at {access.server} does not speak Kubernetes",
        hint=f"{access.source} names it",
    )


def cut(access: Access) -> ContctlError:
    """For a stream that ended before its end."""
    return ContctlError(
        ErrorCode.UNAVAILABLE, f"the connection to the cluster {access.server} was cut"
    )


def unreadable(access: Access, what: str) -> ContctlError:
    """For a certificate or key that OpenSSL does not take."""
    return ContctlError(ErrorCode.STORE, f"{access.source}: {what}")


@contextmanager
def reaching(access: Access) -> Iterator[None]:
    """Turn whatever keeps a cluster from answering into UNAVAILABLE."""
    try:
        yield
    except ContctlError:
        raise
    except (OSError, http.client.HTTPException) as error:
        raise _unavailable(access, error) from None
    except Exception as error:
        if not _is_of_a_client(error):
            raise
        raise _unavailable(access, error) from None


def _is_of_a_client(error: Exception) -> bool:
    """Whether it is of urllib3, of websocket-client or of the client of Kubernetes."""
    return type(error).__module__.split(".")[0] in ("urllib3", "websocket", "kubernetes")


def _unavailable(access: Access, error: BaseException) -> ContctlError:
    why, hint = _reason(error, access)
    return ContctlError(
        ErrorCode.UNAVAILABLE,
        f"the cluster {access.server} cannot be reached: {why}",
        hint=hint,
        details={"reason": "unsent"} if _was_not_sent(error) else None,
    )


def _was_not_sent(error: BaseException) -> bool:
    """Whether the request cannot have reached the cluster."""
    names = {type(each).__name__ for each in _causes(error)}
    return bool(names & _BEFORE_SENDING)


def _reason(error: BaseException, access: Access) -> tuple[str, str | None]:
    """Why, in a few words, and what may help."""
    chain = list(_causes(error))
    for each in chain:
        if isinstance(each, ssl.SSLCertVerificationError):
            hint = f"{access.source} says which certificate to trust"
            return f"its certificate is not valid: {one_line(each.verify_message)}", hint
    for each in chain:
        if isinstance(each, ssl.SSLError):
            return f"TLS failed: {one_line(str(each.reason or each))}", f"see {access.source}"
        if isinstance(each, socket.gaierror):
            return "its name is unknown", f"{access.source} names it"
        if isinstance(each, TimeoutError) or "Timeout" in type(each).__name__:
            return "it did not answer in time", None
        if isinstance(each, OSError) and each.strerror:
            return each.strerror.lower(), f"{access.source} names it"
    return "the connection was cut", None


def _causes(error: BaseException) -> Iterator[BaseException]:
    """`error` and what it came of, the wrapped ones included; bounded."""
    waiting: list[object] = [error]
    seen: set[int] = set()
    while waiting and len(seen) < 20:
        each = waiting.pop(0)
        if not isinstance(each, BaseException) or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        waiting += [*each.args, getattr(each, "reason", None), each.__cause__, each.__context__]


def _status_object(body: bytes) -> dict[str, object] | None:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return answer if isinstance(answer, dict) and answer.get("kind") == "Status" else None


def _forbidden(message: str) -> ContctlError:
    match = _RBAC.search(message)
    if match is None:
        return ContctlError(ErrorCode.FAILED, f"the cluster refuses: {message}")
    where = f" in the namespace {match['namespace']}" if match["namespace"] else ""
    return ContctlError(
        ErrorCode.FAILED,
        f"the cluster refuses: the user {match['user']} cannot {match['verb']}"
        f" {match['resource']}{where}",
        hint="this is the cluster's own RBAC, not contctl's roles",
        details={"reason": "Forbidden"},
    )
