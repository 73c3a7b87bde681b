"""The reference in docs/ is what the commands say of themselves today; manual pages are too."""

import re
import shutil
import subprocess
from pathlib import Path

from contctl.commands.catalog import SECTIONS
from contctl.commands.container.refused import REFUSED
from contctl.commands.lazy import Entry, Group
from contctl.core.ports import Engine
from devtools.docs import DOCS, ELSEWHERE, manuals, reference, write
from devtools.engine_table import COMMANDS, OF_NO_COMMAND
from devtools.pages import pages

_STATED = re.compile(r"^\.(TH|SH|TP|PP|B|BR|br)\b")
SECONDS = 30


def test_docs_are_not_stale() -> None:
    written = {str(path.relative_to(DOCS)): path.read_text() for path in DOCS.rglob("*.md")}
    made = reference()
    assert written.keys() - ELSEWHERE == made.keys(), "run `make docs`"
    assert [name for name in made if made[name] != written[name]] == [], "run `make docs`"


def test_each_command_has_a_page_under_all_its_names() -> None:
    named = {name for page in pages() for name in page.names}
    for part in SECTIONS.values():
        for each in part:
            if isinstance(each, Entry):
                assert f"contctl {each.name}" in named
            else:
                assert isinstance(each, Group)
                assert {f"contctl {each.name} {inner.name}" for inner in each.entries} <= named
    assert len({page.file for page in pages()}) == len(pages())


def test_a_page_tells_options_refusals_and_exit_codes() -> None:
    (text,) = [text for name, text in reference().items() if name == "commands/contctl-rm.md"]
    assert "    contctl rm [OPTIONS] CONTAINER [CONTAINER...]\n    contctl container rm" in text
    assert "| `-f, --force` |" in text
    assert "| `-c, --context NAME` |" in text
    reason = REFUSED["rm"]["--link"]
    assert f"| `--link, -l` | {reason}. |" in text
    assert reason in reference()["differences.md"]
    assert "| `3` | not found |" in text


def test_every_container_command_and_every_method_is_in_the_table_of_engines() -> None:
    (containers,) = [
        group
        for part in SECTIONS.values()
        for group in part
        if isinstance(group, Group) and group.name == "container"
    ]
    named = {entry.name for entry in containers.entries}
    assert {"ps" if name == "ls" else name for name in named} <= set(COMMANDS)
    methods = {name for name in vars(Engine) if not name.startswith("_")}
    told = {method for needed in COMMANDS.values() for method in needed} | OF_NO_COMMAND
    assert told == methods - {"name", "socket", "unsupported", "remarks"}
    text = reference()["engines.md"]
    assert all(f"| `{command}` | " in text for command in COMMANDS)


def test_manual_pages_are_roff() -> None:
    for name, text in manuals().items():
        lines = text.splitlines()
        assert lines[0].startswith(".TH "), name
        assert {".SH NAME", ".SH SYNOPSIS"} <= set(lines), name
        assert all(_STATED.match(line) for line in lines if line.startswith((".", "'"))), name
        assert "" not in lines, name


def test_a_manual_page_is_shown(tmp_path: Path) -> None:
    write(manuals(), tmp_path)
    if shutil.which("groff") is None:
        assert (tmp_path / "contctl-rm.1").is_file()
        return
    shown = subprocess.run(
        ["groff", "-man", "-Tascii", "-ww", "-P-cbou", tmp_path / "contctl-rm.1"],
        capture_output=True,
        text=True,
        check=True,
        timeout=SECONDS,
    )
    assert shown.stderr == ""
    assert "contctl-rm - Remove containers" in shown.stdout
    assert "--force" in shown.stdout


def test_stale_files_are_removed(tmp_path: Path) -> None:
    (tmp_path / "old.md").write_text("gone")
    (tmp_path / "kept.toml").write_text("kept")
    write({"a/new.md": "new"}, tmp_path)
    assert sorted(path.name for path in tmp_path.rglob("*.*")) == ["kept.toml", "new.md"]
