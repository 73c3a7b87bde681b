"""Kubeconfig files that lie, and servers that are not what they are taken for: one clear line."""

import base64
import json
import os
import re
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest

from contctl.backends.kubernetes.api import Deadlines
from contctl.backends.kubernetes.engine import KubernetesEngine
from contctl.backends.kubernetes.kubeconfig import choose
from contctl.core.domain.containers import ListQuery
from contctl.core.domain.engines import EngineAddress, EngineKind
from contctl.core.domain.streams import EventQuery
from contctl.core.errors import ContctlError, ErrorCode
from tests.fakes.broken_engines import Behaviour, saying, silent
from tests.fakes.clock import FakeClock
from tests.gateway_client.servers import Certificate, certificate, serving
from tests.kubernetes.manifests import Json

ANYWHERE = EngineAddress(EngineKind.KUBERNETES)
NOWHERE = "https://127.0.0.1:1"


def _config(server: str = NOWHERE, **fields: object) -> Json:
    cluster = {"server": server, **{k: v for k, v in fields.items() if k != "user"}}
    return {
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": fields.get("user", {"token": "t0ken"})}],
    }


def _write(folder: Path, document: Json | bytes, mode: int = 0o600) -> Path:
    path = folder / "config"
    path.write_bytes(document if isinstance(document, bytes) else json.dumps(document).encode())
    path.chmod(mode)
    return path


def _engine(path: Path, address: EngineAddress = ANYWHERE, answer: float = 5.0) -> KubernetesEngine:
    environ = {"KUBECONFIG": str(path), "PATH": os.environ["PATH"]}
    return KubernetesEngine(
        address, "a test", environ, FakeClock(), deadlines=Deadlines(5.0, answer)
    )


def _refusal(engine: KubernetesEngine) -> ContctlError:
    with pytest.raises(ContctlError) as caught:
        engine.list(ListQuery())
    assert "\n" not in caught.value.message
    assert "t0ken" not in f"{caught.value.message} {caught.value.hint}"
    return caught.value


def _trusting(folder: Path, made: Certificate, port: int, **fields: object) -> Path:
    server = f"https://127.0.0.1:{port}"
    return _write(folder, _config(server, **{"certificate-authority": str(made.cert)}, **fields))


def _without(document: Json, section: str) -> Json:
    return {**document, section: []}


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (b"\x00\x01 no: [yaml", "it is no kubeconfig"),
        (b"just text", "it is no kubeconfig"),
        ({}, "there is no current context"),
        (_without(_config(), "users"), "names the user u, which is not there"),
        (_without(_config(), "clusters"), "names the cluster c, which is not there"),
        ({**_config(), "users": "none"}, "users is no list"),
        (_config("not a server"), "has no server"),
        (_config("https://joe:CANARY@127.0.0.1:1"), "has a user name in its address"),
        (_config("http://cluster.example"), "without TLS"),
        (_config(**{"certificate-authority-data": "!"}), "certificate-authority"),
        (_config(**{"certificate-authority": "/nonexistent/ca"}), "/nonexistent/ca"),
        (_config(user={"token": "two words"}), "its token is none"),
        (_config(user={"client-certificate-data": "QQ=="}), "needs its key"),
        (
            _config(user={"client-certificate-data": "QQ==", "client-key-data": "QQ=="}),
            "are no pair",
        ),
        (_config(user={"exec": {"command": "x"}}), "which is not known"),
    ],
)
def test_a_damaged_kubeconfig(tmp_path: Path, document: Json | bytes, words: str) -> None:
    path = _write(tmp_path, document)
    error = _refusal(_engine(path))
    assert error.code is ErrorCode.STORE
    assert words in error.message
    assert str(path) in error.message or "/nonexistent/ca" in error.message


def test_an_absent_kubeconfig(tmp_path: Path) -> None:
    error = _refusal(_engine(tmp_path / "none"))
    assert error.code is ErrorCode.STORE
    assert str(tmp_path / "none") in error.message


