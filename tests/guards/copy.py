"""A copy of the tree that can be changed, with an interpreter and a `contctl` of its own."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SECONDS = 170
_NOT_COPIED = shutil.ignore_patterns("__pycache__")


class TreeCopy:
    """The project's sources and tests in `folder`, run by a virtual environment beside them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("src", "tests", "devtools"):
            shutil.copytree(ROOT / name, folder / name, ignore=_NOT_COPIED)
        for name in ("pyproject.toml", "README.md"):
            shutil.copy(ROOT / name, folder / name)
        self._python = self._environment(folder / "environment")

    def _environment(self, place: Path) -> Path:
        command = [sys.executable, "-m", "venv", "--without-pip", str(place)]
        subprocess.run(command, check=True, timeout=SECONDS)
        python = place / "bin" / "python"
        packages = next(place.glob("lib/python*/site-packages"))
        installed = Path(pytest.__file__).parents[1]
        # The copy comes first; an editable install is not followed from a path that is added so.
        (packages / "copy.pth").write_text(f"{self.folder / 'src'}\n{installed}\n")
        script = place / "bin" / "contctl"
        script.write_text(f"#!{python}\nfrom contctl.__main__ import main\nmain()\n")
        script.chmod(0o755)
        return python

    def change(self, file: str, guard: str, without: str) -> None:
        """Replace the one place of `file` that reads `guard`."""
        path = self.folder / "src" / "contctl" / file
        text = path.read_text()
        assert text.count(guard) == 1, f"{file} has {text.count(guard)} times: {guard}"
        path.write_text(text.replace(guard, without))

    def restore(self, file: str) -> None:
        """Put the file back as it is in the project."""
        shutil.copy(ROOT / "src" / "contctl" / file, self.folder / "src" / "contctl" / file)

    def test(self, *tests: str) -> "subprocess.CompletedProcess[str]":
        """Run tests of the copy."""
        return subprocess.run(
            [self._python, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *tests],
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
        )
