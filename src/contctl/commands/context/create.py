"""contctl context create."""

import os
from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.core.domain import places
from contctl.core.domain.engines import EngineAddress, EngineKind
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
Engine = Annotated[
    str | None,
    typer.Option("--engine", metavar="ENGINE", help="Of the gateway's engines; else its default."),
]
Docker = Annotated[
    str | None,
    typer.Option(
        "--docker",
        metavar="HOST",
        help="unix:///PATH, ssh://[USER@]HOST[:PORT][/PATH], or tcp://HOST[:PORT] with --tls.",
    ),
]
Tls = Annotated[
    str | None,
    typer.Option("--tls", metavar="FOLDER", help="Where ca.pem, cert.pem and key.pem are."),
]
Podman = Annotated[
    str | None,
    typer.Option(
        "--podman",
        metavar="HOST",
        help="unix:///PATH or ssh://[USER@]HOST[:PORT][/PATH]; unix:// alone finds the socket.",
    ),
]
Kubernetes = Annotated[
    bool, typer.Option("--kubernetes", help="The cluster of the kubeconfig, as for kubectl.")
]
KubeContext = Annotated[
    str | None,
    typer.Option("--kube-context", metavar="NAME", help="Of the kubeconfig; else its current one."),
]
Namespace = Annotated[
    str | None, typer.Option("--namespace", metavar="NAME", help="Else the kubeconfig's.")
]

_MOST_BYTES = 1024 * 1024
_KEYS = ("ca.pem", "cert.pem", "key.pem")


def command(
    ctx: typer.Context,
    name: Name,
    docker: Docker = None,
    tls: Tls = None,
    podman: Podman = None,
    kubernetes: Kubernetes = False,
    kube_context: KubeContext = None,
    namespace: Namespace = None,
    gateway: Gateway = None,
    ca: Ca = None,
    engine: Engine = None,
) -> None:
    """Name an engine or a gateway.

    `contctl context use NAME` then chooses it. Docker's own contexts have their names already.
    """
    app = app_of(ctx)
    targets = {
        "--docker": docker is not None,
        "--podman": podman is not None,
        "--kubernetes": kubernetes,
        "--gateway": gateway is not None,
    }
    chosen = _only(targets, f"see '{ctx.command_path} --help'")
    _belongs("--tls", tls, chosen, "--docker")
    _belongs("--kube-context", kube_context, chosen, "--kubernetes")
    _belongs("--namespace", namespace, chosen, "--kubernetes")
    _belongs("--ca", ca, chosen, "--gateway")
    _belongs("--engine", engine, chosen, "--gateway")
    target: places.Gateway | EngineAddress
    if gateway is not None:
        certificates = _certificates(ca) if ca is not None else None
        target = places.Gateway(gateway, certificates, engine)
    elif docker is not None:
        target = EngineAddress(EngineKind.DOCKER, docker, _keys(tls) if tls is not None else None)
    elif podman is not None:
        target = EngineAddress(EngineKind.PODMAN, podman)
    else:
        target = EngineAddress(EngineKind.KUBERNETES, None, None, kube_context, namespace)
    hides = app.client.contexts.create(name, target)
    app.terminal.line(name)
    if hides:
        app.terminal.note(f"warning: docker has a context {name} too; contctl's comes first")


def _only(targets: dict[str, bool], hint: str) -> str:
    given = [option for option, is_given in targets.items() if is_given]
    if not given:
        options = " or ".join((", ".join(list(targets)[:-1]), list(targets)[-1]))
        raise ContctlError(ErrorCode.USAGE, f"missing option {options}", hint=hint)
    if len(given) > 1:
        message = f"{given[0]} and {given[1]} cannot be given together"
        raise ContctlError(ErrorCode.USAGE, message, hint=hint)
    return given[0]


def _belongs(option: str, value: str | None, chosen: str, to: str) -> None:
    if value is not None and chosen != to:
        raise ContctlError(ErrorCode.USAGE, f"{option} goes with {to} only")


def _keys(path: str) -> str:
    """The absolute path; USAGE where a file of docker's names is missing. Who may read them is
    looked at when they are used."""
    if not os.path.isdir(path):
        raise ContctlError(ErrorCode.USAGE, f"--tls {path}: no such folder")
    missing = [key for key in _KEYS if not os.path.exists(os.path.join(path, key))]
    if missing:
        raise ContctlError(ErrorCode.USAGE, f"--tls {path}: there is no {' and no '.join(missing)}")
    return os.path.abspath(path)


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
