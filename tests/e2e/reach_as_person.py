"""Tries what a user of the host may not reach. Standard input: [[verb, path], ...] as JSON;
standard output: what came of each, `ok` or the name of the error."""

import errno
import json
import os
import signal
import socket
import sys
from collections.abc import Callable


def connect(path: str) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)


def read(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        os.read(descriptor, 1)
    finally:
        os.close(descriptor)


VERBS: dict[str, Callable[[str], object]] = {
    "connect": connect,
    "list": os.listdir,
    "enter": os.chdir,
    "read": read,
    "write": lambda path: os.close(os.open(path, os.O_WRONLY)),
    "make": lambda path: os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)),
    "remove": os.unlink,
    "link": lambda path: os.link(path, f"{path}.link"),
    "follow": os.readlink,
    "end": lambda pid: os.kill(int(pid), signal.SIGTERM),
}


def tried(verb: str, path: str) -> str:
    try:
        VERBS[verb](path)
    except OSError as error:
        return errno.errorcode[error.errno or 0]
    return "ok"


print(json.dumps([tried(verb, path) for verb, path in json.load(sys.stdin)]))
