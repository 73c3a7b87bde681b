"""What the description says of an answer, as something to hold the answer to."""

import json
from functools import cache
from typing import Any

import jsonschema_rs

from contctl.gateway.openapi import description
from contctl.wire.frames import CONTENT_TYPE, FrameReader, Kind
from contctl.wire.problems import CONTENT_TYPE as PROBLEM
from tests.gateway.served import Answer

_LAST = (Kind.END, Kind.ERROR)
_BYTES = (Kind.SOURCE, Kind.OUT, Kind.ERR)


def check_answer(path: str, answer: Answer, *, whole: bool) -> None:
    """AssertionError or a ValidationError where it is not as described. whole: False for a stream
    that was left before its end."""
    described = description()["paths"][path]["post"]["responses"][str(answer.status)]
    assert all(name in answer.headers for name in described["headers"])
    content_type = answer.headers["Content-Type"]
    assert content_type in described["content"]
    if content_type == CONTENT_TYPE:
        check_frames(path, answer.body, whole=whole)
    else:
        _validator(path, str(answer.status), content_type, "schema").validate(answer.json)


def check_frames(path: str, body: bytes, *, whole: bool) -> None:
    """The same for the body of a stream, in which an error may be told of, but no bug."""
    reader = FrameReader()
    frames = list(reader.feed(body))
    assert all(kind not in _LAST for kind, _ in frames[:-1])
    assert not whole or (reader.empty and frames and frames[-1][0] in _LAST)
    for kind, payload in frames:
        if kind is Kind.ITEM:
            _validator(path, "200", CONTENT_TYPE, "x-item").validate(json.loads(payload))
        elif kind is Kind.ERROR:
            problem = json.loads(payload)
            _validator(path, "400", PROBLEM, "schema").validate(problem)
            assert problem["details"].get("reason") != "bug", problem
        else:
            assert kind in (*_BYTES, Kind.END)


@cache
def _validator(path: str, status: str, content_type: str, part: str) -> Any:
    found = description()
    content = found["paths"][path]["post"]["responses"][status]["content"][content_type]
    return jsonschema_rs.validator_for({**content[part], "components": found["components"]})
