"""A pull as it goes on: bars on a terminal, a line for each step elsewhere. All on stderr."""

from collections.abc import Iterable

from contctl.commands.output.escape import escaped
from contctl.commands.output.terminal import Terminal
from contctl.core.domain.streams import Progress

_AWAITED = ("Pulling fs layer", "Waiting")
"""What the engine says of a layer before it fetches it; its bar comes with the first bytes."""


def show_pull(terminal: Terminal, steps: Iterable[Progress]) -> None:
    """Show `steps` until they end."""
    if terminal.stderr_is_tty and terminal.environ.get("TERM") != "dumb":
        _show_bars(terminal, steps)
    else:
        _show_lines(terminal, steps)


def _show_lines(terminal: Terminal, steps: Iterable[Progress]) -> None:
    for step in steps:
        if step.current is None:
            terminal.note(words_of(step))


def _show_bars(terminal: Terminal, steps: Iterable[Progress]) -> None:
    from io import TextIOWrapper

    from rich import progress
    from rich.console import Console
    from rich.text import Text

    stream = TextIOWrapper(terminal.stderr, terminal.encoding, "backslashreplace")
    console = Console(file=stream, force_terminal=True, no_color=not terminal.has_color)
    words = progress.TextColumn("{task.description}", markup=False)
    tasks: dict[str, progress.TaskID] = {}
    try:
        with progress.Progress(
            words, progress.BarColumn(), progress.DownloadColumn(), console=console
        ) as bars:
            for step in steps:
                if not step.layer:
                    console.print(Text(escaped(step.status)))
                    continue
                if step.layer not in tasks and step.current is None:
                    if step.status not in _AWAITED:
                        console.print(Text(escaped(words_of(step))))
                    continue
                if step.layer not in tasks:
                    tasks[step.layer] = bars.add_task("", total=None)
                bars.update(
                    tasks[step.layer],
                    description=escaped(words_of(step)),
                    completed=step.current,
                    total=step.total,
                )
    finally:
        stream.detach()


def words_of(step: Progress) -> str:
    """A step as docker's line of it."""
    return f"{step.layer}: {step.status}" if step.layer else step.status
