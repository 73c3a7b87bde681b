"""The docker SDK's low-level client, imported when it is first needed: that takes 80 ms."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from contctl.backends.docker.config import check_plain
from contctl.backends.docker.errors import unusable_config
from contctl.backends.docker.transport import MAX_ANSWER, Transport

if TYPE_CHECKING:
    from docker import APIClient

_ELSEWHERE = "http://docker:2376"


@contextmanager
def sdk_client(http: Transport, api_version: str) -> Iterator["APIClient"]:
    """A client for the engine that `http` talks to; does no I/O but read docker's config.json.

    Answers are bounded and nothing of the environment is used for the request. ContctlError STORE
    for a damaged config.json.
    """
    from docker import APIClient
    from docker.errors import DockerException
    from docker.utils.config import find_config_file

    config = find_config_file()
    if config is not None:
        check_plain(Path(str(config)))
    try:
        client = APIClient(
            base_url=_ELSEWHERE if http.endpoint.path is None else http.endpoint.address,
            version=api_version,
            timeout=http.deadlines.change,  # type: ignore[arg-type]
        )
    except (DockerException, ValueError, TypeError, AttributeError) as error:
        raise unusable_config(error) from None
    if http.endpoint.path is None:
        from contctl.backends.docker.sdk_dialing import DialledAdapter

        # The SDK's own ssh and TLS have neither these deadlines nor these checks.
        client.mount(_ELSEWHERE, DialledAdapter(http))
    client.trust_env = False
    client.max_redirects = 0
    client.hooks["response"].append(_bounded)
    try:
        yield client
    finally:
        client.close()


def _bounded(response: Any, *_arguments: object, **_options: object) -> None:
    """A requests hook: read the answer here, since the SDK would read one without an end."""
    content = response.raw.read(MAX_ANSWER + 1)
    if len(content) > MAX_ANSWER:
        raise OSError("the answer has no end")
    response.raw.release_conn()
    response.raw = io.BytesIO(content)
