"""What every `HostPaths` owes its callers."""

from abc import ABC, abstractmethod

import pytest

from contctl.core.ports import HostPaths


class Tree(ABC):
    """A folder of root's, on a way that is all root's, to make things in."""

    paths: HostPaths
    top: str

    @abstractmethod
    def folder(self, name: str, mode: int = 0o755, owner: int = 0) -> str:
        """Make a folder; its path."""

    @abstractmethod
    def file(self, name: str, mode: int = 0o644, owner: int = 0) -> str:
        """Make a plain file; its path."""

    @abstractmethod
    def link(self, name: str, target: str) -> str:
        """Make a symbolic link; its path."""

    @abstractmethod
    def fifo(self, name: str) -> str:
        """Make what is neither file nor folder, of root's and mode 0600; its path."""


class HostPathsContract:
    """A subclass gives the fixture `tree`."""

    @pytest.fixture
    def tree(self) -> Tree:
        raise NotImplementedError

    def test_folders_and_files_of_roots(self, tree: Tree) -> None:
        inner = tree.folder("shop")
        deep = tree.folder("shop/data", 0o700)
        file = tree.file("shop/config", 0o600)
        for path in (tree.top, inner, deep, file, f"{inner}/", f"{tree.top}//shop/./data", "/"):
            assert tree.paths.trusted(path), path

    @pytest.mark.parametrize("mode", [0o775, 0o757, 0o1777, 0o2775])
    def test_what_others_may_write(self, tree: Tree, mode: int) -> None:
        open_ = tree.folder("open", mode)
        below = tree.folder("open/below")
        for path in (open_, below, f"{open_}/"):
            assert not tree.paths.trusted(path)
        assert not tree.paths.trusted(tree.file("file", mode & 0o666))

    def test_what_is_not_roots(self, tree: Tree) -> None:
        foreign = tree.folder("foreign", owner=65534)
        assert not tree.paths.trusted(foreign)
        assert not tree.paths.trusted(tree.folder("foreign/below"))
        assert not tree.paths.trusted(tree.file("file", owner=65534))

    def test_links_anywhere(self, tree: Tree) -> None:
        inner = tree.folder("shop")
        tree.folder("shop/data")
        link = tree.link("link", inner)
        for path in (link, f"{link}/", f"{link}/.", f"{link}/data"):
            assert not tree.paths.trusted(path)

    def test_what_is_not_there(self, tree: Tree) -> None:
        file = tree.file("file")
        for path in (f"{tree.top}/absent", f"{tree.top}/absent/below", f"{file}/below"):
            assert not tree.paths.trusted(path)

    def test_what_is_neither_file_nor_folder(self, tree: Tree) -> None:
        assert not tree.paths.trusted(tree.fifo("fifo"))

    def test_paths_that_are_none(self, tree: Tree) -> None:
        tree.folder("shop")
        relative = tree.top.removeprefix("/")
        above = f"{tree.top}/shop/.."
        for path in (relative, above, f"{above}/shop", "", ".", "..", "shop", "/\0", "/\ud800"):
            assert not tree.paths.trusted(path)
        assert not tree.paths.trusted(f"{tree.top}/{'x' * 5000}")
