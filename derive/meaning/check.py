"""Check written formulas at random numbers: the last look before anything is printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from derive.errors import ProofError
from derive.meaning.arrays import UnreadableError
from derive.meaning.read import Reader
from derive.meaning.write import Writer
from derive.notation.text import text
from derive.notation.tree import Node, Relation
from derive.program.samples import distinct_sizes, random_inputs


@dataclass(frozen=True, slots=True)
class Written:
    """A formula and who wrote it."""

    relation: Relation
    writer: Writer
    where: tuple[Relation, ...] = ()
    """Definitions of further symbols in it."""


class Checker:
    """Checks formulas; the readers of one program are kept."""

    def __init__(self, seed: int = 0, extra: Mapping[Node, float] | None = None):
        self.seed, self.extra = seed, extra or {}
        self._readers: dict[int, Reader] = {}

    def reader(self, writer: Writer) -> Reader:
        """The reader of a writer's formulas, at random inputs."""
        if id(writer) not in self._readers:
            sizes = distinct_sizes(writer.program)
            inputs = random_inputs(writer.program, sizes, self.seed)
            self._readers[id(writer)] = Reader(writer, inputs, sizes, self.extra)
        return self._readers[id(writer)]

    def problem(self, formula: Written) -> str | None:
        """What is wrong with a formula, or None.

        A formula that cannot be read is a problem too: nothing passes unread.
        """
        try:
            return self.reader(formula.writer).problem(formula.relation, formula.where)
        except UnreadableError as error:
            return str(error)


def check_formulas(formulas: Iterable[Written], seed: int = 0) -> int:
    """Check them all and count them.

    Raises:
        ProofError: naming the first formula whose sides differ, with both values.
    """
    checker, count = Checker(seed), 0
    for formula in formulas:
        problem = checker.problem(formula)
        if problem:
            raise ProofError(f"{text(formula.relation)}: {problem}")
        count += 1
    return count
