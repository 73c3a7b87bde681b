"""What `contctl ps` does, whoever has read its command line."""

from collections.abc import Sequence

from contctl.commands.app import App
from contctl.commands.container.filters import pairs
from contctl.commands.container.rows import HEADINGS, row_of
from contctl.commands.output.json_documents import container_document, print_json
from contctl.commands.output.listing import list_template, print_rows
from contctl.commands.output.template.values import Method, Row
from contctl.commands.output.terminal import Terminal
from contctl.commands.quick import Listing
from contctl.core.domain.containers import Container, ListQuery
from contctl.core.errors import ContctlError, ErrorCode

_FIELDS = ("ID", "Image", "Command", "RunningFor", "Status", "Ports", "Names")


def show_listing(app: App, asked: Listing) -> None:
    """Show the containers that are `asked` for."""
    query = ListQuery(
        all=asked.all or asked.last > 0 or asked.latest,
        filters=pairs(asked.filters),
        last=1 if asked.latest else asked.last if asked.last > 0 else None,
        size=asked.size or _shows_size(app.terminal, asked.format),
    )
    if asked.watch and asked.json:
        raise ContctlError(
            ErrorCode.USAGE,
            "--json prints one document, and --watch has no end",
            hint="--format json prints a line for each container",
        )
    shown = _Shown(asked.format, quiet=asked.quiet, truncated=not asked.no_trunc, size=asked.size)
    if asked.watch:
        from contctl.commands.container.watching import watch as go_on

        go_on(app, query, shown.show)
        return
    containers = app.api.containers.list(query)
    if asked.json:
        print_json(app.terminal, {"containers": [container_document(each) for each in containers]})
    else:
        shown.show(app.terminal, containers, app.client.now())


class _Shown:
    """How a list is printed. chosen: the format; quiet: IDs alone."""

    def __init__(self, chosen: str | None, *, quiet: bool, truncated: bool, size: bool) -> None:
        self._chosen = chosen
        self._quiet = quiet
        self._truncated = truncated
        self._fields = (*_FIELDS, "Size") if size else _FIELDS

    def show(self, terminal: Terminal, containers: Sequence[Container], now: float) -> None:
        """Print `containers`. now: seconds since the epoch, for their age."""
        rows = [row_of(each, now, truncated=self._truncated) for each in containers]
        if self._quiet:
            for row in rows:
                terminal.line(row["ID"])
        else:
            if not rows:
                _check(terminal, self._chosen)
            fields = self._fields
            if any(container.workload for container in containers):
                fields = (*fields, "Workload")
            print_rows(terminal, rows, self._chosen, HEADINGS, fields, _STYLES)


def _check(terminal: Terminal, format: str | None) -> None:
    """USAGE for a template of fields that there are not, also where there is nothing to show."""
    if format and "{{" in format:
        list_template(terminal, format)(Row({**HEADINGS, "Label": Method(str)}))


def _shows_size(terminal: Terminal, format: str | None) -> bool:
    """Whether a template needs the sizes, which the engine finds out only when asked."""
    if not format or "{{" not in format:
        return False
    return bool({"", "Size"}.intersection(list_template(terminal, format).fields))


def _status_style(status: str) -> str:
    if status.startswith("Up"):
        return "yellow" if "(unhealthy)" in status or "(Paused)" in status else "green"
    return "red" if status.startswith("Dead") else "dim"


_STYLES = {"STATUS": _status_style}
