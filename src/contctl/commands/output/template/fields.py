"""Which fields a template speaks of."""

from collections.abc import Iterator

from contctl.commands.output.template.nodes import (
    Action,
    Branch,
    Chain,
    Dot,
    Field,
    Nodes,
    Operand,
    Pipe,
    Variable,
)


def named_fields(nodes: Nodes) -> tuple[str, ...]:
    """The first names of the fields of `nodes`, in order; empty text for `.` itself. Those inside
    `range` and `with` count, too, although they are fields of something else."""
    return tuple(dict.fromkeys(_of_nodes(nodes)))


def _of_nodes(nodes: Nodes) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, Action | Branch):
            yield from _of_operand(node.pipe)
        if isinstance(node, Branch):
            yield from _of_nodes(node.body)
            yield from _of_nodes(node.otherwise)


def _of_operand(operand: Operand) -> Iterator[str]:
    if isinstance(operand, Dot):
        yield ""
    elif isinstance(operand, Field):
        yield operand.names[0]
    elif isinstance(operand, Variable) and not operand.name:
        yield operand.names[0] if operand.names else ""
    elif isinstance(operand, Chain):
        yield from _of_operand(operand.base)
    elif isinstance(operand, Pipe):
        for command in operand.commands:
            for each in command:
                yield from _of_operand(each)
