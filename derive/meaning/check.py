"""Check written formulas at random numbers: the last look before anything is printed.

Sizes are pairwise different and at least 2 wherever the program leaves them open, so that neither
a transpose nor a lost sum can hide behind equal axes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from derive.errors import ProofError
from derive.meaning.arrays import UnreadableError
from derive.meaning.read import Reader
from derive.meaning.write import Writer
from derive.notation.text import text
from derive.notation.tree import Node, Relation
from derive.program.evaluate import Array
from derive.program.program import Program, Role
from derive.program.shapes import concrete

_SIZES = (2, 3, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12)


@dataclass(frozen=True, slots=True)
class Written:
    """A formula and who wrote it."""

    relation: Relation
    writer: Writer
    where: tuple[Relation, ...] = ()
    """Definitions of further symbols in it."""


def distinct_sizes(program: Program) -> dict[str, int]:
    """A number for every named size: pairwise different, none of the program's own numbers."""
    taken = {d for v in program.variables.values() for d in v.shape if isinstance(d, int)}
    free = [size for size in _SIZES if size not in taken]
    free += list(range(14, 14 + len(program.sizes)))
    return dict(zip(program.sizes, free, strict=False))


def random_inputs(program: Program, sizes: Mapping[str, int], seed: int = 0) -> dict[str, Array]:
    """Random values for every input: targets lie in (0, 1) and obey the program's facts."""
    rng = np.random.default_rng(seed)
    values: dict[str, Array] = {}
    for name in program.inputs:
        variable = program.variables[name]
        shape = concrete(variable.shape, sizes)
        if variable.role is Role.TARGET:
            values[name] = np.asarray(rng.uniform(0.1, 0.9, shape))
        else:
            # Wide layers would saturate a sigmoid, and log(1 - p) has no digits left at p = 1.
            width = max(shape, default=1)
            values[name] = np.asarray(rng.uniform(-1.5, 1.5, shape) / np.sqrt(width))
    for fact in program.hypotheses:
        total = values[fact.name].sum(axis=fact.axis, keepdims=True)
        values[fact.name] = values[fact.name] * fact.value / total
    return values


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
