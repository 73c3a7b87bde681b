"""contctl inspect."""

import json as json_format
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from contctl.commands.app import App, app_of
from contctl.commands.options import Containers, Json
from contctl.commands.output.exit_status import status_of_all
from contctl.commands.output.json_documents import print_json
from contctl.commands.output.template import compile_template, safe_json
from contctl.core.domain.containers import Json as Data
from contctl.core.errors import ContctlError, ErrorCode

if TYPE_CHECKING:
    from contctl.commands.output.template.compiled import Template

Format = Annotated[
    str | None,
    typer.Option("--format", "-f", metavar="FORMAT", help="'json' or a template."),
]
Size = Annotated[bool, typer.Option("--size", "-s", help="Also how much disk they take.")]
Kind = Annotated[
    str, typer.Option("--type", metavar="TYPE", help="What they are: only 'container'.")
]


def command(
    ctx: typer.Context,
    containers: Containers,
    format: Format = None,
    size: Size = False,
    kind: Kind = "container",
    json: Json = False,
) -> None:
    """Show what the engine knows of containers.

    Values of environment variables are shown to those who hold container:inspect-env.
    """
    app = app_of(ctx)
    if kind != "container":
        raise ContctlError(
            ErrorCode.USAGE, f"contctl inspects containers, and nothing of the type {kind!r}"
        )
    show = None if json else _shown_in(app, format or "")
    answers = app.api.containers.inspect(containers, size)
    found = [answer.data for answer in answers if answer.data is not None]
    errors = [answer.error for answer in answers if answer.error]
    if show is None:
        print_json(app.terminal, {"containers": found})
    else:
        errors += show(found)
    for error in errors:
        app.terminal.note(f"error: {error.message}")
    if errors:
        raise typer.Exit(status_of_all(errors))


def _shown_in(app: App, chosen: str) -> Callable[[list[Data]], list[ContctlError]]:
    """What prints inspections, and answers the errors of those that it could not; ContctlError
    USAGE for a template that is none."""
    if not chosen:
        return lambda found: _print(app, json_format.dumps(found, indent=4, ensure_ascii=False))
    if chosen == "json":
        compact = (",", ":")
        return lambda found: _print(
            app, json_format.dumps(found, separators=compact, ensure_ascii=False)
        )
    template = compile_template(chosen, app.terminal.shown)
    return lambda found: _print_templates(app, template, found)


def _print(app: App, document: str) -> list[ContctlError]:
    app.terminal.write(safe_json(document))
    return []


def _print_templates(app: App, template: "Template", found: list[Data]) -> list[ContctlError]:
    """Print all that can be, and, as docker, an empty line for nothing."""
    texts, errors = [], []
    for data in found:
        try:
            texts.append(filled(template, data))
        except ContctlError as error:
            errors.append(error)
    app.terminal.write("\n".join(texts))
    return errors


def filled(template: "Template", data: Data) -> str:
    """The template with docker's types, or, where it fails with them, with the engine's answer."""
    from contctl.commands.container.inspected import as_it_is, typed

    try:
        return template(typed(data), strict=False)
    except (ContctlError, ValueError):
        return template(as_it_is(data))