def test_an_unknown_context(tmp_path: Path) -> None:
    address = ANYWHERE._replace(kube_context="elsewhere")
    error = _refusal(_engine(_write(tmp_path, _config()), address))
    assert error.code is ErrorCode.NOT_FOUND
    assert "elsewhere" in error.message


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o622])
def test_credentials_that_others_can_read(tmp_path: Path, mode: int) -> None:
    path = _write(tmp_path, _config(), mode)
    error = _refusal(_engine(path))
    assert error.code is ErrorCode.STORE
    assert str(path) in error.message


def test_a_key_that_others_can_read(tmp_path: Path) -> None:
    made = certificate(tmp_path, "127.0.0.1")
    made.key.chmod(0o644)
    user = {"client-certificate": "cert.pem", "client-key": "key.pem"}
    error = _refusal(_engine(_write(tmp_path, _config(user=user))))
    assert (error.code, error.reason) == (ErrorCode.STORE, "not-private")
    assert str(made.key) in error.message
    assert error.hint == f"chmod 600 {made.key}"


def test_files_are_merged_and_the_first_wins(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
    other = _config("https://other.example:6443")
    other["contexts"][0]["context"]["namespace"] = "lost"
    paths = _write(first, _config("https://one.example")), _write(second, other)
    extra = {"name": "more", "context": {"cluster": "c", "user": "u", "namespace": "n"}}
    _write(second, {**other, "contexts": [extra]})
    environ = {"KUBECONFIG": f"{tmp_path}/absent:{paths[0]}:{paths[1]}"}
    found = choose(ANYWHERE._replace(kube_context="more"), environ)
    assert (found.server, found.namespace) == ("https://one.example", "n")
    chosen = choose(ANYWHERE._replace(namespace="mine"), environ)
    assert chosen.namespace == "mine"
    assert choose(ANYWHERE, environ).namespace == "default"


def test_a_pod_finds_its_own_cluster(tmp_path: Path) -> None:
    for name, content in (("token", "t"), ("namespace", "shop\n"), ("ca.crt", "")):
        (tmp_path / name).write_text(content)
    environ = {"HOME": str(tmp_path), "KUBERNETES_SERVICE_HOST": "fd00::1"}
    found = choose(ANYWHERE, environ, tmp_path)
    assert (found.server, found.namespace) == ("https://[fd00::1]:443", "shop")
    with pytest.raises(ContctlError, match="no service account"):
        choose(ANYWHERE, environ, tmp_path / "none")


def test_nobody_listens(tmp_path: Path) -> None:
    error = _refusal(_engine(_write(tmp_path, _config())))
    assert error.code is ErrorCode.UNAVAILABLE
    assert error.message == f"the cluster {NOWHERE} cannot be reached: connection refused"


def test_a_certificate_of_another_authority(tmp_path: Path) -> None:
    made, other = tmp_path / "made", tmp_path / "other"
    made.mkdir()
    other.mkdir()
    trusted = certificate(other, "127.0.0.1")
    with serving(silent, certificate(made, "127.0.0.1")) as port:
        error = _refusal(_engine(_trusting(tmp_path, trusted, port)))
    assert error.code is ErrorCode.UNAVAILABLE
    assert "its certificate is not valid: self" in error.message
    assert str(tmp_path / "config") in str(error.hint)


def test_an_expired_certificate(tmp_path: Path) -> None:
    made = certificate(tmp_path, "127.0.0.1", days=-1)
    with serving(silent, made) as port:
        error = _refusal(_engine(_trusting(tmp_path, made, port)))
    assert error.code is ErrorCode.UNAVAILABLE
    assert "certificate has expired" in error.message


def test_a_certificate_of_another_name(tmp_path: Path) -> None:
    made = certificate(tmp_path, "elsewhere.example")
    with serving(silent, made) as port:
        error = _refusal(_engine(_trusting(tmp_path, made, port)))
    assert error.code is ErrorCode.UNAVAILABLE
    assert "certificate is not valid" in error.message


def _answer(code: int, reason: str, message: str) -> bytes:
    status = {"kind": "Status", "code": code, "reason": reason, "message": message}
    body = json.dumps(status).encode()
    return f"HTTP/1.1 {code} X\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def _status(code: int, reason: str, message: str) -> Behaviour:
    return saying(_answer(code, reason, message))


RBAC = (
    'pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace'
    ' "default"'
)


@pytest.mark.parametrize(
    ("behave", "code", "words"),
    [
        (
            _status(401, "Unauthorized", "Unauthorized"),
            ErrorCode.STORE,
            "credentials of the user u",
        ),
        (
            _status(403, "Forbidden", RBAC),
            ErrorCode.FAILED,
            "the cluster refuses: the user bob cannot list pods in the namespace default",
        ),
        (_status(429, "TooManyRequests", "slow down"), ErrorCode.UNAVAILABLE, "slow down"),
        (_status(503, "ServiceUnavailable", "not now"), ErrorCode.UNAVAILABLE, "not now"),
        (_status(422, "Invalid", "no such field"), ErrorCode.USAGE, "no such field"),
        (saying(b"HTTP/1.1 503 X\r\n\r\n<html>"), ErrorCode.UNAVAILABLE, "is not ready"),
        (saying(b"HTTP/1.1 200 OK\r\n\r\n<html>"), ErrorCode.UNAVAILABLE, "not speak Kubernetes"),
        (saying(b"HTTP/1.1 200 OK\r\n\r\n[]"), ErrorCode.UNAVAILABLE, "not speak Kubernetes"),
        (saying(b"HTTP/1.1 302 X\r\nLocation: http://x\r\n\r\n"), ErrorCode.UNAVAILABLE, "speak"),
        (saying(b"SSH-2.0-x\r\n"), ErrorCode.UNAVAILABLE, "cut"),
        (
            saying(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"),
            ErrorCode.UNAVAILABLE,
            "cut",
        ),
        (silent, ErrorCode.UNAVAILABLE, "did not answer in time"),
    ],
)
def test_what_a_server_answers(
    tmp_path: Path, behave: Behaviour, code: ErrorCode, words: str
) -> None:
    made = certificate(tmp_path, "127.0.0.1")
    with serving(behave, made) as port:
        error = _refusal(_engine(_trusting(tmp_path, made, port), answer=0.5))
    assert (error.code, words in error.message) == (code, True), error.message


@pytest.mark.parametrize("item", [None, {}, {"metadata": None}, {"metadata": {"name": 5}}])
def test_a_list_of_what_is_no_object(tmp_path: Path, item: object) -> None:
    body = json.dumps({"kind": "PodList", "items": [item]}).encode()
    made = certificate(tmp_path, "127.0.0.1")
    with serving(saying(b"HTTP/1.1 200 OK\r\n\r\n" + body), made) as port:
        error = _refusal(_engine(_trusting(tmp_path, made, port)))
    assert error.code is ErrorCode.UNAVAILABLE
    assert "does not speak Kubernetes" in error.message


def _listing(then: bytes) -> Behaviour:
    """The list of pods, and for the watch of it `then`."""

    def behave(connection: socket.socket) -> None:
        request = connection.recv(65536)
        while b"\r\n\r\n" not in request:
            request += connection.recv(65536)
        if b"watch=true" in request:
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + then)
            if then:
                connection.shutdown(socket.SHUT_RDWR)
                return
            silent(connection)
            return
        body = b'{"kind": "PodList", "metadata": {"resourceVersion": "7"}, "items": []}'
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    return behave


def test_a_watch_that_is_cut(tmp_path: Path) -> None:
    made = certificate(tmp_path, "127.0.0.1")
    with serving(_listing(b"ff\r\n{"), made) as port:
        events = _engine(_trusting(tmp_path, made, port)).events(EventQuery())
        with pytest.raises(ContctlError) as caught:
            next(events)
    assert caught.value.code is ErrorCode.UNAVAILABLE


def test_closing_wakes_who_waits_for_a_silent_server(tmp_path: Path) -> None:
    made = certificate(tmp_path, "127.0.0.1")
    with serving(_listing(b""), made) as port:
        events = _engine(_trusting(tmp_path, made, port)).events(EventQuery())
        threading.Timer(0.3, events.close).start()
        begun = time.monotonic()
        assert list(events) == []
        assert time.monotonic() - begun < 5


PLUGIN = """#!/bin/sh
test -z "$CONTCTL_TOKEN" || exit 9
cat <<EOF
{"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential",
 "status": {"token": "from-the-plugin"}}
EOF
"""


def test_an_exec_plugin_gives_the_token_and_sees_none_of_contctls(tmp_path: Path) -> None:
    plugin = tmp_path / "plugin"
    plugin.write_text(PLUGIN)
    plugin.chmod(0o700)
    shown: list[bytes] = []

    def behave(connection: socket.socket) -> None:
        shown.append(connection.recv(65536))
        connection.sendall(_answer(403, "Forbidden", "no"))

    made = certificate(tmp_path, "127.0.0.1")
    user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "./plugin"}}
    with serving(behave, made) as port:
        path = _trusting(tmp_path, made, port, user=user)
        environ = {"KUBECONFIG": str(path), "PATH": os.environ["PATH"], "CONTCTL_TOKEN": "ctl_x"}
        error = _refusal(KubernetesEngine(ANYWHERE, "a test", environ, FakeClock()))
    assert error.message == "the cluster refuses: no"
    assert b"Authorization: Bearer from-the-plugin" in shown[0]


