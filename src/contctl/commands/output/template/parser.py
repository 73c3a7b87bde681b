"""Pieces to nodes, after Go's text/template/parse: what stands in blocks."""

from collections.abc import Collection

from contctl.commands.output.template.expressions import MAX_DEPTH, Expression
from contctl.commands.output.template.lexer import pieces
from contctl.commands.output.template.nodes import Action, Branch, Jump, Node, Nodes, Text
from contctl.commands.output.template.problems import Problem, named, naming

_BLOCKS = ("if", "with", "range")
_JUMPS = ("break", "continue")
_LEFT_OUT = ("define", "template", "block")


def parse(source: str, functions: Collection[str]) -> Nodes:
    """The nodes of a template; ContctlError USAGE, naming the part, for what is none, or is not
    supported. functions: the names of those that there are."""
    parser = _Parser(source, functions)
    nodes, ending = parser.nodes()
    if ending is not None:
        raise named(Problem("it ends nothing"), ending.source)
    return nodes


class _Parser:
    def __init__(self, source: str, functions: Collection[str]) -> None:
        self._pieces = pieces(source)
        self._functions = functions
        self._variables = [""]
        self._depth = 0
        self._ranges = 0

    def nodes(self) -> tuple[Nodes, Expression | None]:
        """Those up to the next `else` or `end`, and that, or None at the end of the source."""
        found: list[Node] = []
        for piece in self._pieces:
            if piece.tokens is None:
                found.append(Text(piece.text))
                continue
            action = Expression(piece, self._functions, self._variables)
            if action.word() in ("else", "end"):
                return tuple(found), action
            with naming(piece.text):
                found.append(self._node(action))
        return tuple(found), None

    def _node(self, action: Expression) -> Node:
        word = action.word()
        if word in _BLOCKS:
            action.take()
            return self._branch(word, action)
        if word in _JUMPS:
            action.take()
            action.close()
            if not self._ranges:
                raise Problem(f"{word} stands outside of a range")
            return Jump(word)
        if word in _LEFT_OUT:
            raise Problem(f"{word!r} is not supported")
        return Action(action.source, action.pipeline())

    def _branch(self, keyword: str, action: Expression) -> Branch:
        """A block from after its keyword to its end."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Problem("too many blocks are inside each other")
        mark = len(self._variables)
        pipe = action.pipeline(ranged=keyword == "range")
        self._ranges += keyword == "range"
        body, ending = self.nodes()
        self._ranges -= keyword == "range"
        otherwise: Nodes = ()
        if ending is not None and self._goes_on(ending):
            otherwise = self._otherwise(keyword, ending)
        elif ending is None:
            raise Problem(f"the {keyword} has no end")
        del self._variables[mark:]
        self._depth -= 1
        return Branch(action.source, keyword, pipe, body, otherwise)

    def _goes_on(self, ending: Expression) -> bool:
        """Whether a block goes on with an `else`; it was left at `else` or `end`."""
        with naming(ending.source):
            if ending.take().text == "end":
                ending.close()
                return False
        return True

    def _otherwise(self, keyword: str, ending: Expression) -> Nodes:
        """What follows an `else`, to the end of the block."""
        word = ending.word()
        with naming(ending.source):
            if word and word == keyword != "range":
                ending.take()
                return (self._branch(word, ending),)
            ending.close()
        nodes, end = self.nodes()
        if end is None:
            raise Problem(f"the {keyword} has no end")
        with naming(end.source):
            if end.take().text != "end":
                raise Problem("there was an else already")
            end.close()
        return nodes
