"""schemathesis against a real gateway: what the description allows is understood, what it does not
is refused, and every answer is one of those that it tells of; to an admin, to a viewer, and to
somebody with a forged token.

schemathesis makes calls of the bounds of all types, and some at random. What is well-formed is sent
by all three, the rest by the first two in turn: it is refused before it matters who asks.

Of schemathesis' own checks these are off:
- `positive_data_acceptance`: a description tells of form, not of which names, images and passwords
  are good ones. Instead of it, what is refused with 400 must have been understood
  (`check_understood`), and test_openapi_good_calls.py has every operation answer well.
- `ignored_auth`: it sends requests of its own past the socket, and only after a good answer. Here
  each well-formed call is made with a forged token too (`check_token`).
These see nothing here, for all operations are POST and no answer links to another:
`use_after_free`, `ensure_resource_availability`, `object_level_authorization`.

OpenAPI has no words for what is said over a WebSocket, so plain requests is all that is sent to
those two operations; tests/gateway/test_duplex.py knows more.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.config import SchemathesisConfig
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import missing_required_header, negative_data_rejection

from contctl.core.domain.roles import Role
from contctl.core.errors import ContctlError
from contctl.gateway.openapi import description
from contctl.gateway.operations import OPERATIONS, Kind, Operation
from contctl.wire import codec, frames
from contctl.wire.decoding import Refused, decoder
from devtools.engine import PrivateEngine
from tests.e2e.machine import IMAGE, PASSWORD
from tests.gateway.described import check_frames
from tests.gateway.openapi_session import BASE, CUT, session_on
from tests.gateway.real import RealGateway, real_gateway
from tests.gateway.served import Peer

EXAMPLES = 4
"""Of each operation, at random; those of the bounds come to it, and are by far more."""
CONTAINER, USER = "box", "eve"
PULL = "/v1/containers/pull"
SLEEPER = "trap exit TERM; while :; do sleep 1; done"
KNOWN = {
    "containers": [CONTAINER],
    "users": [USER],
    "passwords": [PASSWORD],
    "images": [IMAGE],
    "paths": ["/", "/tmp", "/etc/passwd"],
    "engines": ["local"],
}
WHERE = {
    "body.refs[*]": "containers",
    "body.ref": "containers",
    "body.name": "users",
    "body.user": "users",
    "body.username": "users",
    "body.password": "passwords",
    "body.spec.image": "images",
    "body.path": "paths",
    "header.Contctl-Engine": "engines",
}
BY_PATH = {operation.path: operation for operation in OPERATIONS}
OWN_PROOF = ("session/login", "session/refresh", "session/logout")
"""Whether they answer 401 depends on what they are sent, not on who sends it."""
FORGED = "Bearer forged"
ENDING = ("/v1/keys", "/v1/users")
"""What may end sessions of which it is not told the name."""

SCHEMA = schemathesis.openapi.from_dict(
    description(),
    config=SchemathesisConfig.from_dict(
        {
            "base-url": BASE,
            "seed": 1,
            "generation": {"max-examples": EXAMPLES, "deterministic": True, "no-shrink": True},
            "phases": {"coverage": {"unexpected-methods": ["get", "post", "put", "delete"]}},
            "dictionaries": {name: {"values": values} for name, values in KNOWN.items()},
            "parameters": {
                path: {"dictionary": name, "probability": 0.5} for path, name in WHERE.items()
            },
            "checks": {
                "negative_data_rejection": {"expected-statuses": [400, 401, 415]},
                "positive_data_acceptance": {"enabled": False},
                "ignored_auth": {"enabled": False},
            },
        }
    ),
)


def pack_upload(arguments: Any, tar: bytes, end: bytes) -> bytes:
    """The body of an upload."""
    head = frames.pack(frames.Kind.ARGUMENTS, json.dumps(arguments).encode())
    return head + frames.pack(frames.Kind.IN, tar) + end


UPLOADS = st.builds(
    pack_upload,
    st.fixed_dictionaries(
        {
            "ref": st.sampled_from([CONTAINER, "no", "", "\0"]) | st.text(),
            "path": st.sampled_from(KNOWN["paths"]) | st.text(),
        }
    ),
    st.binary(max_size=2000),
    st.sampled_from([frames.pack(frames.Kind.END), b""]),
)
schemathesis.openapi.media_type(frames.CONTENT_TYPE, UPLOADS)


class Callers:
    """An admin and a viewer, made anew where a generated call has ended their sessions."""

    def __init__(self, gateway: RealGateway) -> None:
        self._gateway = gateway
        self._prepared = ""
        self._turn = 0
        self._known: list[Peer] = []
        self._make()

    def who_send(self, case: Case[Any]) -> Iterator[str]:
        """The Authorization of each that sends it, good at that moment or forged."""
        self._prepare(case.path)
        well_formed = is_well_formed(case)
        self._turn += 1
        for place in range(len(self._known)):
            if well_formed or self._turn % len(self._known) == place:
                if case.path.startswith(ENDING) and not self._are_in():
                    self._make()
                yield f"Bearer {self._known[place].token}"
        if well_formed:
            yield FORGED

    def _prepare(self, path: str) -> None:
        """Have the user or the container that is called `USER` or `CONTAINER` there, once for each
        operation."""
        if self._prepared == path:
            return
        self._prepared = path
        admin = self._gateway.admin
        if path.startswith("/v1/users"):
            admin.call("users/add", name=USER, password=PASSWORD, role="viewer")
        elif path.startswith("/v1/containers"):
            remove = {"type": "remove", "force": True}
            admin.call("containers/act", action=remove, refs=[CONTAINER])
            self._gateway.container("sh", "-c", SLEEPER, name=CONTAINER)

    def _are_in(self) -> bool:
        return all(peer.call("session/status").status == 200 for peer in self._known)

    def _make(self) -> None:
        # No generated call knows the name of this admin, who can log in therefore.
        self._gateway.admin = self._gateway.login("ada")
        roles = (Role.ADMIN, Role.VIEWER)
        self._known = [self._gateway.login(self._gateway.user(role)) for role in roles]


@pytest.fixture(scope="module")
def gateway(
    docker_engine: PrivateEngine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RealGateway]:
    with real_gateway(tmp_path_factory.mktemp("fuzz"), docker_engine.host) as found:
        yield found


@pytest.fixture(scope="module")
def callers(gateway: RealGateway) -> Callers:
    return Callers(gateway)


@pytest.fixture(scope="module")
def session(gateway: RealGateway) -> Iterator[requests.Session]:
    with session_on(gateway.path) as found:
        yield found


@SCHEMA.parametrize()
def test_it_is_as_described(case: Case[Any], callers: Callers, session: requests.Session) -> None:
    keep_at_home(case)
    for authorization in callers.who_send(case):
        headers = {"Authorization": authorization}
        answer = case.call(session=session, headers=headers)
        operation = BY_PATH.get(case.path)
        if operation is None or operation.kind is Kind.DUPLEX:
            # A plain request is all the same, with a token or without.
            unfit = [missing_required_header, negative_data_rejection]
            case.validate_response(answer, headers=headers, excluded_checks=unfit)
            continue
        case.validate_response(answer, headers=headers)
        if answer.request.headers.get("Authorization") == authorization:
            check_token(operation, case, answer, forged=authorization == FORGED)
        check_understood(operation, case, answer)
        if answer.headers["content-type"] == [frames.CONTENT_TYPE]:
            check_frames(case.path, answer.content, whole=CUT not in answer.request.headers)


def is_well_formed(case: Case[Any]) -> bool:
    """Whether it is made to be one of those that the description allows."""
    return case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE


def keep_at_home(case: Case[Any]) -> None:
    """A generated name of an image may be that of a registry somewhere: pull from one that is not
    there."""
    body = case.body
    if case.path == PULL and isinstance(body, dict) and isinstance(body.get("image"), str):
        case.body = {**body, "image": f"127.0.0.1:1/{body['image']}"}


def check_token(operation: Operation, case: Case[Any], answer: Response, *, forged: bool) -> None:
    """Who shows a good token is never told that it is not, and who shows a forged one always where
    one is needed."""
    if operation.name in OWN_PROOF:
        return
    if not forged:
        assert answer.status_code != 401
    elif {} not in case.operation.definition.raw["security"]:
        # An upload may be cut before the token is looked at.
        assert answer.status_code == 401 or operation.kind is Kind.UPLOAD


def check_understood(operation: Operation, case: Case[Any], answer: Response) -> None:
    """What is well-formed may be refused for what it says, but not for its form."""
    if answer.status_code != 400 or not is_well_formed(case) or operation.kind is Kind.UPLOAD:
        return
    body = answer.request.body or b""
    value = codec.loads(body if isinstance(body, bytes) else body.encode())
    try:
        decoder(operation.request)(value)
    except ContctlError:
        return
    except Refused as refused:
        raise AssertionError(f"{operation.name}: {refused.error()}") from None
