"""What a reference says about each command, read from the commands themselves."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from typer.core import TyperOption

from contctl.commands.catalog import SECTIONS
from contctl.commands.container.refused import REFUSED
from contctl.commands.lazy import Entry, Group
from contctl.commands.root import root

DIFFERENCES = Path(__file__).parents[1] / "docs" / "differences.toml"
EXIT_CODES = (
    ("0", "done, also when the state asked for was there already"),
    ("1", "it failed, or targets failed for different reasons"),
    ("2", "usage"),
    ("3", "not found"),
    ("4", "not authenticated"),
    ("5", "forbidden"),
    ("6", "conflict, or the wrong state"),
    ("7", "engine or gateway unavailable, or it did not answer in time"),
    ("8", "this engine cannot do that"),
    ("9", "store or configuration"),
    ("70", "a bug in contctl"),
    ("130, 143", "interrupted, terminated"),
)
PROCESS_CODES = (
    ("125", "contctl failed, usage included; the error line names the kind"),
    ("126, 127", "the command could not be run, was not found"),
    ("any other", "the container's own"),
)
_PS = "contctl ps"

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Page:
    """One command.

    names: what it is called, with `contctl` in front.  usage: what follows a name.
    text: paragraphs.  options: names and help; global_options: of every command.
    refused: flags of docker's with the reasons against them.
    differences: ids, what differs, and why.
    """

    section: str
    names: tuple[str, ...]
    summary: str
    usage: str
    text: tuple[str, ...]
    options: Pairs
    global_options: Pairs
    exits: Pairs
    refused: Pairs
    differences: tuple["Difference", ...]

    @property
    def file(self) -> str:
        """Its file's name, without an ending."""
        return self.names[0].replace(" ", "-")


@dataclass(frozen=True)
class Difference:
    """An entry of the file of differences.  commands: by their names in docker's group `container`;
    none for all whose exit code is never a container's."""

    id: str
    what: str
    reason: str
    codes: str
    commands: tuple[str, ...]


@cache
def differences() -> tuple[Difference, ...]:
    """All of them, in the file's order."""
    entries = tomllib.loads(DIFFERENCES.read_text())["difference"]
    return tuple(
        Difference(
            entry["id"],
            entry["what"],
            entry["reason"],
            _codes(entry),
            tuple(entry.get("commands", ())),
        )
        for entry in entries
    )


def _codes(entry: dict[str, Any]) -> str:
    if "contctl" not in entry:
        return ""
    theirs = f", docker's {entry['docker']}" if "docker" in entry else ""
    return f"contctl's exit code is {entry['contctl']}{theirs}."


def pages() -> list[Page]:
    """One for each command, in the order of the help page."""
    found: dict[str, Page] = {}
    for section, words, entry in _entries():
        if entry.module in found:
            known = found[entry.module]
            found[entry.module] = _named(known, words)
        else:
            found[entry.module] = _page(section, words, entry)
    return list(found.values())


def group_summaries() -> Pairs:
    """The groups of commands, and what each is for."""
    groups = [each for part in SECTIONS.values() for each in part if isinstance(each, Group)]
    return tuple((f"contctl {group.name}", f"{group.summary}.") for group in groups)


def _entries() -> Iterator[tuple[str, str, Entry]]:
    for section, part in SECTIONS.items():
        for each in part:
            if isinstance(each, Group):
                for inner in each.entries:
                    yield section, f"contctl {each.name} {inner.name}", inner
            else:
                yield section, f"contctl {each.name}", each


def _named(page: Page, name: str) -> Page:
    return replace(page, names=(*page.names, name))


def _page(section: str, name: str, entry: Entry) -> Page:
    command: Any = entry.load()
    ctx = command.context_class(command, info_name=name)
    # The root command adds the global options to each command, as it stands.
    everywhere = {param.name for param in root().params}
    records = [(param, param.get_help_record(ctx)) for param in command.get_params(ctx)]
    options = [(param, record) for param, record in records if _is_option(param) and record]
    summary, *text = (" ".join(part.split()) for part in command.help.split("\n\n"))
    key, docker = name.removeprefix("contctl "), section == "Containers"
    return Page(
        section=section,
        names=(name,),
        summary=summary,
        usage=" ".join(command.collect_usage_pieces(ctx)),
        text=tuple(text),
        options=tuple(record for param, record in options if param.name not in everywhere),
        global_options=tuple(record for param, record in options if param.name in everywhere),
        exits=(EXIT_CODES[0], *PROCESS_CODES) if entry.runs_a_process else EXIT_CODES,
        refused=_refused(key),
        differences=_differences_of(entry, "ls" if name == _PS else key) if docker else (),
    )


def _is_option(param: Any) -> bool:
    return isinstance(param, TyperOption)


def _refused(command: str) -> Pairs:
    """Each reason once, with all the flags that it is given for."""
    by_reason: dict[str, list[str]] = {}
    for flag, reason in REFUSED.get(command, {}).items():
        by_reason.setdefault(reason, []).append(flag)
    return tuple((", ".join(flags), reason) for reason, flags in by_reason.items())


def _differences_of(entry: Entry, command: str) -> tuple[Difference, ...]:
    return tuple(
        each
        for each in differences()
        if command in each.commands or not (each.commands or entry.runs_a_process)
    )
