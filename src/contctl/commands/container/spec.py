"""What the options of `run` and `create` ask to be made."""

from collections.abc import Mapping
from dataclasses import dataclass

from contctl.commands.container.environment import (
    expand_environment,
    parse_labels,
    read_env_file,
    read_label_file,
)
from contctl.commands.container.given import Given, usage
from contctl.commands.container.isolation import privileges_of
from contctl.commands.container.limiting import (
    health_of,
    limits_of,
    log_of,
    resources_of,
    restart_of,
)
from contctl.commands.container.mounts import storage_of
from contctl.commands.container.networks import network_of, networking_of, ports_of
from contctl.commands.container.quantities import whole
from contctl.core.domain.create import STREAMS, CreateSpec
from contctl.core.domain.resources import RestartPolicy
from contctl.core.errors import ContctlError, ErrorCode

PULL = ("always", "missing", "never")


@dataclass(frozen=True, slots=True)
class Asked:
    """A container to make, and how. pull: one of PULL.  quiet: show nothing of a pull."""

    spec: CreateSpec
    pull: str
    quiet: bool


def asked_of(
    given: Given, image: str, argv: list[str], environ: Mapping[str, str], *, detach: bool = False
) -> Asked:
    """ContctlError USAGE for an option whose value is wrong; nothing is asked of the engine."""
    pull = given.text("pull") or "missing"
    if pull not in PULL:
        raise usage(
            f'invalid pull option: \'{pull}\': must be one of "always", "missing" or "never"'
        )
    if not given.on("disable_content_trust"):
        raise ContctlError(
            ErrorCode.UNSUPPORTED,
            "contctl does not verify signatures of images: it cannot be asked to",
            hint="leave --disable-content-trust=false away, and name the image by its digest",
        )
    return Asked(_spec(given, image, argv, environ, detach=detach), pull, given.on("quiet"))


def _spec(
    given: Given, image: str, argv: list[str], environ: Mapping[str, str], *, detach: bool
) -> CreateSpec:
    spec = CreateSpec(
        image=image,
        command=tuple(argv),
        name=given.text("name"),
        entrypoint=given.text("entrypoint"),
        env=_environment(given, environ),
        labels=_labels(given),
        ports=ports_of(given),
        workdir=given.text("workdir"),
        user=given.text("user"),
        network=network_of(given),
        stdin=given.on("interactive"),
        auto_remove=given.on("rm"),
        tty=given.on("tty"),
        attach=_attach(given, detach=detach),
        platform=given.text("platform") or environ.get("DOCKER_DEFAULT_PLATFORM") or None,
        hostname=given.text("hostname"),
        domainname=given.text("domainname"),
        stop_signal=given.text("stop_signal"),
        stop_timeout=given.one("stop_timeout", _seconds, None),
        init=given.switch("init"),
        cidfile=given.text("cidfile"),
        health=health_of(given),
        log=log_of(given),
        restart=_restart(given),
        resources=resources_of(given),
        limits=limits_of(given),
        storage=storage_of(given),
        networking=networking_of(given),
        privileges=privileges_of(given),
    )
    if spec.auto_remove and spec.restart and spec.restart.name not in ("", "no"):
        raise usage("conflicting options: cannot specify both --restart and --rm")
    return spec


def _seconds(text: str) -> int | None:
    return whole(text)


def _restart(given: Given) -> RestartPolicy | None:
    text = given.text("restart")
    return None if text is None else restart_of(text)


def _environment(given: Given, environ: Mapping[str, str]) -> tuple[str, ...]:
    given.each("env", _variable)
    files = [line for path in given.texts("env_file") for line in read_env_file(path, environ)]
    return (*files, *expand_environment(given.texts("env"), environ))


def _labels(given: Given) -> dict[str, str]:
    given.each("label", _label)
    files = [line for path in given.texts("label_file") for line in read_label_file(path)]
    return parse_labels([*files, *given.texts("label")])


def _attach(given: Given, *, detach: bool) -> tuple[str, ...]:
    streams = given.each("attach", _stream)
    if detach:
        if streams:
            raise usage("conflicting options: cannot specify both --attach and --detach")
        return ()
    joined = set(streams or STREAMS[1:]) | ({STREAMS[0]} if given.on("interactive") else set())
    return tuple(stream for stream in STREAMS if stream in joined)


def _variable(text: str) -> None:
    if not text.partition("=")[0]:
        raise ValueError(f"invalid environment variable: {text}")


def _label(text: str) -> None:
    try:
        parse_labels([text])
    except ContctlError as error:
        raise ValueError(error.message) from None


def _stream(text: str) -> str:
    if text.lower() not in STREAMS:
        raise ValueError("valid streams are STDIN, STDOUT and STDERR")
    return text.lower()
