"""Small faults, sown one by one into a copy of contctl, and the case that has to see each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """name: what is wrong.  file: below src/contctl.  text: what it reads.  wrong: what stands
    there instead.  line: of the case that sees it."""

    name: str
    file: str
    text: str
    wrong: str
    line: str


FAULTS: tuple[Fault, ...] = ()
