"""The API of a cluster: its verbs, with deadlines and contctl's own errors.

Source: Kubernetes API concepts (verbs, chunked lists, resource versions). What takes long to import
is imported when it is first needed.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from contctl.backends.kubernetes.body import Body
from contctl.backends.kubernetes.errors import garbage, reaching, refused
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from contctl.backends.kubernetes.connection import Connection
    from contctl.backends.kubernetes.kubeconfig import Access
    from contctl.backends.kubernetes.wire import Wire
    from contctl.core.domain.containers import Json
    from contctl.core.domain.engines import EngineAddress
    from contctl.core.ports import Clock

Query = Mapping[str, str | int | bool]

_PAGE = 500
_PIECE = 64 * 1024
_MOST_BYTES = 256 * 1024 * 1024
"""Of one answer; a page of the largest objects that etcd takes would be larger."""
_MOST_PAGES = 2000
_ATTEMPTS = 5
_JSON = "application/json"
_METADATA = f"{_JSON};as=PartialObjectMetadata;v=v1;g=meta.k8s.io,{_JSON}"
_METADATA_LIST = f"{_JSON};as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,{_JSON}"
_MERGES = {
    "strategic": "application/strategic-merge-patch+json",
    "merge": "application/merge-patch+json",
}


@dataclass(frozen=True, slots=True)
class Deadlines:
    """How long a cluster may take, in seconds. connect: to accept a connection.  answer: to begin
    an answer, then to end it; of a stream, the longest silence."""

    connect: float = 5.0
    answer: float = 30.0


class Api:
    """The API of one cluster. Nothing is read before it is needed; each method may be called
    from several threads, and raises ContctlError as `errors` says."""

    def __init__(
        self,
        address: EngineAddress,
        environ: Mapping[str, str],
        clock: Clock,
        deadlines: Deadlines | None = None,
    ) -> None:
        self.clock = clock
        self._chosen = address
        self._environ = environ
        self._deadlines = deadlines or Deadlines()
        self._lock = threading.RLock()
        self._access: Access | None = None
        self._connection: Connection | None = None

    @property
    def access(self) -> Access:
        """What the kubeconfig says. STORE or NOT_FOUND."""
        with self._lock:
            if self._access is None:
                from contctl.backends.kubernetes.kubeconfig import choose

                self._access = choose(self._chosen, self._environ)
            return self._access

    @property
    def address(self) -> str:
        """The server's URL."""
        return self.access.server

    def reaching(self) -> AbstractContextManager[None]:
        """Turns what keeps the cluster from answering into UNAVAILABLE."""
        return reaching(self.access)

    def get(self, path: str, query: Query | None = None, *, metadata: bool = False) -> Json:
        """An object. metadata: only that of it."""
        return self._document("GET", path, query, accept=_METADATA if metadata else _JSON)

    def post(self, path: str, body: Json, query: Query | None = None) -> Json:
        """Make an object. UNAVAILABLE, reason `unknown-outcome`, where the answer was lost."""
        try:
            return self._document("POST", path, query, body)
        except ContctlError as error:
            if error.code is ErrorCode.UNAVAILABLE and error.reason in (None, "Timeout"):
                error.details["reason"] = "unknown-outcome"
            raise

    def put(self, path: str, body: Json) -> Json:
        """Replace an object."""
        return self._document("PUT", path, None, body)

    def patch(self, path: str, body: Json, merge: str = "strategic") -> Json:
        """Change an object. merge: `strategic` or `merge`."""
        return self._document("PATCH", path, None, body, content=_MERGES[merge])

    def delete(self, path: str, body: Json | None = None) -> Json:
        """Delete an object. body: DeleteOptions."""
        return self._document("DELETE", path, None, body)

    def items(self, path: str, query: Query | None = None, *, metadata: bool = False) -> list[Json]:
        """All objects of a list; pages are read anew where they have expired meanwhile."""
        return self.listed(path, query, metadata=metadata)[0]

    def listed(
        self, path: str, query: Query | None = None, *, metadata: bool = False
    ) -> tuple[list[Json], str]:
        """The objects of a list, and the resource version that a watch goes on from."""
        for attempt in range(_ATTEMPTS):
            try:
                accept = _METADATA_LIST if metadata else _JSON
                return self._pages(path, dict(query or {}), accept)
            except ContctlError as error:
                if error.reason not in ("Expired", "Gone") or attempt == _ATTEMPTS - 1:
                    raise
        raise garbage(self.access)

    def open(self, path: str, query: Query | None = None, *, endless: bool = False) -> Body:
        """The bytes of an answer. endless: silence is no failure, and the request is made by the
        first read; else it is made now."""
        url = _url(path, query)
        timeout = (self._deadlines.connect, None if endless else self._deadlines.answer)

        def request(opened: Any) -> Any:
            connection, headers = self._ready(), {"Accept": "*/*"}
            answer = connection.send("GET", url, headers=headers, timeout=timeout, opened=opened)
            if answer.status >= 300:
                with self.reaching():
                    raise refused(self.access, answer.status, answer.read())
            return answer

        body = Body(self.access, request)
        if not endless:
            body.open()
        return body

    def upgrade(
        self, path: str, query: Sequence[tuple[str, str]], headers: Mapping[str, str]
    ) -> Wire:
        """A connection that speaks SPDY/3.1, without a timeout."""
        timeout = (self._deadlines.connect, self._deadlines.answer)
        return self._ready().upgrade(path, query, headers, timeout)

    def _pages(self, path: str, query: dict[str, Any], accept: str) -> tuple[list[Json], str]:
        found: list[Json] = []
        query.setdefault("limit", _PAGE)
        for _ in range(_MOST_PAGES):
            page = self._document("GET", path, query, accept=accept)
            items, metadata = page.get("items"), page.get("metadata") or {}
            if items is None:
                items = []
            if not isinstance(items, list) or not isinstance(metadata, dict):
                raise garbage(self.access)
            if not all(map(_is_object, items)):
                raise garbage(self.access)
            found += items
            if not metadata.get("continue"):
                return found, str(metadata.get("resourceVersion") or "")
            query["continue"] = metadata["continue"]
        raise garbage(self.access)

    def _document(
        self,
        method: str,
        path: str,
        query: Query | None,
        body: Json | None = None,
        *,
        accept: str = _JSON,
        content: str = _JSON,
    ) -> Json:
        headers = {"Accept": accept}
        if method != "GET":
            headers["Content-Type"] = content
        limits = self._deadlines
        timeout = (limits.connect, limits.answer)
        url = _url(path, query)
        answer = self._ready().send(method, url, body=body, headers=headers, timeout=timeout)
        with self.reaching():
            data = self._whole(answer)
            answer.release_conn()
        if answer.status >= 300:
            raise refused(self.access, answer.status, data)
        try:
            document = json.loads(data)
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict):
            raise garbage(self.access)
        return document

    def _whole(self, answer: Any) -> bytes:
        """All of an answer. TimeoutError where it takes too long, UNAVAILABLE where it is too
        large."""
        deadline = time.monotonic() + self._deadlines.answer
        pieces, length = [], 0
        while piece := answer.read1(_PIECE):
            pieces.append(piece)
            length += len(piece)
            if length > _MOST_BYTES:
                raise garbage(self.access)
            if time.monotonic() > deadline:
                raise TimeoutError
        return b"".join(pieces)

    def _ready(self) -> Connection:
        with self._lock:
            if self._connection is None:
                self._connection = _connection(self.access, self._environ, self.clock)
            return self._connection


def _is_object(item: Any) -> bool:
    """Whether it is named as all objects of a namespace are (API conventions, "Metadata")."""
    metadata = item.get("metadata") if isinstance(item, dict) else None
    return isinstance(metadata, dict) and all(
        isinstance(metadata.get(key), str) for key in ("uid", "namespace", "name")
    )


def _connection(access: Access, environ: Mapping[str, str], clock: Clock) -> Connection:
    try:
        from contctl.backends.kubernetes.connection import Connection

        return Connection(access, environ, clock)
    except ModuleNotFoundError as error:
        raise missing_client(error) from None


def missing_client(error: ModuleNotFoundError) -> ContctlError:
    """For a contctl that was installed without the client of Kubernetes."""
    return ContctlError(
        ErrorCode.UNSUPPORTED,
        f"this contctl has no client for Kubernetes: {error.name} is missing",
        hint="install contctl[kubernetes]",
    )


def _url(path: str, query: Query | None) -> str:
    if not query:
        return path
    words = {True: "true", False: "false"}
    pairs = [(key, words[each] if isinstance(each, bool) else each) for key, each in query.items()]
    return f"{path}?{urlencode(pairs)}"
