"""The most general shapes of a derivation, and the numbers at which it is tested.

Equal sizes hide a wrong axis. So every axis that the forward equations do not force to be equal to
another one gets a size of its own, whatever numbers the network has, and the sizes are tested at
pairwise different numbers, all at least 2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import count

from derive.calculus.log import Log
from derive.errors import ProgramError
from derive.program.program import Contraction, Equation, Map, Program, Role, Variable
from derive.program.shapes import Dim, Shape

Axis = tuple[str, int]
"""A variable's name and the number of its axis."""

PERIOD = 9
"""From this many sizes on the numbers repeat: neighbours still differ from neighbours."""

SHOWN = 7
"""How many sizes a label lists."""


def generalised(log: Log) -> Program:
    """The derivation's program with the most general shapes of its forward equations.

    Raises:
        ProgramError: a backward equation does not fit them: it confuses two axes.
    """
    shapes = _forward_shapes(log)
    for equation in log.program.equations[len(log.forward.equations) :]:
        shapes[equation.out] = backward_shape(equation, log.program.variables[equation.out], shapes)
    variables = {
        name: replace(variable, shape=shapes[name])
        for name, variable in log.program.variables.items()
    }
    return replace(log.program, variables=variables)


def _forward_shapes(log: Log) -> dict[str, Shape]:
    """Shapes of the forward names, one size for every class of axes that must agree."""
    classes = _Classes()
    for equation in log.forward.equations:
        for first, *others in _equal_axes(equation, log.forward):
            for axis in others:
                classes.join(first, axis)
    fixed = coefficient_sizes(log.program)
    names: dict[Axis, Dim] = {}
    derived = {classes.root(axis) for axis in _derived_facts(log.forward)}
    fresh = (f"s{k}" for k in count() if f"s{k}" not in fixed)
    shapes: dict[str, Shape] = {}
    for name, variable in log.forward.variables.items():
        dims: list[Dim] = []
        for k, dim in enumerate(variable.shape):
            own = classes.root((name, k))
            if own not in names:
                kept = dim in fixed or own in derived
                names[own] = dim if kept else next(fresh)
            dims.append(names[own])
        shapes[name] = tuple(dims)
    return shapes


def _derived_facts(program: Program) -> set[Axis]:
    """The axes along which a computed value has a known sum: that may rest on their size."""
    given = program.hypotheses
    return {(fact.name, fact.axis) for fact in program.facts if fact not in given}


class _Classes:
    """Classes of equal axes: union and find with halved paths."""

    def __init__(self) -> None:
        self.parent: dict[Axis, Axis] = {}

    def root(self, axis: Axis) -> Axis:
        parent = self.parent
        while axis in parent:
            above = parent[axis]
            if above in parent:
                parent[axis] = parent[above]
            axis = above
        return axis

    def join(self, one: Axis, other: Axis) -> None:
        one, other = self.root(one), self.root(other)
        if one != other:
            self.parent[other] = one


def _equal_axes(equation: Equation, program: Program) -> Iterator[list[Axis]]:
    """Groups of axes that the equation makes equal."""
    if isinstance(equation, Map):
        for k in range(len(program.variables[equation.out].shape)):
            yield [(name, k) for name in (equation.out, *equation.arguments)]
        return
    out = {letter: (equation.out, k) for k, letter in enumerate(equation.letters)}
    for term in equation.terms:
        by_letter = {letter: [axis] for letter, axis in out.items()}
        for name, letters in zip(term.operands, term.letters, strict=True):
            for k, letter in enumerate(letters):
                by_letter.setdefault(letter, []).append((name, k))
        yield from by_letter.values()


def coefficient_sizes(program: Program) -> set[str]:
    """Named sizes that are used as numbers, as m in 1/m: they must keep their names."""
    found: set[str] = set() if not isinstance(program.batch, str) else {program.batch}
    for equation in program.equations:
        if isinstance(equation, Contraction):
            found.update(name for term in equation.terms for name, _ in term.scale.sizes)
        else:
            found.update(str(symbol) for symbol in equation.function.expression.free_symbols)
    return found


def backward_shape(equation: Equation, variable: Variable, shapes: dict[str, Shape]) -> Shape:
    """A backward name's shape: its variable's own, or what its equation gives a part."""
    owner = variable.target if variable.role is Role.LOCAL else variable.of
    if owner:
        return shapes[owner]
    if isinstance(equation, Map):
        return shapes[equation.arguments[0]]
    dims: dict[str, Dim] = {}
    for term in equation.terms:
        for name, letters in zip(term.operands, term.letters, strict=True):
            dims.update(zip(letters, shapes[name], strict=True))
    if not set(equation.letters) <= set(dims):
        raise ProgramError(f"{equation.out}: an axis of a part has no size")
    return tuple(dims[letter] for letter in equation.letters)


def numbers(program: Program, start: int = 2) -> dict[str, int]:
    """A number for every named size: different ones, which repeat only in a deep network."""
    dims: Iterable[str] = program.sizes
    if isinstance(program.batch, str):
        dims = (program.batch, *(dim for dim in dims if dim != program.batch))
    if len(tuple(dims)) <= PERIOD:
        return {dim: start + k for k, dim in enumerate(dims)}
    return {dim: start + k % PERIOD for k, dim in enumerate(dims)}


def label(program: Program, sizes: dict[str, int]) -> str:
    """``2-3-4``, ``3-4-5, m = 2``; nothing for one sample of scalars."""
    widths = [str(sizes[dim]) for dim in program.sizes if dim != program.batch]
    text = "-".join(widths if len(widths) <= SHOWN else [*widths[:SHOWN], "..."])
    if program.batch is None:
        return text
    batch = program.batch if isinstance(program.batch, int) else sizes[program.batch]
    return f"{text}, m = {batch}" if text else f"m = {batch}"
