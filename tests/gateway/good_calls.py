"""A call of each operation that is answered well: what the description calls done."""

import http.client
import io
import json
import socket
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from contctl.core.domain.roles import Role
from contctl.wire.frames import FrameReader, Kind, pack
from tests.e2e.machine import IMAGE, PASSWORD
from tests.gateway.real import RealGateway, unused
from tests.gateway.served import Answer, Peer

EVERYTHING: dict[str, Any] = {}


@dataclass
class Places:
    """What calls are made on. bare: a peer of a gateway without a store; image: makes an image that
    only a registry has, and answers its name."""

    gateway: RealGateway
    bare: Peer
    image: Callable[[], str]

    @property
    def admin(self) -> Peer:
        """A peer that shows an admin's token."""
        return self.gateway.admin


Call = Callable[[Places], Answer]


def plain(operation: str, /, **arguments: Any) -> Call:
    """A call of the admin's that needs nothing to be there."""
    return lambda places: places.admin.call(operation, **arguments)


def of_user(operation: str, /, **arguments: Any) -> Call:
    """A call about a new user, its `name`."""

    def call(places: Places) -> Answer:
        return places.admin.call(operation, name=places.gateway.user(Role.VIEWER), **arguments)

    return call


def until_first_frame(operation: str, arguments: Callable[[Places], dict[str, Any]]) -> Call:
    """A call of a stream that has no end: it is left after its first item."""

    def call(places: Places) -> Answer:
        with places.admin.begin(operation, **arguments(places)) as connection:
            return first_frame(connection)

    return call


def first_frame(connection: socket.socket) -> Answer:
    """The answer up to the first frame."""
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    body = answer.read1() if answer.status == 200 else answer.read()
    while answer.status == 200 and not list(FrameReader().feed(body)):
        body += answer.read1()
    return Answer(answer.status, answer.headers, body)


def refresh(places: Places) -> Answer:
    return places.gateway.nobody.call("session/refresh", token=_refresh_token(places))


def logout(places: Places) -> Answer:
    token = _refresh_token(places)
    return places.gateway.nobody.call("session/logout", token=token, everywhere=False)


def revoke_login(places: Places) -> Answer:
    issued = _issued(places)
    answer = places.admin.call("logins/revoke", session_ids=[issued["session_id"]])
    assert answer.json == [None]
    return answer


def revoke_token(places: Places) -> Answer:
    token_id = _new_token(places)["token"]["id"]
    answer = places.admin.call("ci_tokens/revoke", token_ids=[token_id])
    assert answer.json == [None]
    return answer


def current_token(places: Places) -> Answer:
    caller = Peer(places.gateway.path, _new_token(places)["text"])
    answer = caller.call("ci_tokens/current")
    assert answer.json is not None
    return answer


def revoke_grant(places: Places) -> Answer:
    name = places.gateway.user(Role.VIEWER)
    (grant,) = places.admin.done("users/show", name=name)["grants"]
    return places.admin.call("users/revoke", name=name, grant_id=grant["id"])


def logs(places: Places) -> Answer:
    name = places.gateway.container("sh", "-c", "echo out; echo err >&2")
    places.admin.call("containers/wait", refs=[name], until="not-running")
    answer = places.admin.call("containers/logs", refs=[name], options={})
    assert {Kind.OUT, Kind.ERR} <= {kind for kind, _ in answer.frames}
    return answer


def events(places: Places) -> Answer:
    since = time.time() - 1
    places.gateway.container()
    query = {"since": since, "until": time.time() + 1}
    answer = places.admin.call("containers/events", query=query)
    assert answer.frames[0][0] is Kind.ITEM
    return answer


def inspect(places: Places) -> Answer:
    return places.admin.call("containers/inspect", refs=[places.gateway.container()])


def act(places: Places) -> Answer:
    action = {"type": "kill", "signal": "KILL"}
    answer = places.admin.call("containers/act", action=action, refs=[places.gateway.container()])
    assert json.loads(answer.frames[0][1])["error"] is None
    return answer


def wait(places: Places) -> Answer:
    name = places.gateway.container("sh", "-c", "exit 3")
    answer = places.admin.call("containers/wait", refs=[name], until="not-running")
    assert json.loads(answer.frames[0][1])["code"] == 3
    return answer


def put_archive(places: Places) -> Answer:
    arguments = {"ref": places.gateway.container(), "path": "/tmp"}
    tar = io.BytesIO()
    with tarfile.open(fileobj=tar, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("note"))
    return places.admin.upload(
        pack(Kind.ARGUMENTS, json.dumps(arguments).encode()),
        pack(Kind.IN, tar.getvalue()),
        pack(Kind.END),
    )


def create(places: Places) -> Answer:
    spec = {"image": IMAGE, "command": ["true"]}
    return places.admin.call("containers/create", spec=spec, request=unused("request"))


def get_archive(places: Places) -> Answer:
    ref = places.gateway.container()
    return places.admin.call("containers/get_archive", ref=ref, path="/bin/sh")


def stat(places: Places) -> Answer:
    return places.admin.call("containers/stat", ref=places.gateway.container(), path="/bin/sh")


def export(places: Places) -> Answer:
    return places.admin.call("containers/export", ref=places.gateway.container())


