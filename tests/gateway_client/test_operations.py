"""Every method of the client calls the operation of its name, with its arguments."""

from collections.abc import Iterable, Mapping
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest

from contctl.backends.gateway.address import parse_address
from contctl.backends.gateway.client import GatewayAuthority
from contctl.backends.gateway.transport import Transport
from contctl.core.domain.secret import Secret
from contctl.core.errors import ContctlError, ErrorCode
from contctl.gateway.operations import OPERATIONS, Kind, Operation
from tests.gateway_client.answers import TOKEN

WITHOUT_A_SESSION = {
    "session/check_uninitialised",
    "session/initialise",
    "session/login",
    "session/refresh",
    "session/logout",
    "password_rules/min_length",
    "password_rules/check",
}
ANY = object()


class Recorder(Transport):
    """Reaches nobody; called: what would have been."""

    def __init__(self) -> None:
        super().__init__(parse_address("unix:///nowhere"))
        self.called: tuple[Kind, str, Mapping[str, Any], object] | None = None
        self.shown: Secret | None = None

    def ask(
        self, operation: str, arguments: Mapping[str, Any], token: Secret | None, type_: Any
    ) -> Any:
        self._record(Kind.ANSWER, operation, token, arguments, type_)

    def open(self, operation: str, arguments: Mapping[str, Any], token: Secret | None) -> NoReturn:
        self._record(Kind.STREAM, operation, token, arguments, ANY)

    def upload(
        self,
        operation: str,
        arguments: Mapping[str, Any],
        token: Secret | None,
        content: Iterable[bytes],
    ) -> None:
        assert list(content) == [b"tar"]
        self._record(Kind.UPLOAD, operation, token, arguments, ANY)

    def upgrade(
        self,
        operation: str,
        token: Secret | None,
        headers: Mapping[str, str],  # noqa: ARG002 - the transport's
    ) -> NoReturn:
        # A duplex sends its arguments later.
        self._record(Kind.DUPLEX, operation, token, {}, ANY)

    def _record(
        self,
        kind: Kind,
        operation: str,
        token: Secret | None,
        arguments: Mapping[str, Any],
        type_: object,
    ) -> NoReturn:
        self.called = (kind, operation, arguments, type_)
        self.shown = token
        raise ContctlError(ErrorCode.UNAVAILABLE, "recorded")


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_each_operation(operation: Operation) -> None:
    recorder = Recorder()
    given = {name: name for name in operation.arguments}
    others = {"tar": (b"tar",)} if operation.kind is Kind.UPLOAD else {}
    gateway = GatewayAuthority(recorder, lambda: TOKEN)
    with pytest.raises(ContctlError, match="recorded"):
        operation.call(gateway, SimpleNamespace(**given), **others)
    assert recorder.called is not None
    kind, name, arguments, type_ = recorder.called
    assert (kind, name) == (operation.kind, operation.name)
    assert arguments == ({} if kind is Kind.DUPLEX else given)
    if type_ is not ANY:
        assert type_ == (type(None) if operation.answer is None else operation.answer)
    anonymous = operation.name in WITHOUT_A_SESSION
    assert recorder.shown == (None if anonymous else TOKEN)


def test_the_proof_is_asked_for_anew() -> None:
    recorder = Recorder()
    tokens = iter([Secret("one"), None])
    gateway = GatewayAuthority(recorder, lambda: next(tokens))
    for expected in (Secret("one"), None):
        with pytest.raises(ContctlError, match="recorded"):
            gateway.users.show(None)
        assert recorder.shown == expected


def test_its_identity_is_its_address() -> None:
    recorder = Recorder()
    gateway = GatewayAuthority(recorder, lambda: TOKEN)
    assert gateway.session.identity() == "gateway unix:///nowhere"
    assert recorder.called is None
