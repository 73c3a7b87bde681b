"""The pages of the reference, as Markdown and as manual pages (roff, man(7))."""

from collections.abc import Mapping

from devtools.pages import Difference, Page, Pairs, differences, group_summaries

_MADE = "<!-- Made by `make docs` from the commands; changes here are lost. -->\n"


def markdown(page: Page) -> str:
    """The page of one command."""
    usage = "\n".join(f"    {name} {page.usage}" for name in page.names)
    parts = [_MADE, f"# {page.names[0]}\n", f"{page.summary}\n", f"{usage}\n"]
    parts += [f"{text}\n" for text in page.text]
    parts.append(_table("Options", ("option", "meaning"), page.options))
    parts.append(_table("Options of every command", ("option", "meaning"), page.global_options))
    if page.refused:
        refused = tuple((flags, f"{reason}.") for flags, reason in page.refused)
        parts.append(_table("Left out of docker's", ("option", "why"), refused))
    if page.differences:
        parts.append("## Differences to docker's command line\n")
        parts.append("".join(_difference(each) for each in page.differences))
    parts.append(_table("Exit codes", ("code", "meaning"), page.exits))
    return "\n".join(part for part in parts if part)


def index(pages: list[Page]) -> str:
    """The table of contents."""
    parts = [_MADE, "# contctl's commands\n"]
    parts.append("Where contctl is not like docker: [differences](differences.md).\n")
    parts.append("What each engine does with them: [engines](engines.md).\n")
    parts.append("How long they take: [performance](performance.md).\n")
    parts.append("`make man` makes manual pages of the same text.\n")
    for section in dict.fromkeys(page.section for page in pages):
        parts.append(f"## {section}\n")
        lines = [
            f"- [{page.names[0]}](commands/{page.file}.md): {_cell(page.summary)}"
            for page in pages
            if page.section == section
        ]
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def engines_page(engines: Mapping[str, Mapping[str, str]]) -> str:
    """What each engine does with each command. engines: their answers by commands."""
    commands = next(iter(engines.values()))
    rows = [
        [f"`{command}`", *(_cell(told[command]) for told in engines.values())]
        for command in commands
    ]
    lines = [["command", *engines], ["---"] * (len(engines) + 1), *rows]
    return "\n".join(
        [
            _MADE,
            "# What each engine does with each command\n",
            "What an engine cannot do ends with exit code 8 and the reason. The table is what the"
            " adapters declare,\nand the contract suite holds each of them to it.\n",
            *(f"| {' | '.join(line)} |" for line in lines),
            "",
        ]
    )


def differences_page(pages: list[Page]) -> str:
    """All that is listed, and all flags that are left out."""
    parts = [
        _MADE,
        "# Differences to docker's command line\n",
        "The test suite gives hundreds of command lines to docker 28 and to contctl on one engine,"
        " and\ncompares exit codes and data. What is not the same is listed here, and nowhere"
        " else.\n",
        "".join(_difference(each) for each in differences()),
    ]
    refused = tuple(
        (f"{page.names[0].removeprefix('contctl ')} {flags}", f"{reason}.")
        for page in pages
        for flags, reason in page.refused
    )
    parts.append(_table("Flags that are left out", ("flag", "why"), refused))
    return "\n".join(part for part in parts if part)


def _difference(each: Difference) -> str:
    return f"- **{each.what}** {f'{each.codes} ' if each.codes else ''}{each.reason}\n"


def _table(title: str, heads: tuple[str, str], rows: Pairs) -> str:
    if not rows:
        return ""
    lines = [f"| {heads[0]} | {heads[1]} |", "|---|---|"]
    lines += [f"| `{name.replace('|', chr(92) + '|')}` | {_cell(text)} |" for name, text in rows]
    return f"## {title}\n\n" + "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    for character in "|<*_":
        text = text.replace(character, f"\\{character}")
    return text


def manual(page: Page) -> str:
    """The manual page of one command."""
    lines = [*_heading(page.file, page.summary)]
    lines.append(".SH SYNOPSIS")
    for name in page.names:
        lines += [f".B {_roff(name)}", _roff(page.usage), ".br"]
    lines += [".SH DESCRIPTION", _roff(page.summary)]
    for text in page.text:
        lines += [".PP", _roff(text)]
    lines += _items("OPTIONS", page.options)
    lines += _items("OPTIONS OF EVERY COMMAND", page.global_options)
    lines += _items("LEFT OUT OF DOCKER'S", page.refused)
    told = tuple((each.what, f"{each.codes} {each.reason}".strip()) for each in page.differences)
    lines += _items("DIFFERENCES TO DOCKER'S COMMAND LINE", told)
    lines += _items("EXIT STATUS", page.exits)
    lines += [".SH SEE ALSO", ".BR contctl (1)"]
    return "\n".join(lines) + "\n"


def manual_index(pages: list[Page]) -> str:
    """The manual page `contctl`, which lists the others."""
    lines = [*_heading("contctl", "Named accounts, roles and an audit trail for containers.")]
    lines += [".SH SYNOPSIS", ".B contctl", "[OPTIONS] COMMAND [ARGS]..."]
    lines += _items("COMMANDS", tuple((page.names[0], page.summary) for page in pages))
    lines += _items("GROUPS", group_summaries())
    return "\n".join(lines) + "\n"


def _heading(name: str, summary: str) -> list[str]:
    title = f'.TH "{name.upper()}" "1" "" "contctl" "contctl"'
    return [title, ".SH NAME", f"{_roff(name)} \\- {_roff(summary.rstrip('.'))}"]


def _items(title: str, rows: Pairs) -> list[str]:
    if not rows:
        return []
    lines = [f'.SH "{title}"']
    for name, text in rows:
        lines += [".TP", f"\\fB{_roff(name)}\\fR", _roff(text) or "\\&"]
    return lines


def _roff(text: str) -> str:
    """Text that roff takes literally (groff(7): escapes, and control characters at the start)."""
    shown = text.replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{shown}" if shown.startswith((".", "'")) else shown
