"""What stands inside an action, after Go's text/template/parse: pipelines, commands, operands."""

from collections.abc import Callable, Collection

from contctl.commands.output.template.lexer import Piece, Token
from contctl.commands.output.template.literals import character, number, string
from contctl.commands.output.template.nodes import (
    Chain,
    Dot,
    Field,
    Function,
    Literal,
    Nil,
    Operand,
    Pipe,
    Variable,
)
from contctl.commands.output.template.problems import Problem
from contctl.commands.output.template.values import Own

MAX_DEPTH = 50
"""Parentheses, or blocks, inside each other."""

_CONSTANTS: dict[str, Operand] = {"true": Literal(True), "false": Literal(False), "nil": Nil()}
_QUOTED: dict[str, Callable[[str], object]] = {
    "string": string,
    "raw": lambda text: Own(text[1:-1].replace("\r", "")),
    "char": character,
    "number": number,
}
_DEFINING = (":=", "=")


class Expression:
    """Reads the tokens of one action.

    functions: the names that there are.  variables: those in scope, the innermost last; what the
    action declares is added.
    """

    def __init__(self, piece: Piece, functions: Collection[str], variables: list[str]) -> None:
        self.source = piece.text
        self._tokens = piece.tokens or ()
        self._at = 0
        self._functions = functions
        self._variables = variables
        self._depth = 0

    def word(self) -> str:
        """The word that comes next; empty where something else does."""
        self._skip_space()
        return self._next.text if self._next.kind == "word" else ""

    def take(self) -> Token:
        """The next token, and move on."""
        token = self._next
        self._at = min(self._at + 1, len(self._tokens) - 1)
        return token

    def close(self) -> None:
        """The end of the action; Problem where something else comes."""
        self._skip_space()
        if self._next.kind != "end":
            raise self._unexpected()

    def pipeline(self, *, ranged: bool = False) -> Pipe:
        """A pipeline to the end of the action. ranged: it may declare two variables."""
        pipe = self._pipe(ranged=ranged)
        self.close()
        return pipe

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _skip_space(self) -> None:
        while self._next.kind == "space":
            self._at += 1

    def _is(self, *signs: str) -> bool:
        self._skip_space()
        return self._next.kind == "sign" and self._next.text in signs

    def _unexpected(self) -> Problem:
        if self._next.kind == "end":
            return Problem("something is missing at its end")
        return Problem(f"{self._next.text!r} is unexpected")

    def _pipe(self, *, ranged: bool = False) -> Pipe:
        names, assigns = self._declared(ranged=ranged)
        commands = [self._command(first=True)]
        while self._is("|"):
            self.take()
            self._skip_space()
            if self._next.kind == "end":
                break  # Go lets the last one be missing
            commands.append(self._command(first=False))
        if not assigns:
            self._variables += names
        return Pipe(tuple(commands), names, assigns)

    def _declared(self, *, ranged: bool) -> tuple[tuple[str, ...], bool]:
        """The variables that a pipeline sets, and whether they are there already."""
        self._skip_space()
        begin, names = self._at, []
        while self._next.kind == "variable":
            names.append(self.take().text[1:])
            if self._is(*_DEFINING):
                assigns = self.take().text == "="
                for name in names if assigns else ():
                    self._require(name)
                return tuple(names), assigns
            if not (ranged and len(names) == 1 and self._is(",")):
                break
            self.take()
            self._skip_space()
        self._at = begin
        return (), False

    def _command(self, *, first: bool) -> tuple[Operand, ...]:
        operands: list[Operand] = []
        while True:
            self._skip_space()
            if self._next.kind == "end" or self._is("|", ")"):
                break
            operands.append(self._operand())
            if self._next.kind not in ("space", "end") and not self._is("|", ")"):
                raise self._unexpected()
        if not operands:
            raise Problem("a command is missing")
        if not first and isinstance(operands[0], Literal | Dot | Nil):
            raise Problem("only a function, a field or a variable can stand after '|'")
        return tuple(operands)

    def _operand(self) -> Operand:
        """A term and the fields that follow it without a space."""
        begin = self._next.text
        term = self._term()
        names = []
        while self._next.kind == "field":
            names.append(self.take().text[1:])
        if not names:
            return term
        if isinstance(term, Literal | Dot | Nil):
            raise Problem(f"{begin} has no fields")
        if isinstance(term, Field):
            return Field((*term.names, *names))
        if isinstance(term, Variable):
            return Variable(term.name, (*term.names, *names))
        return Chain(term, tuple(names))

    def _term(self) -> Operand:
        if self._is("("):
            return self._parenthesized()
        token = self._next
        if token.kind in _QUOTED:
            return Literal(_QUOTED[self.take().kind](token.text))
        match token.kind:
            case "dot":
                self.take()
                return Dot()
            case "field":
                self.take()
                return Field((token.text[1:],))
            case "variable":
                self.take()
                self._require(token.text[1:])
                return Variable(token.text[1:])
            case "word":
                self.take()
                return self._named(token.text)
        raise self._unexpected()

    def _named(self, word: str) -> Operand:
        if word in _CONSTANTS:
            return _CONSTANTS[word]
        if word not in self._functions:
            known = ", ".join(sorted(self._functions))
            raise Problem(f"there is no function {word!r}", f"the functions are {known}")
        return Function(word)

    def _parenthesized(self) -> Operand:
        self.take()
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Problem("too many parentheses are inside each other")
        pipe = self._pipe()
        if not self._is(")"):
            raise Problem("a parenthesis is not closed")
        self.take()
        self._depth -= 1
        return pipe

    def _require(self, name: str) -> None:
        if name not in self._variables:
            raise Problem(f"there is no variable ${name}")
