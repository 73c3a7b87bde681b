"""Fetching images.

The docker SDK's own pull waits for its answer without any bound, and nothing can wake it.
"""

import base64
from typing import Any

from contctl.backends.docker.errors import of_pull
from contctl.backends.docker.framing import Documents, Mapped
from contctl.backends.docker.notices import to_progress
from contctl.backends.docker.streams import BodyStream
from contctl.backends.docker.transport import Transport
from contctl.core.domain.secret import Secret
from contctl.core.domain.streams import Progress
from contctl.core.domain.transfers import PullOptions


def pull(
    http: Transport, image: str, auth: Secret | None, options: PullOptions
) -> BodyStream[Progress]:
    """Fetch `image`; as `Engine.pull`. auth: docker's JSON for the registry."""
    repository, tag = (image, None) if options.all_tags else split_reference(image)
    credentials = (auth.reveal() if auth is not None else "{}").encode("utf-8", "surrogatepass")
    body = http.open(
        "POST",
        "/images/create",
        {"fromImage": repository, "tag": tag, "platform": options.platform or None},
        headers={"X-Registry-Auth": base64.urlsafe_b64encode(credentials).decode()},
        refuse=of_pull,
        endless=False,
    )
    return BodyStream(http.endpoint, body, Mapped(Documents(), _progress))


def split_reference(image: str) -> tuple[str, str]:
    """Repository, and tag or digest; the tag `latest` where neither is named, since an engine that
    is asked without one fetches every tag there is."""
    repository, _, digest = image.partition("@")
    if digest:
        return repository, digest
    head, colon, tag = image.rpartition(":")
    if colon and "/" not in tag:
        return head, tag
    return image, "latest"


def _progress(document: dict[str, Any]) -> Progress:
    if "error" in document:
        raise of_pull(500, str(document["error"]))
    return to_progress(document)
