"""A template that was understood, and its use."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from contctl.commands.output.template.evaluator import Evaluation
from contctl.commands.output.template.fields import named_fields
from contctl.commands.output.template.functions import FUNCTIONS, HEADING_FUNCTIONS, NAMES
from contctl.commands.output.template.parser import parse
from contctl.commands.output.template.printing import Show
from contctl.commands.output.template.problems import Problem, named
from contctl.commands.output.template.values import Map, Row
from contctl.core.errors import ContctlError


class Template:
    """A template that was understood.

    fields: the names of the fields that it speaks of, in order; empty text where it shows all.
    """

    def __init__(self, source: str, show: Show) -> None:
        self._source = source
        self._nodes = parse(source, NAMES)
        self._show = show
        self.fields = named_fields(self._nodes)

    def __call__(self, data: Any, *, strict: bool = True) -> str:
        """The text for `data`, of which a mapping counts as a struct; ContctlError USAGE for what
        cannot be done to it. strict: a key that a map inside does not have is an error, instead of
        `<no value>`."""
        data = Row.of(data)
        run = Evaluation(data, FUNCTIONS, self._show, strict=strict)
        try:
            run.run(self._nodes, data)
        except Problem as problem:
            raise named(problem, self._source) from None
        except RecursionError:
            raise named(Problem("a value is nested too deeply"), self._source) from None
        return "".join(run.parts)

    def heading(self, names: Mapping[str, Any]) -> str:
        """The head of a table of it, where `names` has the head of each field. As docker's it ends
        where it cannot go on."""
        run = Evaluation(Map(names), HEADING_FUNCTIONS, self._show, strict=False)
        with suppress(Problem, ContctlError):
            run.run(self._nodes, Map(names))
        return "".join(run.parts)
