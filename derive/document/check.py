"""Evaluate every formula of a document before it is believed.

A formula on a network is evaluated at random numbers of random sizes, one of the worked example at
its own numbers, a statement on one function at many arguments. What is a rule for all functions,
or an instruction, has no value; it says so by its kind.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from derive.document.blocks import Document, Formula
from derive.errors import ProofError
from derive.meaning.arrays import UnreadableError
from derive.meaning.check import Checker, Written
from derive.meaning.read import Reader
from derive.meaning.style import Style
from derive.meaning.write import Writer
from derive.notation.text import text
from derive.notation.tree import Node, Relation, Symbol, children
from derive.program.evaluate import Array
from derive.program.functions import Function
from derive.program.program import Program, Role, Variable

ARGUMENTS = (-3.0, -0.7, 0.4, 2.5)
"""Where a statement on a function is evaluated: on both sides of a kink at 0, never on it."""

WORK = 100_000
"""Equations that a check before printing may evaluate."""

CONSTANTS: Mapping[Node, float] = {Symbol("e"): math.e, Symbol("pi"): math.pi}


def problems(document: Document, seed: int = 0) -> Iterator[tuple[Formula, str]]:
    """Every formula that does not hold, and why."""
    yield from _problems(document.formulas(), seed)


def _problems(formulas: Iterable[Formula], seed: int) -> Iterator[tuple[Formula, str]]:
    check = _Check(seed)
    for formula in formulas:
        try:
            found = check.problem(formula)
        except UnreadableError as error:
            found = str(error)
        if found:
            yield formula, found


def check_document(document: Document, work: int = WORK) -> None:
    """Evaluate the formulas of a document before it is printed.

    All of them, unless formulas times equations exceed ``work``: then every second, third, ... one,
    so that the time stays bounded however deep the network is.

    Raises:
        ProofError: naming the first formula that does not hold.
    """
    formulas = [formula for formula in document.formulas() if formula.kind != "statement"]
    total = sum(len(f.writer.program.equations) if f.writer else 1 for f in formulas)
    chosen = formulas[:: 1 + total // work]
    for formula, found in _problems(chosen, seed=0):
        raise ProofError(f"{text(formula.relation)}: {found}")


class _Check:
    def __init__(self, seed: int) -> None:
        self.checker = Checker(seed, CONSTANTS)
        self.examples: dict[int, Reader] = {}

    def problem(self, formula: Formula) -> str | None:
        if formula.kind == "statement":
            return None
        if formula.kind == "function":
            return _function_problem(formula.relation, formula.functions)
        assert formula.writer is not None
        if formula.kind == "example":
            return self._example(formula, formula.writer).problem(formula.relation, formula.where)
        return self.checker.problem(Written(formula.relation, formula.writer, formula.where))

    def _example(self, formula: Formula, writer: Writer) -> Reader:
        """The reader at the worked example's own numbers."""
        if id(writer) not in self.examples:
            program = writer.program
            inputs = {n: np.asarray(formula.values[n], float) for n in program.inputs}
            extra = {**CONSTANTS, **_rate(writer, formula.values)}
            self.examples[id(writer)] = Reader(writer, inputs, {}, extra)
        return self.examples[id(writer)]


def _rate(writer: Writer, values: Mapping[str, Array]) -> dict[Node, float]:
    if "rate" not in values:
        return {}
    return {Symbol(writer.style.rate): float(values["rate"])}


def _function_problem(relation: Relation, functions: Mapping[str, Function]) -> str | None:
    """A statement on functions of one variable, at a few arguments."""
    free = sorted({s.glyph for s in _symbols(relation) if s not in CONSTANTS})
    names = free or ["z"]
    variables = {name: Variable(name, (), Role.INPUT, name) for name in names}
    writer = Writer(Program(variables, (), ()), Style())
    for argument in ARGUMENTS:
        inputs = {name: np.asarray(argument + k) for k, name in enumerate(names)}
        found = Reader(writer, inputs, {}, CONSTANTS, functions).problem(relation)
        if found:
            return f"{found} at {names[0]} = {argument}"
    return None


def _symbols(node: Node) -> Iterator[Symbol]:
    if isinstance(node, Symbol):
        yield node
    for child in children(node):
        yield from _symbols(child)
