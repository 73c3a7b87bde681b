"""Making a container with the docker SDK: once, finding out what became of a lost answer."""

import time
from typing import TYPE_CHECKING, Any

from contctl.backends.docker.api_versions import check_fields
from contctl.backends.docker.errors import (
    is_timeout,
    not_made,
    of_image,
    of_name,
    of_sdk,
    understanding,
    unknown_outcome,
)
from contctl.backends.docker.sdk import sdk_client
from contctl.backends.docker.transport import Transport, filters
from contctl.core.domain.containers import REQUEST_LABEL, Json
from contctl.core.domain.create import Created, CreateSpec
from contctl.core.domain.create_request import create_request
from contctl.core.errors import ContctlError

if TYPE_CHECKING:
    from docker import APIClient

_SETTLE = 0.5
"""Seconds before a lost create is looked for: an engine works on when its caller is gone."""


def create(http: Transport, spec: CreateSpec, request: str) -> Created:
    """Make a container of `spec`, labelled with `request`; as `Engine.create`."""
    with understanding(http.endpoint):
        api_version = http.api_version()
        body = create_request(spec)
        check_fields(body, api_version)
    body["Labels"] = {**spec.labels, REQUEST_LABEL: request}
    with sdk_client(http, api_version) as client:
        try:
            return _created(_post(client, spec, body))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            known = of_sdk(http.endpoint, error, http.refusal(of_name(spec.name, of_image)))
            if known is not None:
                raise known from error
            return _look_up(http, request, may_be_at_work=is_timeout(error))


def _post(client: "APIClient", spec: CreateSpec, body: Json) -> Any:
    create: Any = client.create_container_from_config
    return create(body, spec.name, spec.platform)


def _created(answer: Any) -> Created:
    if not isinstance(answer["Id"], str):
        raise TypeError("not an ID")
    return Created(answer["Id"], tuple(str(warning) for warning in answer.get("Warnings") or ()))


def _look_up(http: Transport, request: str, *, may_be_at_work: bool) -> Created:
    """Ask once for the container that carries `request`."""
    time.sleep(_SETTLE)
    query = {"all": 1, "filters": filters([("label", f"{REQUEST_LABEL}={request}")])}
    try:
        found = http.ask("/containers/json", query)
        with understanding(http.endpoint):
            ids = [str(row["Id"]) for row in found]
    except ContctlError as error:
        raise unknown_outcome(http.endpoint, request) from error
    if ids:
        return Created(ids[0])
    if may_be_at_work:
        raise unknown_outcome(http.endpoint, request)
    raise not_made(http.endpoint)