def commit(places: Places) -> Answer:
    spec = {"reference": unused("image"), "message": "as it is"}
    return places.admin.call("containers/commit", ref=places.gateway.container(), spec=spec)


def images(places: Places) -> Answer:
    return places.admin.call("containers/images", query={"all": False, "filters": []})


def pull(places: Places) -> Answer:
    return places.admin.call("containers/pull", image=places.image(), auth=None, options={})


def verify(places: Places) -> Answer:
    anchor = places.admin.done("audit/head")
    return places.admin.call("audit/verify", anchor=anchor)


def rotate_keys(places: Places) -> Answer:
    return places.admin.call("keys/rotate", emergency=False)


def _issued(places: Places) -> Any:
    arguments = {"username": "ada", "password": PASSWORD}
    return places.gateway.nobody.done("session/login", **arguments)


def _refresh_token(places: Places) -> str:
    return str(_issued(places)["tokens"]["refresh"])


def _new_token(places: Places) -> Any:
    return places.admin.done("ci_tokens/create", **NEW_TOKEN)


NEW_TOKEN = {"name": "job", "role": "viewer", "scope": EVERYTHING, "lifetime": 3600}

CALLS: dict[str, Call] = {
    "session/check_uninitialised": lambda places: places.bare.call("session/check_uninitialised"),
    "session/initialise": lambda places: places.bare.call(
        "session/initialise", username="eve", password=PASSWORD
    ),
    "session/login": plain("session/login", username="ada", password=PASSWORD),
    "session/refresh": refresh,
    "session/logout": logout,
    "session/status": plain("session/status"),
    "session/note_printing": plain("session/note_printing"),
    "logins/list": plain("logins/list", user=None),
    "logins/revoke": revoke_login,
    "ci_tokens/create": plain("ci_tokens/create", **NEW_TOKEN),
    "ci_tokens/list": plain("ci_tokens/list", user="ada"),
    "ci_tokens/revoke": revoke_token,
    "ci_tokens/current": current_token,
    "users/add": lambda places: places.admin.call(
        "users/add", name=unused("user"), password=PASSWORD, role=None
    ),
    "users/check_new": plain("users/check_new", name="nobody-yet"),
    "users/list": plain("users/list"),
    "users/show": plain("users/show", name=None),
    "users/grant": of_user("users/grant", role="operator", scope={"names": ["web-*"]}),
    "users/revoke": revoke_grant,
    "users/set_password": of_user("users/set_password", password="another long password"),
    "users/set_enabled": of_user("users/set_enabled", enabled=False),
    "users/unlock": of_user("users/unlock"),
    "users/remove": of_user("users/remove"),
    "password_rules/min_length": plain("password_rules/min_length"),
    "password_rules/check": plain("password_rules/check", username="eve", password=PASSWORD),
    "rights/can": plain("rights/can", permission="container:stop", ref=None, user=None),
    "rights/all": plain("rights/all", ref=None, user="ada"),
    "containers/list": plain("containers/list", query={"all": True, "size": True}),
    "containers/inspect": inspect,
    "containers/act": act,
    "containers/create": create,
    "containers/logs": logs,
    "containers/stats": until_first_frame(
        "containers/stats", lambda places: {"refs": [places.gateway.container()]}
    ),
    "containers/events": events,
    "containers/wait": wait,
    "containers/stat": stat,
    "containers/top": lambda places: places.admin.call(
        "containers/top", ref=places.gateway.container(), args=["-o", "pid,args"]
    ),
    "containers/ports": lambda places: places.admin.call(
        "containers/ports", ref=places.gateway.container()
    ),
    "containers/changes": lambda places: places.admin.call(
        "containers/changes", ref=places.gateway.container()
    ),
    "containers/get_archive": get_archive,
    "containers/put_archive": put_archive,
    "containers/export": export,
    "containers/commit": commit,
    "containers/prune": plain("containers/prune", query={"labels": ["none-has-this"]}),
    "containers/images": images,
    "containers/pull": pull,
    "audit/list": plain("audit/list", query={"last": 20}),
    "audit/follow": until_first_frame("audit/follow", lambda _: {"query": {"last": 1}}),
    "audit/export": plain("audit/export", wanted=None),
    "audit/verify": verify,
    "audit/head": plain("audit/head"),
    "audit/rotate": plain("audit/rotate"),
    "keys/rotate": rotate_keys,
}
"""By the name of the operation."""


def exec_(places: Places) -> Iterator[tuple[Kind, bytes]]:
    ref = places.gateway.container()
    spec = {"argv": ["sh", "-c", "echo out; echo err >&2; exit 3"]}
    with places.admin.talk("containers/exec", ref=ref, spec=spec) as talk:
        yield from talk.rest()


def attach(places: Places) -> Iterator[tuple[Kind, bytes]]:
    ref = places.gateway.container("sh", "-c", "read code; exit $code")
    with places.admin.talk("containers/attach", ref=ref, spec={"stdin": True}) as talk:
        yield talk.read()
        talk.send(Kind.IN, b"3\n")
        yield from talk.rest()


TALKS: dict[str, Callable[[Places], Iterator[tuple[Kind, bytes]]]] = {
    "containers/exec": exec_,
    "containers/attach": attach,
}
"""By the name of the operation: the frames of a process that ends with 3."""
