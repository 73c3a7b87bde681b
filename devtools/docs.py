"""Write the reference: `docs/`, or with `--man` the manual pages into `man/`.

Usage: python -m devtools.docs [--man]
"""

import sys
from pathlib import Path

from devtools import page_forms
from devtools.engine_table import ENGINES, answers
from devtools.pages import pages

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
MAN = ROOT / "man"
ELSEWHERE = frozenset({"performance.md"})
"""Made by `make bench`."""


def reference() -> dict[str, str]:
    """The files below `docs/`, and what is in each."""
    found = pages()
    return {
        "index.md": page_forms.index(found),
        "engines.md": page_forms.engines_page(
            {name: answers(engine) for name, engine in ENGINES.items()}
        ),
        "differences.md": page_forms.differences_page(found),
        **{f"commands/{page.file}.md": page_forms.markdown(page) for page in found},
    }


def manuals() -> dict[str, str]:
    """The manual pages."""
    found = pages()
    return {
        "contctl.1": page_forms.manual_index(found),
        **{f"{page.file}.1": page_forms.manual(page) for page in found},
    }


def write(files: dict[str, str], folder: Path) -> None:
    """Write these, and remove others of their kinds."""
    kinds = {Path(name).suffix for name in files}
    for path in folder.rglob("*"):
        if path.suffix in kinds and str(path.relative_to(folder)) not in {*files, *ELSEWHERE}:
            path.unlink()
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


if __name__ == "__main__":
    if sys.argv[1:] == ["--man"]:
        write(manuals(), MAN)
    else:
        write(reference(), DOCS)
