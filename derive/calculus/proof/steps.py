"""Every step of a log, exactly, whatever the depth: the local half of a proof by composition.

A step claims that a cotangent is the sum over the next named values w of ``dL/dw`` times
``dw/dv``. Only the few equations between v and those w take part, so SymPy decides it at sizes 2,
3, 4; layers that are equal up to their names share one decision. With ``dL/dL = 1``, induction over
the steps gives every gradient at any depth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import sympy as sp

from derive.calculus.index import Total, component_name, components
from derive.calculus.log import Log, Step
from derive.calculus.proof.exact import symbols
from derive.calculus.proof.identity import Undecided, identical
from derive.calculus.proof.opaque import OPAQUE, opaque
from derive.calculus.proof.sizes import coefficient_sizes
from derive.program.evaluate import Environment, evaluate
from derive.program.functions import size_symbol
from derive.program.program import (
    Equation,
    Fact,
    Map,
    Program,
    Role,
    Term,
    Variable,
)
from derive.program.shapes import Dim


@dataclass(frozen=True, slots=True)
class Local:
    """What one step claims, with neutral names: equal layers give equal claims."""

    of: str
    cotangent: str
    ends: tuple[tuple[str, str], ...]
    """The next named values, each with the name of its cotangent."""
    equations: tuple[Equation, ...]
    shapes: tuple[tuple[str, tuple[Dim, ...]], ...]
    facts: tuple[Fact, ...]
    fixed: tuple[tuple[str, str], ...] = ()
    """Next named values that others of them are functions of, as beside a residual connection: each
    with the name by which it is held fixed there.
    """


class Steps:
    """The claims of all steps of one derivation."""

    def __init__(self, log: Log, program: Program):
        self.log, self.program = log, program
        self.forward = {eq.out for eq in log.forward.equations} | set(log.forward.inputs)
        self.named = {
            name: of
            for of, name in log.cotangents.items()
            if program.variables[of].role is not Role.PART
        }
        self.fixed = coefficient_sizes(program)
        self.places = {eq.out: k for k, eq in enumerate(program.equations)}
        self.users = users(log.forward)

    def exact(self, step: Step) -> bool | None:
        """Whether a step's claim is an identity; None where SymPy cannot decide."""
        return _holds(self.local(step.of))

    def rewrites(self, step: Step) -> list[bool | None]:
        """Whether each named rule of a step turned its expression into an equal one.

        None where SymPy cannot decide, though both agree at fifty digits.
        """
        wanted = {component_name(node) for r in step.rewrites for node in components(r.before)}
        wanted |= {component_name(node) for r in step.rewrites for node in components(r.after)}
        forward = [eq for eq in self.next(step.of) if eq.out != step.of]
        program = self._program(forward, wanted)
        values, sizes = _values(program, self.fixed)
        shapes = {name: values[name].shape for name in wanted}
        return [_same_index(r.before, r.after, values, shapes, sizes) for r in step.rewrites]

    def next(self, name: str) -> list[Equation]:
        """The equations from a variable to the next named values, in order."""
        found: dict[int, Equation] = {}
        pending = [name]
        while pending:
            for place, equation in self.users.get(pending.pop(), ()):
                if place not in found:
                    found[place] = equation
                    if self.program.variables[equation.out].role is Role.PART:
                        pending.append(equation.out)
        return [found[place] for place in sorted(found)]

    def local(self, of: str) -> Local:
        """The claim of a variable's step."""
        forward = self.next(of)
        cotangent = self.log.cotangents[of]
        ends = [eq.out for eq in forward if self.program.variables[eq.out].role is not Role.PART]
        backward: dict[str, Equation] = {}
        free = self._collect(cotangent, backward, set())
        for end in ends:
            incoming = self.log.cotangents[end]
            if incoming not in free:
                free |= self._collect(incoming, backward, free)
        ordered = sorted(backward.values(), key=lambda eq: self.places[eq.out])
        pairs = tuple((end, self.log.cotangents[end]) for end in ends)
        return self._neutral(of, cotangent, pairs, [*forward, *ordered], len(forward))

    def _collect(self, name: str, found: dict[str, Equation], free: set[str]) -> set[str]:
        """Gather what defines a cotangent, down to forward values and other cotangents."""
        reached: set[str] = set()
        pending = [name]
        while pending:
            equation = self.program.equation(pending.pop())
            assert equation is not None
            found[equation.out] = equation
            for argument in equation.arguments:
                if argument in self.forward or argument in found:
                    continue
                if argument in self.named or argument in free:
                    reached.add(argument)
                else:
                    pending.append(argument)
        return reached

    def _neutral(
        self,
        of: str,
        cotangent: str,
        ends: tuple[tuple[str, str], ...],
        equations: list[Equation],
        forward: int,
    ) -> Local:
        names: dict[str, str] = {}
        for name in [of, *(n for eq in equations for n in (eq.out, *eq.arguments))]:
            names.setdefault(name, f"v{len(names)}")
        for pair in ends:
            for name in pair:
                names.setdefault(name, f"v{len(names)}")
        dims: dict[Dim, Dim] = {}
        shapes = []
        for name, new in names.items():
            for dim in self.program.variables[name].shape:
                dims.setdefault(dim, dim if dim in self.fixed else f"d{len(dims)}")
            shapes.append((new, tuple(dims[d] for d in self.program.variables[name].shape)))
        crossed = {n for eq in equations[:forward] for n in eq.arguments} & {n for n, _ in ends}
        fixed = {name: f"{names[name]}." for name in names if name in crossed}
        shapes += [(fixed[name], dict(shapes)[names[name]]) for name in fixed]
        return Local(
            names[of],
            names[cotangent],
            tuple((names[a], names[b]) for a, b in ends),
            (
                *(
                    renamed(eq, {**names, **fixed, eq.out: names[eq.out]})
                    for eq in equations[:forward]
                ),
                *(renamed(eq, names) for eq in equations[forward:]),
            ),
            tuple(shapes),
            tuple(replace(f, name=names[f.name]) for f in self.program.facts if f.name in names),
            tuple((names[name], new) for name, new in fixed.items()),
        )

    def _program(self, equations: list[Equation], wanted: Iterable[str]) -> Program:
        used = {n for eq in equations for n in (eq.out, *eq.arguments)} | set(wanted)
        variables = {n: v for n, v in self.program.variables.items() if n in used}
        facts = tuple(fact for fact in self.program.facts if fact.name in used)
        return Program(variables, tuple(equations), (), facts)


