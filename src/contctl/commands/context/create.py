"""contctl context create."""

import os
from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.core.errors import ContctlError, ErrorCode

Name = Annotated[str, typer.Argument(metavar="NAME", show_default=False)]
Gateway = Annotated[
    str | None,
    typer.Option("--gateway", metavar="URL", help="unix:///PATH or https://HOST[:PORT]."),
]
Ca = Annotated[
    str | None,
    typer.Option("--ca", metavar="FILE", help="Certificates to trust instead of the system's."),
]
Docker = Annotated[str | None, typer.Option("--docker", metavar="HOST", hidden=True)]
Podman = Annotated[str | None, typer.Option("--podman", metavar="HOST", hidden=True)]
Kubernetes = Annotated[bool, typer.Option("--kubernetes", hidden=True)]

_MOST_BYTES = 1024 * 1024


def command(
    ctx: typer.Context,
    name: Name,
    gateway: Gateway = None,
    ca: Ca = None,
    docker: Docker = None,
    podman: Podman = None,
    kubernetes: Kubernetes = False,
) -> None:
    """Name a gateway.

    `contctl context use NAME` then chooses it. Docker's own contexts have their names already.
    """
    app = app_of(ctx)
    if docker is not None or podman is not None or kubernetes:
        _refuse_engines(docker, podman)
    if gateway is None:
        raise ContctlError(
            ErrorCode.USAGE, "missing option '--gateway'", hint=f"see '{ctx.command_path} --help'"
        )
    hides = app.client.contexts.create(name, gateway, _certificates(ca) if ca is not None else None)
    app.terminal.line(name)
    if hides:
        app.terminal.note(f"warning: docker has a context {name} too; contctl's comes first")


def _refuse_engines(docker: str | None, podman: str | None) -> None:
    kind = "docker" if docker is not None else "podman" if podman is not None else "kubernetes"
    hint = "'contctl context create NAME --gateway URL' names a gateway"
    if kind == "docker":
        hint = "docker's own contexts can be named already: 'docker context create' makes them"
    raise ContctlError(
        ErrorCode.USAGE, f"--{kind} is not yet in this version of contctl", hint=hint
    )


def _certificates(path: str) -> str:
    """The absolute path; USAGE where no certificates are to be read there."""
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            content = file.read(_MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not a file's name"
        raise ContctlError(ErrorCode.USAGE, f"--ca {path}: {reason or error}") from error
    if b"-----BEGIN CERTIFICATE-----" not in content or len(content) > _MOST_BYTES:
        raise ContctlError(
            ErrorCode.USAGE,
            f"--ca {path}: no certificates are in it",
            hint="it must be PEM: -----BEGIN CERTIFICATE-----",
        )
    return os.path.abspath(path)


def _without_waiting(path: str, flags: int) -> int:
    # The open of a FIFO would wait for a writer.
    return os.open(path, flags | os.O_NONBLOCK)
