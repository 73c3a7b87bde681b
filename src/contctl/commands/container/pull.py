"""contctl pull."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from typing import Annotated

import typer

from contctl.commands.app import App, app_of
from contctl.commands.options import Quiet
from contctl.commands.output.progress import show_pull, words_of
from contctl.core.domain.image_names import parse_image_name
from contctl.core.domain.streams import Progress
from contctl.core.domain.transfers import PullOptions
from contctl.core.errors import ContctlError, ErrorCode

_NO_TRUST = ("", "0", "f", "F", "false", "FALSE", "False")

Image = Annotated[str, typer.Argument(metavar="NAME[:TAG|@DIGEST]", show_default=False)]
AllTags = Annotated[bool, typer.Option("--all-tags", "-a", help="Every tag that it has.")]
Platform = Annotated[
    str | None, typer.Option("--platform", metavar="OS/ARCH", help="Not the engine's own.")
]
ContentTrust = Annotated[
    bool | None,
    typer.Option(
        "--disable-content-trust/--no-disable-content-trust",
        help="Taken for docker's sake: contctl verifies no signatures.",
    ),
]


def command(
    ctx: typer.Context,
    image: Image,
    all_tags: AllTags = False,
    quiet: Quiet = False,
    platform: Platform = None,
    disable_content_trust: ContentTrust = None,
) -> None:
    """Fetch an image from a registry.

    With docker's own credentials for the registry, as 'docker login' keeps them.
    """
    app = app_of(ctx)
    name = parse_image_name(image)
    trust = _trust_wanted(app) if disable_content_trust is None else not disable_content_trust
    if trust and not name.digest:
        raise ContctlError(
            ErrorCode.UNSUPPORTED,
            "contctl does not verify signatures of images (Docker Content Trust)",
            hint="name the image by its digest, or use --disable-content-trust",
        )
    if all_tags and (name.tag or name.digest):
        raise ContctlError(ErrorCode.USAGE, "tag can't be used with --all-tags/-a")
    defaulted = False
    if not (all_tags or name.tag or name.digest):
        name = replace(name, tag="latest")
        defaulted = not quiet
    options = PullOptions(all_tags=all_tags, platform=platform)
    auth = app.client.registry_auth(name.full)
    with closing(app.api.containers.pull(name.full, auth, options)) as steps:
        if defaulted:
            app.terminal.line("Using default tag: latest")
        _show(app, steps, quiet=quiet)
    app.terminal.line(name.full)


def _trust_wanted(app: App) -> bool:
    """Whether docker would verify signatures where no option says so."""
    return app.terminal.environ.get("DOCKER_CONTENT_TRUST", "") not in _NO_TRUST


def _show(app: App, steps: Iterable[Progress], *, quiet: bool) -> None:
    if quiet:
        for _ in steps:
            pass
    elif app.terminal.stdout_is_tty:
        show_pull(app.terminal, steps)
    else:
        for step in steps:
            if step.current is None:
                app.terminal.line(words_of(step))