def users(program: Program) -> dict[str, list[tuple[int, Equation]]]:
    """Name -> the equations that use it, with their places."""
    found: dict[str, list[tuple[int, Equation]]] = {}
    for place, equation in enumerate(program.equations):
        for name in dict.fromkeys(equation.arguments):
            found.setdefault(name, []).append((place, equation))
    return found


def renamed(equation: Equation, names: Mapping[str, str]) -> Equation:
    """An equation with other names."""
    out = names[equation.out]
    if isinstance(equation, Map):
        return replace(equation, out=out, arguments=tuple(names[n] for n in equation.arguments))
    terms = tuple(
        Term(tuple(names[n] for n in term.operands), term.letters, term.scale)
        for term in equation.terms
    )
    return replace(equation, out=out, terms=terms)


@cache
def _holds(claim: Local) -> bool | None:
    try:
        return _identity(claim)
    except Undecided:
        return None


def _identity(claim: Local) -> bool:
    variables = {name: Variable(name, shape, Role.HIDDEN) for name, shape in claim.shapes}
    program = Program(variables, claim.equations, (), claim.facts)
    values, _ = _values(program, coefficient_sizes(program))
    stand_ins = {
        end: {at: sp.Dummy("w") for at in np.ndindex(values[end].shape)} for end, _ in claim.ends
    }
    paired = sp.Add(
        *(stand_ins[end][at] * values[end][at] for end, _ in claim.ends for at in stand_ins[end])
    )
    incoming = {
        symbol: values[cotangent][at]
        for end, cotangent in claim.ends
        for at, symbol in stand_ins[end].items()
    }
    freed = {
        symbol: values[end][at]
        for end, held in claim.fixed
        for at, symbol in np.ndenumerate(values[held])
    }
    entries, found = values[claim.of], values[claim.cotangent]
    return identical(
        (sp.diff(paired, entries[place]).xreplace(incoming).xreplace(freed), found[place])
        for place in np.ndindex(entries.shape)
    )


def _values(program: Program, fixed: Iterable[str]) -> tuple[Environment, dict[str, int]]:
    """All values over symbols, at sizes 2, 3, 4, ... in order of appearance."""
    names = dict.fromkeys([*program.sizes, *sorted(fixed)])
    sizes = {name: 2 + k for k, name in enumerate(names)}
    known = symbols(program, sizes, program.inputs)
    return evaluate(program, known, sizes, OPAQUE), sizes


def _same_index(
    before: sp.Expr,
    after: sp.Expr,
    values: Environment,
    shapes: Mapping[str, tuple[int, ...]],
    sizes: Mapping[str, int],
) -> bool | None:
    """Whether two index expressions are equal at every place; None for undecided."""
    lengths: dict[sp.Symbol, int] = {}
    for node in [*components(before), *components(after)]:
        lengths.update(zip(node.args, shapes[component_name(node)], strict=True))
    free = sorted((before.free_symbols | after.free_symbols) & set(lengths), key=str)
    bound = {t.args[1] for e in (before, after) for t in e.atoms(Total)}
    outer = [letter for letter in free if letter not in bound]
    numbers = {size_symbol(name): sp.Integer(size) for name, size in sizes.items()}
    at = _at(values, lengths, numbers)
    places = [
        dict(zip(outer, index, strict=True))
        for index in np.ndindex(*(lengths[letter] for letter in outer))
    ]
    try:
        return identical((at(before, place), at(after, place)) for place in places)
    except Undecided:
        return None


def _at(
    values: Environment, lengths: Mapping[sp.Symbol, int], numbers: Mapping[sp.Symbol, sp.Integer]
) -> Callable[[sp.Expr, Mapping[sp.Symbol, int]], sp.Expr]:
    """A function that evaluates an index expression at a place."""

    def at(node: Any, place: Mapping[sp.Symbol, int]) -> sp.Expr:
        if isinstance(node, Total):
            body, letter = node.args
            return sp.Add(*(at(body, {**place, letter: k}) for k in range(lengths[letter])))
        if isinstance(node, sp.core.function.AppliedUndef):
            return values[component_name(node)][tuple(place[k] for k in node.args)]
        if not node.args:
            return numbers.get(node, node)
        return node.func(*(at(part, place) for part in node.args))

    return lambda node, place: opaque(at(node, place))
