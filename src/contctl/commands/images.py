"""contctl images."""

from typing import Annotated

import typer

from contctl.commands.app import app_of
from contctl.commands.container.filters import pairs
from contctl.commands.image_rows import HEADINGS, rows_of
from contctl.commands.options import Format, Json
from contctl.commands.output.json_documents import image_document, print_json
from contctl.commands.output.listing import list_template, print_rows
from contctl.core.domain.images import ImageQuery

Name = Annotated[str | None, typer.Argument(metavar="[REPOSITORY[:TAG]]", show_default=False)]
All = Annotated[bool, typer.Option("--all", "-a", help="Also those that are only layers.")]
Digests = Annotated[bool, typer.Option("--digests", help="Show their digests.")]
Filter = Annotated[
    list[str] | None,
    typer.Option("--filter", "-f", metavar="KEY=VALUE", help="Only those that fit."),
]
NoTrunc = Annotated[bool, typer.Option("--no-trunc", help="Do not shorten anything.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Only their IDs.")]
_FIELDS = ("Repository", "Tag", "ID", "CreatedSince", "Size")
_WITH_DIGESTS = ("Repository", "Tag", "Digest", "ID", "CreatedSince", "Size")


def command(
    ctx: typer.Context,
    name: Name = None,
    all_: All = False,
    digests: Digests = False,
    filters: Filter = None,
    format: Format = None,
    no_trunc: NoTrunc = False,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """List images."""
    app = app_of(ctx)
    named = (("reference", name),) if name else ()
    query = ImageQuery(all_, (*pairs(filters or ()), *named))
    templated = format is not None and "{{" in format and not quiet
    wanted = list_template(app.terminal, format or "").fields if templated else ()
    images = app.api.containers.images(query)
    if json:
        print_json(app.terminal, {"images": [image_document(image) for image in images]})
        return
    now = app.client.now()
    rows = [
        row
        for image in images
        for row in rows_of(
            image,
            now,
            truncated=not no_trunc,
            digests=digests,
            wants_digest=digests or "Digest" in wanted,
        )
    ]
    if quiet:
        for row in rows:
            app.terminal.line(row["ID"])
    else:
        print_rows(app.terminal, rows, format, HEADINGS, _WITH_DIGESTS if digests else _FIELDS)