def test_an_exec_plugin_that_fails(tmp_path: Path) -> None:
    user = {"exec": {"apiVersion": "client.authentication.k8s.io/v1", "command": "false"}}
    error = _refusal(_engine(_write(tmp_path, _config(user=user))))
    assert (error.code, "ended with 1" in error.message) == (ErrorCode.STORE, True)


@pytest.mark.parametrize(
    ("script", "words"),
    [("exec yes", "ended with "), ("yes | head -c 3000000", "answered no credential|ended with ")],
)
def test_an_exec_plugin_that_says_too_much(tmp_path: Path, script: str, words: str) -> None:
    plugin = {"apiVersion": "client.authentication.k8s.io/v1", "command": "sh"}
    user = {"exec": {**plugin, "args": ["-c", script]}}
    error = _refusal(_engine(_write(tmp_path, _config(user=user))))
    assert error.code is ErrorCode.STORE
    assert re.search(words, error.message)


def _dripping(connection: socket.socket) -> None:
    connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        connection.sendall(b"1\r\n \r\n")
        time.sleep(0.05)


def test_an_answer_that_drips_is_not_waited_for(tmp_path: Path) -> None:
    made, begun = certificate(tmp_path, "127.0.0.1"), time.monotonic()
    with serving(_dripping, made) as port:
        error = _refusal(_engine(_trusting(tmp_path, made, port), answer=0.5))
    assert (error.code, time.monotonic() - begun < 10) == (ErrorCode.UNAVAILABLE, True)
    assert "did not answer in time" in error.message


def test_a_key_inside_the_kubeconfig_is_never_written_to_a_file(tmp_path: Path) -> None:
    made = certificate(tmp_path, "127.0.0.1")
    user = {
        f"client-{part}-data": base64.b64encode(path.read_bytes()).decode()
        for part, path in (("certificate", made.cert), ("key", made.key))
    }
    path = _write(tmp_path, _config(user=user))
    before = {each.name for each in Path("/tmp").iterdir()}
    engine = _engine(path)
    assert _refusal(engine).code is ErrorCode.UNAVAILABLE
    key = made.key.read_bytes()
    new = [each for each in Path("/tmp").iterdir() if each.name not in before and each.is_file()]
    assert all(_content(each) != key for each in new)


def _content(path: Path) -> bytes:
    """None of a file that others had there for a moment."""
    with suppress(OSError):
        return path.read_bytes()
    return b""
