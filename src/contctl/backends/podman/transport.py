"""Requests to Podman's Docker-compatible API, and its refusals in Docker's words.

Podman answers 500 to much that Docker has a status of its own for (podman v4.3, `pkg/api/handlers/
compat` and `libpod/define/errors.go`); what it means can only be told from its message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from contctl.backends.docker.errors import Refusal, garbage, of_container, refused
from contctl.backends.docker.transport import Query, Transport
from contctl.core.domain.containers import no_such_container

if TYPE_CHECKING:
    from contctl.core.errors import ContctlError

NATIVE = "/v4.0.0/libpod"
"""Before the paths of Podman's own API, which newer Podmans keep."""

_CAUSES = (
    ": container state improper",
    ": container already exists",
    ": that name is already in use",
    ": no such container",
    ": invalid argument",
    ": image not known",
    ": OCI runtime error",
)
"""What Podman puts after its messages, a second time in other words."""

_MEANINGS = (
    (404, ("no such container", "layer not known", "no container with name or id")),
    (404, ("image not known",)),
    (409, ("container state improper", "already in use", "already exists")),
    (409, ("is not running", "is paused")),
    (
        400,
        (
            "invalid argument",
            "invalid signal",
            "is an invalid filter",
            "unsupported image filter",
            "invalid change",
            "invalid reference format",
        ),
    ),
)
"""Docker's status for what a message of a 500 says, the first that fits."""


def in_dockers_words(status: int, message: str) -> tuple[int, str]:
    """The status and the message with which Docker would have refused."""
    text = message.strip()
    if status == 404 and text == "Not Found":
        return 404, "page not found"
    if text.startswith("preparing container ") and " for attach: " in text:
        status, text = 500, text.partition(" for attach: ")[2]
    if status == 500:
        found = [means for means, words in _MEANINGS if any(w in text.lower() for w in words)]
        status = found[0] if found else status
    if status == 404 and any(words in text.lower() for words in _MEANINGS[0][1]):
        return 404, f"no such container: {text}"
    for cause in _CAUSES:
        text = text.removesuffix(cause)
    return status, text


def of_silent(container_id: str) -> Refusal:
    """For what Podman refuses without a word where the container is gone."""
    general = of_container(container_id)

    def refusal(status: int, message: str) -> ContctlError:
        gone = status == 404 and not message
        return no_such_container(container_id) if gone else general(status, message)

    return refusal


class PodmanTransport(Transport):
    """A `Transport` for Podman."""

    def refusal(self, refuse: Refusal) -> Refusal:
        """`refuse`, told in Docker's words."""

        def translated(status: int, message: str) -> ContctlError:
            return refuse(*in_dockers_words(status, message))

        return translated

    def api_version(self) -> str:
        """As Transport's, where Podman needs no programs run to tell it."""
        found = self.header("/_ping", {}, "Api-Version", refuse=refused)
        if found is None:
            raise garbage(self.endpoint)
        return found

    def change(
        self,
        method: str,
        path: str,
        query: Query | None = None,
        *,
        body: object = None,
        refuse: Refusal = refused,
        extra: float | None = 0.0,
    ) -> Any:
        """As Transport's; a commit without a body is refused by Podman."""
        if path == "/commit" and body is None:
            body = {}
        return super().change(method, path, query, body=body, refuse=refuse, extra=extra)
