"""What each engine does with each command, as the adapters declare it."""

from collections.abc import Mapping
from typing import Protocol

from contctl.backends.docker.engine import DockerEngine
from contctl.backends.kubernetes.engine import KubernetesEngine
from contctl.backends.podman.engine import PodmanEngine

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "attach": ("attach",),
    "commit": ("commit",),
    "cp": ("get_archive", "put_archive", "stat"),
    "create": ("create",),
    "diff": ("changed_files",),
    "events": ("events",),
    "exec": ("exec",),
    "export": ("export",),
    "images": ("list_images",),
    "inspect": ("inspect",),
    "kill": ("kill",),
    "logs": ("logs",),
    "pause": ("pause",),
    "port": (),
    "prune": ("remove",),
    "ps": ("list",),
    "pull": ("pull",),
    "rename": ("rename",),
    "restart": ("restart",),
    "rm": ("remove",),
    "run": ("create",),
    "start": ("start",),
    "stats": ("stats",),
    "stop": ("stop",),
    "top": ("top",),
    "unpause": ("unpause",),
    "update": ("update",),
    "wait": ("wait",),
}
"""The methods of the port `Engine` that each command on containers cannot do without."""

OF_NO_COMMAND = frozenset({"members", "info", "defaults", "image_labels", "volume", "network"})
"""Methods that only support others."""


class Declaring(Protocol):
    """The class of an adapter."""

    unsupported: Mapping[str, str]
    remarks: Mapping[str, str]


ENGINES: Mapping[str, type[Declaring]] = {
    "Docker": DockerEngine,
    "Podman": PodmanEngine,
    "Kubernetes": KubernetesEngine,
}
"""The adapters by the names of their products."""


def answers(engine: type[Declaring]) -> dict[str, str]:
    """What the engine does with each command, in words: `yes`, what it does otherwise, or why not.
    By the names of the commands."""
    return {command: _answer(engine, methods) for command, methods in COMMANDS.items()}


def _answer(engine: type[Declaring], methods: tuple[str, ...]) -> str:
    reasons = [engine.unsupported[method] for method in methods if method in engine.unsupported]
    if reasons:
        return f"no: {'; '.join(dict.fromkeys(reasons))}"
    remarks = [engine.remarks[method] for method in methods if method in engine.remarks]
    return " ".join(["yes.", *map(_sentence, dict.fromkeys(remarks))]) if remarks else "yes"


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:].removesuffix('.')}."
